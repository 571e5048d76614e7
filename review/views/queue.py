"""The desk: the queue on the left, a draft in the middle, its facts on the right."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from hashlib import sha256
from math import isfinite
from time import monotonic
from typing import Any
from uuid import uuid4

from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from catalog.forms import whole_number, whole_numbers
from catalog.models import Campaign
from catalog.prepared import Prepared
from generation import ranking
from generation.models import Draft, Run
from review import previews, services
from review.errors import DraftHeld
from review.forms import DeferForm
from review.models import Claim, Comment, Decision, ShelfCopy
from review.views.filters import KEPT_SECONDS, MORE, choices, filters_of, shared, waiting

PAGE = 50
MOST = 1_000  # drafts that are counted
_MOST_ROWS = 500  # that are given at once, to a page that has them already
_MOST_UNSENT = 100  # decisions of a page that wait for a connection, and hold their drafts
_MOST_ALIKE = 20  # drafts that are listed with one that they are like


@require_safe
@login_required
@permission_required("generation.view_draft", raise_exception=True)
@vary_on_headers("HX-Request", "HX-Target")
def queue(request: HttpRequest) -> HttpResponse:
    """Show the desk with the best draft that waits."""
    return render_desk(request)


@require_safe
@login_required
@permission_required("generation.view_draft", raise_exception=True)
def queue_rows(request: HttpRequest) -> HttpResponse:
    """Give more rows of the queue, or the first ones anew, or those that are named as they are."""
    current = whole_number(request.GET.get("current", ""))
    rows = _rows(request, waiting(request.GET, request.user))
    context = {**rows, "current": current, "oob": "only" in request.GET}
    return render(request, "review/_queue_rows.html", context)


@require_safe
@login_required
@permission_required("generation.view_draft", raise_exception=True)
def queue_counts(request: HttpRequest) -> HttpResponse:
    """Say how many drafts wait by now: others decide some meanwhile, and more are written."""
    counted = _counted(request, waiting(request.GET, request.user))
    return render(request, "review/_counts.html", counted)


@require_safe
@login_required
@permission_required("generation.view_draft", raise_exception=True)
def queue_filters(request: HttpRequest) -> HttpResponse:
    """Give the filters that are folded away until somebody asks for them."""
    chosen = filters_of(request.GET).dict()
    context = {"chosen": chosen, "more_shown": True, **choices(request.user)}
    return render(request, "review/_queue_filters.html", context)


@require_safe
@login_required
@permission_required("review.add_decision", raise_exception=True)
def draft_ahead(request: HttpRequest) -> HttpResponse:
    """Give the draft after the one that is open, for a page that will show it when it is asked."""
    shown = whole_number(request.GET.get("shown", ""))
    drafts = waiting(request.GET, request.user)
    counted = _counted(request, drafts, less=0)
    return JsonResponse({"ahead": _ahead(request, drafts, shown, counted)})


def render_ahead(
    request: HttpRequest, *, shown: int, status: int = 200, **context: Any
) -> JsonResponse:
    """Answer a page that shows the next draft already: with what is new, and the draft after that.

    Args:
        request: whose messages and filters these are.
        shown: the draft that the page shows.
        status: of the answer.
        context: what else the news say.

    Returns:
        `news`: HTML that is swapped in where its ids are. `ahead`: as `draft_ahead` gives it.
    """
    drafts = waiting(request.GET, request.user)
    counted = _counted(request, drafts, less=int("gone" in context))
    ahead = _ahead(request, drafts, shown, counted)
    context |= {"filters": filters_of(request.GET).urlencode(), "progress": True}
    news = render_to_string("review/_news.html", counted | context, request)
    return JsonResponse({"news": news, "ahead": ahead}, status=status)


def _counted(
    request: HttpRequest, drafts: QuerySet[Draft], *, less: int | None = None
) -> dict[str, int]:
    """How many drafts wait, as far as that is counted.

    Args:
        request: whose drafts these are, and as what they narrowed them.
        drafts: that wait.
        less: how many fewer than when it was asked last, if that was some seconds ago and no more;
            None counts anew. So a row of decisions counts down.
    """
    asked = sha256(filters_of(request.GET).urlencode().encode()).hexdigest()
    name = f"review.queue.count.{request.user.pk}.{asked}"
    kept = cache.get(name) if less is not None else None
    if kept is None:
        # An index gives them out in their order; those of a category are found by their products.
        counted = drafts.order_by() if request.GET.get("category") else drafts
        number, until = counted[:MOST].count(), monotonic() + KEPT_SECONDS
    else:
        number, until = kept
        number -= less if 0 < number < MOST else 0
    cache.set(name, (number, until), max(0.0, until - monotonic()))
    return {"waiting": number, "most": MOST}


def _ahead(
    request: HttpRequest, drafts: QuerySet[Draft], shown: int | None, counted: dict
) -> dict[str, Any] | None:
    """The draft after the one that is shown, held for the editor, with all that the desk shows."""
    params = request.POST if request.method == "POST" else request.GET
    unsent = whole_numbers(params.get("unsent", ""), _MOST_UNSENT)
    beside = {shown, *unsent} if shown else set(unsent)
    draft = services.claim_first(drafts, editor=request.user, beside=beside, cards=CARDS)
    if draft is None:
        return None
    number = counted["waiting"]
    context = {
        **counted,
        "waiting": number - (number < MOST),  # once the one before it is decided
        "filters": filters_of(request.GET).urlencode(),
        **draft_context(draft),
    }
    html = render_to_string("review/_next.html", context, request)
    return {"draft": draft.pk, "given": context["given"], "html": html}


def render_desk(
    request: HttpRequest, *, draft: Draft | None = None, status: int = 200, **context: Any
) -> HttpResponse:
    """Render the desk: what is worked on for htmx, with the queue if it asks for that, or the page.

    Without a draft it is the first that waits and that nobody else has open.
    """
    drafts = waiting(request.GET, request.user)
    draft, claim = _opened(request, draft, drafts)
    filters = filters_of(request.GET)
    counted = _counted(request, drafts, less=1 if "gone" in context else None)
    is_empty = not (counted["waiting"] or filters)
    shown = {
        "filters": filters.urlencode(),
        **counted,
        "current": draft.pk if draft else None,
        "claim": claim,
        "is_writing": is_empty and _is_writing(),
        "is_elsewhere": is_empty and Draft.objects.awaiting_review().exists(),
        **draft_context(draft),
        **context,
    }
    if request.htmx and request.htmx.target != "desk":
        return render(request, "review/_answer.html", shown, status=status)
    template = "review/_desk.html" if request.htmx else "review/queue.html"
    more = "more" in request.GET or any(filters.get(name) for name in MORE)
    chosen = {"chosen": filters.dict(), "more_shown": more}
    whole = {**chosen, **_rows(request, drafts), **choices(request.user), **shown}
    if not (request.htmx or filters or "tour" in whole):  # the desk that a sign-in leads to
        whole["wants_tour"] = services.needs_tour(request.user)
    return render(request, template, whole, status=status)


def _is_writing() -> bool:
    """Whether drafts are on their way, or the clock is about to order some."""
    return Run.objects.unfinished().exists() or Campaign.objects.due(timezone.now()).exists()


def _opened(
    request: HttpRequest, draft: Draft | None, drafts: QuerySet[Draft]
) -> tuple[Draft | None, Claim | None]:
    """The draft to show, held for who may decide it, and the claim of whoever else holds it."""
    editor = request.user
    if not editor.has_perm("review.add_decision"):
        return draft or _first(drafts), None
    if draft is None:
        if request.GET.get("view") == "later":  # nobody decides these before they are back
            return _first(drafts), None
        return services.claim_first(drafts, editor=editor, cards=CARDS), None
    if not draft.is_open or services.is_own_text(draft, editor=editor):
        return draft, None
    try:
        services.claim_draft(draft, editor=editor)
    except DraftHeld as refusal:
        return draft, refusal.claim
    return draft, None


def _first(drafts: QuerySet[Draft]) -> Draft | None:
    """The first of some drafts, with what the desk shows of it."""
    return next(iter(CARDS.rows.filter(pk__in=drafts.values("pk")[:1])), None)


def _cards() -> QuerySet[Draft]:
    """All drafts, in no order, with what the desk shows of one.

    That is, besides what belongs to them: by when each is wanted (`due_at`), or None; the text that
    it would cover on the shelf (`live_text`), or None; whether anybody has commented on them
    (`is_discussed`); whether later ones are nearly the same (`is_likened`); whose they are to
    decide (`assignee`), or None; the newest text of a later run that was accepted for their place
    (`newer`), or None; and to which draft they gave way, if they did, and when (`superseded_by`,
    `superseded_at`).
    """
    return (
        Draft.objects.for_card()
        .annotate(
            due_at=F("run__campaign__due_at"),
            live_text=ShelfCopy.objects.text_in_place_of(),
            is_discussed=Comment.objects.on_draft(),
            is_likened=Draft.objects.duplicates_there(),
            assignee=F("assignment__editor__username"),
            newer=Draft.objects.newer_in_place(),
            superseded_by=F("supersession__decision__draft"),
            superseded_at=F("supersession__decision__created_at"),
        )
        .order_by()
    )


CARDS = Prepared(_cards)


def draft_context(draft: Draft | None) -> dict[str, Any]:
    """What the card of a draft shows besides the draft itself."""
    if draft is None:
        return {}
    is_new = draft.version == 1  # every decision makes another version of it
    decisions = [] if is_new else list(Decision.objects.of(draft))
    verdict = standing(decisions)
    first = verdict if draft.status == Draft.Status.SECOND else None
    return {
        "draft": draft,
        "given": f"{timezone.now().timestamp() * 1_000_000:.0f}",  # when, in microseconds
        "key": uuid4(),
        **asked(),
        "first": first,
        "why": ranking.why(draft.score, len(draft.findings), is_random=draft.is_random),
        "decision": None if first else verdict,
        "decisions": decisions,
        "publications": [] if is_new else list(draft.publications.select_related("channel")),
        "percent_below": _percent_below(draft),
        "nearest": _nearest(draft),
        **_alike(draft),
        "threads": services.threads_of(draft) if draft.is_discussed else [],
        "previews": previews.offered(draft.brief.get("kind", "")),
    }


def asked() -> dict[str, Any]:
    """What whoever rejects a draft or puts it off chooses from."""
    return {
        "reasons": Decision.Reason.choices,
        "severities": Decision.Severity.choices,
        "delays": DeferForm.DELAYS,
    }


def _percent_below(draft: Draft) -> int:
    """The share of its run's drafts of its kind that score less, as a percentage."""
    name = f"review.scores.{draft.run_id}.{draft.kind_id}"
    scores = cache.get_or_set(
        name, lambda: array("d", Draft.objects.scores(draft.run_id, draft.kind_id)), KEPT_SECONDS
    )
    return round(100 * bisect_left(scores, draft.score) / len(scores)) if scores else 0


