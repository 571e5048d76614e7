"""One draft and its decisions; the answer to a decision is the next draft."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import trigger_client_event

from catalog.forms import whole_number
from catalog.prepared import Prepared
from generation.models import Draft
from review import previews, services
from review.errors import (
    CannotUndo,
    DraftHeld,
    DraftUnavailable,
    KeyReused,
    PlaceNotInText,
    TextRefused,
)
from review.forms import (
    DecisionForm,
    DeferForm,
    EditForm,
    PreviewForm,
    RejectForm,
    TakeOverForm,
    UndoForm,
    drafts_given,
)
from review.models import Decision
from review.views.bulk import tell_undone
from review.views.filters import filters_of
from review.views.queue import CARDS, draft_context, render_ahead, render_desk, standing

_TO_DECIDE = Prepared(Draft.objects.for_decision)
_MOST_SHOWN = 10  # drafts that a page lets go of


@require_safe
@login_required
@permission_required("generation.view_draft", raise_exception=True)
@vary_on_headers("HX-Request", "HX-Target")
def draft_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the desk with one draft open."""
    return render_desk(request, draft=CARDS.get_or_404(pk))


@require_POST
@login_required
@permission_required("review.add_decision", raise_exception=True)
def draft_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept a draft as it is, and give the next one."""
    draft = _draft_for(request, pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _refused(request, draft, _first_error(form), status=422)
    try:
        decision = services.approve_draft(draft, editor=request.user, given=_given(form))
    except (DraftUnavailable, KeyReused) as refusal:
        return _refused(request, draft, refusal)
    return _next(request, _("Approved: %(title)s"), draft, decision)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("review.add_decision", raise_exception=True)
def draft_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the form to edit a draft; save what was sent, which approves it."""
    draft = _draft_for(request, pk)
    if request.method != "POST":
        context = draft_context(draft)
        own = context["first"].final_text if context["first"] else draft.text
        form = EditForm(initial={"text": request.GET.get("text") or own})
        return _form(request, draft, "review/_edit_form.html", edit_form=form)
    form = EditForm(request.POST)
    if not form.is_valid():
        return _refused(request, draft, _first_error(form), edit_form=form, status=422)
    try:
        decision = services.edit_draft(
            draft, editor=request.user, text=form.cleaned_data["text"], given=_given(form)
        )
    except TextRefused as refusal:
        form.add_error("text", str(refusal))
        return _refused(request, draft, refusal, edit_form=form, status=422)
    except (DraftUnavailable, KeyReused) as refusal:
        return _refused(request, draft, refusal, mine=form.cleaned_data["text"])
    return _next(request, _("Edited and approved: %(title)s"), draft, decision)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("review.add_decision", raise_exception=True)
