"""One draft and its decisions; the answer to a decision is the next draft."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from generation.models import Draft
from review import services
from review.errors import DraftAlreadyDecided, TextRefused
from review.forms import DecisionForm, EditForm, RejectForm
from review.models import Decision
from review.views.queue import draft_context, filters_of, render_desk


@require_safe
@login_required
@permission_required("generation.view_draft", raise_exception=True)
@vary_on_headers("HX-Request")
def draft_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the desk with one draft open."""
    return render_desk(request, draft=_draft(pk))


@require_POST
@login_required
@permission_required("review.add_decision", raise_exception=True)
def draft_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept a draft as it is, and give the next one."""
    draft = _draft(pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return render_desk(request, draft=draft, notice=_first_error(form), status=422)
    try:
        services.approve_draft(draft, editor=request.user, **_given(form))
    except DraftAlreadyDecided as refusal:
        return render_desk(request, draft=_draft(pk), notice=refusal, status=409)
    return _next(request, _("Approved: %(title)s"), draft)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("review.add_decision", raise_exception=True)
def draft_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the form to edit a draft; save what was sent, which approves it."""
    draft = _draft(pk)
    if request.method != "POST":
        form = EditForm(initial={"text": request.GET.get("text") or draft.text})
        return _form(request, draft, "review/_edit_form.html", edit_form=form)
    form = EditForm(request.POST)
    if not form.is_valid():
        return render_desk(request, draft=draft, edit_form=form, status=422)
    try:
        services.edit_draft(
            draft, editor=request.user, text=form.cleaned_data["text"], **_given(form)
        )
    except TextRefused as refusal:
        form.add_error("text", str(refusal))
        return render_desk(request, draft=draft, edit_form=form, status=422)
    except DraftAlreadyDecided as refusal:
        mine = form.cleaned_data["text"]
        return render_desk(request, draft=_draft(pk), notice=refusal, mine=mine, status=409)
    return _next(request, _("Edited and approved: %(title)s"), draft)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("review.add_decision", raise_exception=True)
def draft_reject(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the form that asks why; refuse the draft for what was sent."""
    draft = _draft(pk)
    if request.method != "POST":
        return _form(request, draft, "review/_reject_form.html", reject_form=RejectForm())
    form = RejectForm(request.POST)
    if not form.is_valid():
        return render_desk(request, draft=draft, reject_form=form, status=422)
    try:
        services.reject_draft(
            draft,
            editor=request.user,
            reason=form.cleaned_data["reason"],
            note=form.cleaned_data["note"],
            **_given(form),
        )
    except DraftAlreadyDecided as refusal:
        return render_desk(request, draft=_draft(pk), notice=refusal, status=409)
    return _next(request, _("Rejected: %(title)s"), draft)


@require_POST
@login_required
@permission_required("review.add_decision", raise_exception=True)
def draft_diff(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what the text in the form changes of the draft."""
    draft = get_object_or_404(Draft, pk=pk)
    context = {"draft": draft, "typed": request.POST.get("text", "")}
    return render(request, "review/_edit_diff.html", context)


def _draft(pk: int) -> Draft:
    return get_object_or_404(Draft.objects.for_card(), pk=pk)


def _form(request: HttpRequest, draft: Draft, template: str, **context: Any) -> HttpResponse:
    """A form alone for htmx, the desk with it open for a plain browser."""
    if not request.htmx:
        return render_desk(request, draft=draft, **context)
    full = {
        "filters": filters_of(request.GET).urlencode(),
        "reasons": Decision.Reason.choices,
        **draft_context(draft),
        **context,
    }
    return render(request, template, full)


def _next(request: HttpRequest, words: str, draft: Draft) -> HttpResponse:
    """Say what was done, and show the next draft that waits."""
    messages.success(request, words % {"title": draft.product.title(draft.language)})
    if request.htmx:
        return render_desk(request, is_answer=True)
    filters = filters_of(request.GET).urlencode()
    return redirect(f"{reverse('review:queue')}?{filters}" if filters else "review:queue")


def _given(form: DecisionForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in ("version", "active_seconds")}


def _first_error(form: DecisionForm) -> str:
    return next(iter(form.errors.values()))[0]