def standing(decisions: list[Decision]) -> Decision | None:
    """The verdict that stands, out of all that a draft has had; a second one stands for both."""
    undone = {decision.undoes_id for decision in decisions}
    for decision in reversed(decisions):
        if decision.verdict in Decision.VERDICTS and decision.pk not in undone:
            return decision
    return None


def _nearest(draft: Draft) -> list[dict[str, Any]]:
    """The rejections that the draft was like when it was written, as they were decided."""
    kept = draft.explanation.get("rejections", ())
    if not kept:
        return []
    refused = (
        Decision.objects.standing()
        .select_related("editor", "draft")
        .filter(verdict=Decision.Verdict.REJECTED, draft__in=[near["draft"] for near in kept])
    )
    decisions = {decision.draft_id: decision for decision in refused}
    return [
        {"decision": decisions[near["draft"]], "percent": round(100 * near["similarity"])}
        for near in kept
        if near["draft"] in decisions
    ]


def _alike(draft: Draft) -> dict[str, Any]:
    """The drafts for other products that are nearly the same, and those that wait with this one."""
    if draft.duplicate_of_id is None and not draft.is_likened:
        return {}
    others = list(Draft.objects.alike(draft)[:_MOST_ALIKE])
    waiting = [other.pk for other in others if other.status == Draft.Status.PROPOSED]
    together = [draft.pk, *waiting] if draft.status == Draft.Status.PROPOSED and waiting else []
    return {"alike": others, "together": together}