def draft_reject(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the form that asks why; refuse the draft for what was sent."""
    draft = _draft_for(request, pk)
    if request.method != "POST":
        return _form(request, draft, "review/_reject_form.html", reject_form=RejectForm())
    form = RejectForm(request.POST)
    if not form.is_valid():
        return _refused(request, draft, _first_error(form), reject_form=form, status=422)
    try:
        decision = services.reject_draft(
            draft,
            editor=request.user,
            reason=form.cleaned_data["reason"],
            note=form.cleaned_data["note"],
            fault=form.fault,
            given=_given(form),
        )
    except PlaceNotInText as refusal:
        form.add_error("spans", str(refusal))
        return _refused(request, draft, refusal, reject_form=form, status=422)
    except (DraftUnavailable, KeyReused) as refusal:
        note = form.cleaned_data["note"]
        return _refused(request, draft, refusal, reject_form=form, note=note)
    return _next(request, _("Rejected: %(title)s"), draft, decision)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("review.add_decision", raise_exception=True)
def draft_defer(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the form that asks for how long; put the draft off for what was sent."""
    draft = _draft_for(request, pk)
    if request.method != "POST":
        return _form(request, draft, "review/_defer_form.html", defer_form=DeferForm())
    form = DeferForm(request.POST)
    if not form.is_valid():
        return _refused(request, draft, _first_error(form), defer_form=form, status=422)
    until = timezone.now() + timedelta(hours=form.cleaned_data["hours"])
    note = form.cleaned_data["note"]
    try:
        decision = services.defer_draft(
            draft, editor=request.user, until=until, note=note, given=_given(form)
        )
    except (DraftUnavailable, KeyReused) as refusal:
        return _refused(request, draft, refusal, defer_form=form, note=note)
    return _next(request, _("Put off: %(title)s"), draft, decision)


@require_POST
@login_required
@permission_required("review.add_decision", raise_exception=True)
def draft_bring_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a draft that was put off back into the queue now, and show it."""
    draft = CARDS.get_or_404(pk)
    services.bring_back(draft)
    return _answer(request, draft=CARDS.get_or_404(pk))


@require_POST
@login_required
@permission_required("review.add_decision", raise_exception=True)
def decision_undo(request: HttpRequest) -> HttpResponse:
    """Take the editor's last decision back, or the one that is named, and show its draft again.

    What was decided in bulk last is taken back as it was decided: all of it.
    """
    form = UndoForm(request.POST)
    if not form.is_valid():
        return render_desk(request, notice=_first_error(form), status=422)
    named, current = form.cleaned_data["decision"], form.cleaned_data["current"]
    try:
        decision = named or services.last_decision(request.user)
        if decision.group and named is None:
            tell_undone(request, services.undo_group(decision.group, editor=request.user))
        else:
            services.undo_decision(decision, editor=request.user)
            words = _("Taken back: %(title)s") % {"title": decision.draft.title}
            messages.success(request, words)
    except CannotUndo as refusal:
        messages.warning(request, str(refusal))
        draft = CARDS.get(current) if current else None
        return _answer(request, draft=draft, status=409)
    answer = _answer(request, draft=CARDS.get_or_404(decision.draft_id))
    return trigger_client_event(answer, "galley:row-back") if request.htmx else answer


@require_POST
@login_required
@permission_required("review.add_decision", raise_exception=True)
def draft_claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Hold on to a draft that is still on the screen; say so where it is another one's by now.

    A page that no news reaches hears here what they would have told it: that somebody has decided
    the draft, or let it go.
    """
    draft = get_object_or_404(Draft.objects.all(), pk=pk)
    context = {"draft": draft, "filters": filters_of(request.GET).urlencode()}
    version = whole_number(request.POST.get("version", ""))  # every decision makes another one
    if not draft.is_open or version not in {None, draft.version}:
        answer = render(request, "review/_claim.html", context | {"is_decided": True})
        told = {"drafts": [draft.pk]}
        return trigger_client_event(answer, "galley:drafts-decided", told, after="settle")
    if "held" in request.POST:  # by somebody else, as the page says: it takes nothing by itself
        claim = services.holder_of(draft, editor=request.user)
        return render(
            request, "review/_claim.html", context | {"claim": claim, "is_free": not claim}
        )
    try:
        services.renew_claim(draft, editor=request.user)
    except DraftHeld as refusal:
        context["claim"] = refusal.claim
    return render(request, "review/_claim.html", context)


@require_POST
@login_required
@permission_required("review.add_decision", raise_exception=True)
def drafts_release(request: HttpRequest) -> HttpResponse:
    """Let go of what a page held that is being closed, and reads no answer."""
    shown = drafts_given(request.POST.get("drafts", ""), _MOST_SHOWN)
    services.release_drafts(shown, editor=request.user)
    return HttpResponse(status=204)


@require_POST
@login_required
@permission_required("review.add_decision", raise_exception=True)
def draft_take_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a draft from whoever has it open, as long as it waits; show it as it is then."""
    draft = CARDS.get_or_404(pk)
    form = TakeOverForm(request.POST)
    if not form.is_valid():
        return _refused(request, draft, _first_error(form), status=422)
    if draft.is_open:
        note = form.cleaned_data["note"]
        with suppress(DraftHeld):  # by somebody who opened it just now: the card says by whom
            services.take_over_draft(draft, editor=request.user, note=note)
    return _answer(request, draft=draft)


@require_POST
@login_required
@permission_required("review.add_decision", raise_exception=True)
def draft_diff(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what the text in the form changes of the draft, and how it looks where it goes."""
    draft = CARDS.get_or_404(pk)
    typed = request.POST.get("text", "")
    context = {"draft": draft, "typed": typed, "preview": _preview(draft, request.POST)}
    return render(request, "review/_typed.html", context)


@require_POST
@login_required
@permission_required("review.add_decision", raise_exception=True)
def draft_compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a text or a note that could not be sent beside what somebody else decided meanwhile."""
    draft = CARDS.get_or_404(pk)
    context = draft_context(draft)
    decision = context["decision"]
    mine, note = request.POST.get("text", ""), request.POST.get("note", "").strip()
    if draft.is_open or (decision and decision.editor == request.user):
        return HttpResponse(status=204)
    context |= {"mine": mine, "note": note, "filters": filters_of(request.GET).urlencode()}
    if note:  # also where nobody decided, because the draft expired
        return render(request, "review/_unsent_note.html", context)
    if decision is None or not mine.strip():
        return HttpResponse(status=204)
    return render(request, "review/_conflict.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("generation.view_draft", raise_exception=True)
@vary_on_headers("HX-Request", "HX-Target")
def draft_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a draft as one of its places shows it: the text in the form, or the one that stands."""
    draft = CARDS.get_or_404(pk)
    preview = _preview(draft, request.POST if request.method == "POST" else request.GET)
    if not request.htmx:
        return render_desk(request, draft=draft, preview=preview)
    return render(request, "review/_preview.html", {"draft": draft, "preview": preview})


def _draft_for(request: HttpRequest, pk: int) -> Draft:
    """A draft to show, or with what a decision looks at: an answer that shows it reads it anew."""
    if request.method != "POST":
        return CARDS.get_or_404(pk)
    return _TO_DECIDE.get_or_404(pk)


def _preview(draft: Draft, asked: QueryDict) -> previews.Preview | None:
    """What was asked to be looked at; None where nothing was, or nothing that is known."""
    form = PreviewForm(asked)
    if not form.is_valid():
        return None
    text = form.cleaned_data["text"] or _text_of(draft)
    return previews.preview_of(text, draft.brief, previews.Place(form.cleaned_data["place"]))


def _text_of(draft: Draft) -> str:
    """What an editor made of a draft, or else what the machine wrote."""
    decision = standing(list(Decision.objects.of(draft))) if draft.version > 1 else None
    return (decision and decision.final_text) or draft.text


def _form(request: HttpRequest, draft: Draft, template: str, **context: Any) -> HttpResponse:
    """A form alone for htmx, the desk with it open for a plain browser."""
    if not request.htmx:
        return render_desk(request, draft=draft, **context)
    full = {
        "filters": filters_of(request.GET).urlencode(),
        **draft_context(draft),
        **context,
    }
    return render(request, template, full)


def _next(request: HttpRequest, words: str, draft: Draft, decision: Decision) -> HttpResponse:
    """Say what was done, with a button that takes it back, and show the next draft that waits."""
    words %= {"title": draft.title}
    messages.success(request, words, extra_tags=str(decision.pk))
    if shown := _shown(request):
        return render_ahead(request, shown=shown, gone=draft.pk)
    return _answer(request, gone=draft.pk)


def _refused(
    request: HttpRequest, draft: Draft, why: object, *, status: int = 409, **context: Any
) -> HttpResponse:
    """Show the draft as it is now and why it was not decided, with what was typed.

    A page that has gone on to another draft is told, with the way back.
    """
    if shown := _shown(request):
        words = _("Not decided: %(title)s. %(why)s") % {"title": draft.title, "why": why}
        messages.error(request, words, extra_tags=reverse("review:draft-detail", args=[draft.pk]))
        return render_ahead(request, shown=shown, status=status)
    # A form that is not valid says itself why.
    if status == 409 or not context.keys() & {"edit_form", "reject_form", "defer_form"}:
        context["notice"] = why
    return render_desk(request, draft=CARDS.get_or_404(draft.pk), status=status, **context)


def _shown(request: HttpRequest) -> int | None:
    """The draft that the page shows by now, where it did not wait for the answer."""
    return whole_number(request.POST.get("shown", ""))


def _answer(
    request: HttpRequest, *, draft: Draft | None = None, gone: int | None = None, status: int = 200
) -> HttpResponse:
    """The desk with its messages for htmx; a plain browser is sent to it, and finds them there.

    `gone` is the draft whose row leaves the queue.
    """
    if request.htmx:
        return render_desk(request, draft=draft, status=status, gone=gone)
    place = reverse("review:draft-detail", args=[draft.pk]) if draft else reverse("review:queue")
    filters = filters_of(request.GET).urlencode()
    return redirect(f"{place}?{filters}" if filters else place)


def _given(form: DecisionForm) -> services.Circumstances:
    names = ("key", "version", "active_seconds", "shown_at")
    given = {name: form.cleaned_data[name] for name in names}
    return services.Circumstances(**given, source=Decision.Source.DESK)


def _first_error(form: Form) -> str:
    return next(iter(form.errors.values()))[0]
