"""The desk: the queue on the left, a draft in the middle, its facts on the right."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from catalog.models import Campaign, ContentKind
from generation.models import Draft, Run
from review.forms import QueueFilterForm, whole_number
from review.models import Decision

PAGE = 50


@dataclass(frozen=True)
class Desk:
    """One screen: the rows, the draft that is open, and what was asked for."""

    rows: list[Draft]
    draft: Draft | None
    waiting: int
    filters: str
    chosen: dict[str, Any]
    next_key: str


@require_safe
@login_required
@permission_required("generation.view_draft", raise_exception=True)
@vary_on_headers("HX-Request")
def queue(request: HttpRequest) -> HttpResponse:
    """Show the desk with the best draft that waits."""
    return render_desk(request)


@require_safe
@login_required
@permission_required("generation.view_draft", raise_exception=True)
def queue_rows(request: HttpRequest) -> HttpResponse:
    """Give more rows of the queue, or the first ones anew."""
    rows, next_key = page(request.GET)
    context = {
        "rows": rows,
        "next_key": next_key,
        "filters": filters_of(request.GET).urlencode(),
        "current": whole_number(request.GET.get("current", "")),
    }
    return render(request, "review/_queue_rows.html", context)


def render_desk(
    request: HttpRequest, *, draft: Draft | None = None, status: int = 200, **context: Any
) -> HttpResponse:
    """Render the desk: the frame for htmx, its page for a plain browser."""
    params = request.GET
    rows, next_key = page(params)
    if draft is None and rows:
        draft = Draft.objects.for_card().get(pk=rows[0].pk)
    filters = filters_of(params)
    desk = Desk(
        rows=rows,
        draft=draft,
        waiting=waiting(params).count(),
        filters=filters.urlencode(),
        chosen=filters.dict(),
        next_key=next_key,
    )
    full = {
        "desk": desk,
        "rows": rows,
        "next_key": next_key,
        "filters": desk.filters,
        "current": draft.pk if draft else None,
        "kinds": ContentKind.objects.all(),
        "campaigns": Campaign.objects.open()[:50],
        "reasons": Decision.Reason.choices,
        "is_writing": Run.objects.unfinished().exists() if not rows else False,
        **draft_context(draft),
        **context,
    }
    template = "review/_desk.html" if request.htmx else "review/queue.html"
    return render(request, template, full, status=status)


def draft_context(draft: Draft | None) -> dict[str, Any]:
    """What the card of a draft shows besides the draft itself."""
    if draft is None:
        return {}
    others = Draft.objects.filter(run_id=draft.run_id, kind_id=draft.kind_id)
    total = others.count()
    below = others.filter(score__lt=draft.score).count()
    return {
        "draft": draft,
        "title": draft.product.title(draft.language),
        "decision": Decision.objects.select_related("editor").filter(draft=draft).first(),
        "publications": list(draft.publications.select_related("channel")),
        "percent_below": round(100 * below / total) if total else 0,
        "nearest": _nearest(draft),
    }


def _nearest(draft: Draft) -> list[dict[str, Any]]:
    """The rejections that the draft was like when it was written, as they were decided."""
    kept = draft.explanation.get("rejections", ())
    if not kept:
        return []
    refused = Decision.objects.select_related("editor", "draft").filter(
        draft__in=[near["draft"] for near in kept]
    )
    decisions = {decision.draft_id: decision for decision in refused}
    return [
        {"decision": decisions[near["draft"]], "percent": round(100 * near["similarity"])}
        for near in kept
        if near["draft"] in decisions
    ]


def waiting(params: QueryDict) -> QuerySet[Draft]:
    """The drafts that wait and that the filters let through."""
    drafts = Draft.objects.awaiting_review()
    form = QueueFilterForm(params)
    form.is_valid()
    chosen = form.cleaned_data
    if chosen.get("kind"):
        drafts = drafts.filter(kind=chosen["kind"])
    if chosen.get("language"):
        drafts = drafts.filter(language=chosen["language"])
    if chosen.get("campaign"):
        drafts = drafts.filter(run__campaign=chosen["campaign"])
    if chosen.get("q"):
        words = chosen["q"]
        drafts = drafts.filter(Q(text__icontains=words) | Q(product__sku__icontains=words))
    return drafts


def page(params: QueryDict) -> tuple[list[Draft], str]:
    """One page of the queue by keyset: its rows, and the key of the next page or ""."""
    drafts = waiting(params).for_queue().order_by("-run_id", "-score", "pk")
    if key := _place(params.get("after", "")):
        run, score, pk = key
        drafts = drafts.filter(
            Q(run_id__lt=run)
            | Q(run_id=run, score__lt=score)
            | Q(run_id=run, score=score, pk__gt=pk)
        )
    rows = list(drafts[: PAGE + 1])
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    last = rows[-1] if more else None
    return rows, f"{last.run_id}_{last.score!r}_{last.pk}" if last else ""


def _place(key: str) -> tuple[int, float, int] | None:
    """The run, score and draft that a page begins after; None, the first page, if mistyped."""
    parts = key.split("_")
    if len(parts) != 3:
        return None
    run, pk = whole_number(parts[0]), whole_number(parts[2])
    try:
        score = float(parts[1])
    except ValueError:
        return None
    if run is None or pk is None or not isfinite(score):
        return None
    return run, score, pk


def filters_of(params: QueryDict) -> QueryDict:
    """The filters of an address, without the rest."""
    kept = QueryDict(mutable=True)
    for name in QueueFilterForm.base_fields:
        if params.get(name):
            kept[name] = params[name]
    return kept