def _rows(request: HttpRequest, drafts: QuerySet[Draft]) -> dict[str, Any]:
    """What a page of the queue shows of these drafts."""
    rows, next_key = page(drafts, request.GET, request.user)
    filters = filters_of(request.GET).urlencode()
    return {
        "rows": rows,
        "now": timezone.now(),
        "may_decide": request.user.has_perm("review.add_decision"),
        "next_key": next_key,
        "filters": filters,
        "shared": shared(request.GET),
        "place": reverse("review:draft-detail", args=[0]).removesuffix("0/"),
        "asked": f"?{filters}" if filters else "",
    }


def page(drafts: QuerySet[Draft], params: QueryDict, editor: User) -> tuple[list[Draft], str]:
    """One page of the drafts by keyset: its rows, and the key of the next page or "".

    It has as many `rows` as an address asks for, where those are more than usual.
    Each row says which other editor has it open (`holder`), how many comments on it are open, and
    how many drafts that are nearly the same are read with it (`folded`).
    """
    holder = Claim.objects.holder(editor, timezone.now())
    drafts = drafts.for_queue().annotate(
        holder=holder,
        assignee=F("assignment__editor__username"),
        open_comments=Comment.objects.number_open(),
        folded=Draft.objects.number_folded(),
    )
    if params.get("q") and (last := whole_number(params.get("after", ""))):
        drafts = drafts.filter(words__lt=last)
    elif key := _place(params.get("after", "")):
        turn, rank, pk = key
        drafts = drafts.filter(
            Q(turn__lt=turn) | Q(turn=turn, rank__lt=rank) | Q(turn=turn, rank=rank, pk__gt=pk),
            turn__lte=turn,  # from where an index can begin to read
        )
    if only := params.get("only"):
        drafts = drafts.filter(pk__in=whole_numbers(only, PAGE))
    size = min(max(PAGE, whole_number(params.get("rows", "")) or 0), _MOST_ROWS)
    rows = list(drafts[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    last = rows[-1] if more else None
    if last is None:
        return rows, ""
    return rows, str(last.pk) if params.get("q") else f"{last.turn}_{last.rank!r}_{last.pk}"


def _place(key: str) -> tuple[int, float, int] | None:
    """The turn, rank and draft that a page begins after; None, the first page, if mistyped."""
    parts = key.split("_")
    if len(parts) != 3:
        return None
    turn, pk = whole_number(parts[0]), whole_number(parts[2])
    try:
        rank = float(parts[1])
    except ValueError:
        return None
    if turn is None or pk is None or not isfinite(rank):
        return None
    return turn, rank, pk
