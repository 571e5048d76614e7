"""What is said of a draft: read, written, resolved, removed; and whom one can name in it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from catalog.forms import whole_number
from generation.models import Draft
from review import services
from review.errors import CommentLength, CommentRefused, PlaceNotInText
from review.forms import CommentForm
from review.models import Comment
from review.views.filters import filters_of
from review.views.queue import CARDS, render_desk


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("generation.view_draft", raise_exception=True)
@vary_on_headers("HX-Request", "HX-Target")
def draft_comments(request: HttpRequest, pk: int) -> HttpResponse:
    """Give what is said of a draft, or the form to reply to a comment; keep what was sent."""
    draft = CARDS.get_or_404(pk)
    if request.method != "POST":
        return _talk(request, draft, reply_to=request.GET.get("reply", ""))
    form = CommentForm(request.POST)
    reply_to = request.POST.get("parent", "")
    if not form.is_valid():
        problem = next(iter(form.errors.values()))[0]
        return _talk(request, draft, reply_to=reply_to, problem=problem, form=form, status=422)
    given = form.cleaned_data
    try:
        said = services.comment_on(
            draft,
            author=request.user,
            text=given["text"],
            place=form.place,
            parent=given["parent"],
            key=given["key"],
        )
    except (CommentRefused, PlaceNotInText) as refusal:
        status = 422 if isinstance(refusal, CommentLength | PlaceNotInText) else 409
        return _talk(request, draft, reply_to=reply_to, problem=refusal, form=form, status=status)
    return _said(request, draft, said.unknown)


@require_POST
@login_required
@permission_required("generation.view_draft", raise_exception=True)
def comment_resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that what a comment asks for is done."""
    comment = get_object_or_404(Comment, pk=pk)
    try:
        services.resolve_comment(comment, user=request.user)
    except CommentRefused as refusal:
        return _list(request, comment, refusal)
    return _list(request, comment)


@require_POST
@login_required
@permission_required("generation.view_draft", raise_exception=True)
def comment_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the words out of a comment of one's own."""
    comment = get_object_or_404(Comment.objects.select_related("author"), pk=pk)
    try:
        services.remove_comment(comment, user=request.user)
    except CommentRefused as refusal:
        return _list(request, comment, refusal)
    return _list(request, comment)


@require_safe
@login_required
@permission_required("generation.view_draft", raise_exception=True)
def names(request: HttpRequest) -> JsonResponse:
    """Give the names that begin as one is typed."""
    return JsonResponse({"names": services.names_like(request.GET.get("q", ""))})


def _talk(
    request: HttpRequest, draft: Draft, *, reply_to: str, status: int = 200, **context: Any
) -> HttpResponse:
    """What is said, with its form: a fragment for htmx, the desk with it for a plain browser."""
    started = Comment.objects.open().filter(draft=draft, pk=whole_number(reply_to))
    parent = started.select_related("author").first() if reply_to else None
    talk = {"reply_to": parent, **{f"talk_{name}": value for name, value in context.items()}}
    if not request.htmx:
        return render_desk(request, draft=draft, status=status, **talk)
    return _answer(request, draft, status=status, **talk)


def _said(request: HttpRequest, draft: Draft, unknown: list[str]) -> HttpResponse:
    """What is said by now, with an empty form, and whom it could not tell."""
    words = ""
    if unknown:
        words = ngettext(
            "Nobody who may see drafts is called %(names)s: it stays as plain text.",
            "Nobody who may see drafts is called %(names)s: they stay as plain text.",
            len(unknown),
        ) % {"names": ", ".join(f"@{name}" for name in dict.fromkeys(unknown))}
    if request.htmx:
        draft.is_discussed = True
        return _answer(request, draft, talk_notice=words)
    if words:
        messages.warning(request, words)
    return _back(request, draft.pk)


def _list(
    request: HttpRequest, comment: Comment, refusal: CommentRefused | None = None
) -> HttpResponse:
    """What is said by now, and why it did not change."""
    if not request.htmx:
        if refusal:
            messages.warning(request, str(refusal))
        return _back(request, comment.draft_id)
    draft = CARDS.get_or_404(comment.draft_id)
    return _answer(request, draft, status=409 if refusal else 200, list_problem=refusal)


def _answer(
    request: HttpRequest, draft: Draft, *, status: int = 200, **context: Any
) -> HttpResponse:
    """What is said by now, with or without the form, and the copy with the places it is about."""
    context |= {
        "draft": draft,
        "threads": services.threads_of(draft) if draft.is_discussed else [],
        "whole": request.htmx.target != "comment-list",
        "with_copy": "copy" in request.GET or "copy" in request.POST,
        "key": uuid4(),
        "filters": filters_of(request.GET).urlencode(),
    }
    return render(request, "review/_comment_answer.html", context, status=status)


def _back(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a plain browser to the comments of a draft."""
    filters = filters_of(request.GET).urlencode()
    place = reverse("review:draft-detail", args=[pk])
    return redirect(f"{place}?{filters}#comments" if filters else f"{place}#comments")
