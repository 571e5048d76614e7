"""Decisions as plain data, for whoever learns from them elsewhere.

Each line stands for itself: what the editor saw, what was decided of it and on what, and how much
it teaches. What was taken back is left out; what was taken back after it had been exported is said
by a line of its own, so that an export can be gone on with. What awaits a second opinion weighs
nothing; the line of that opinion names it (`seconds`), and stands for both.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from generation.models import Draft
from review.models import Decision
from review.services.deciding import weight_of

VERSION = 1  # of the lines; a name that is added does not change it
_AT_ONCE = 500  # decisions that are read together


def signals(after: int = 0) -> Iterator[dict[str, Any]]:
    """Give the decisions that came after one, in order.

    Args:
        after: the `id` of the last line that is there already; 0 to begin.

    Yields:
        One line each. With `verdict` "undone" it says that an earlier decision, `undoes`, counts no
        more, whether a line of that had come or not.
    """
    begun = after
    while some := _page(after):
        undone = set(
            Decision.objects.filter(undoes__in=[item.pk for item in some]).values_list(
                "undoes", flat=True
            )
        )
        for decision in some:
            if decision.verdict == Decision.Verdict.UNDONE:
                if decision.undoes_id <= begun:
                    yield _undoing(decision)
            elif decision.pk not in undone:
                yield _signal(decision, decision.draft)
        after = some[-1].pk


def _page(after: int) -> Sequence[Decision]:
    decisions = Decision.objects.filter(pk__gt=after).order_by("pk")
    whole = decisions.select_related("draft__product", "draft__kind", "draft__checkpoint")
    return list(whole[:_AT_ONCE])


def _undoing(decision: Decision) -> dict[str, Any]:
    return {
        "schema": VERSION,
        "id": decision.pk,
        "verdict": decision.verdict,
        "undoes": decision.undoes_id,
        "decided_at": decision.created_at.isoformat(),
    }


def _signal(decision: Decision, draft: Draft) -> dict[str, Any]:
    return {
        "schema": VERSION,
        "id": decision.pk,
        "key": str(decision.key),
        "verdict": decision.verdict,
        "weight": weight_of(decision),
        "reason": decision.reason,
        "severity": decision.severity,
        "spans": decision.spans,
        "note": decision.note,
        "text": draft.text,
        "final_text": decision.final_text,
        "edit_ratio": decision.edit_ratio,
        "brief": draft.brief,
        "sku": draft.product.sku,
        "kind": draft.kind.slug,
        "language": draft.language,
        "draft": draft.pk,
        "draft_version": decision.draft_version,
        "checkpoint": draft.checkpoint.digest,
        "seed": draft.seed,
        "score": decision.score,
        "rank": draft.rank,
        "by_chance": draft.is_random,
        "duplicate_of": draft.duplicate_of_id,
        "seconds": decision.seconds_id,
        "is_provisional": decision.is_provisional,
        "until": decision.until and decision.until.isoformat(),
        "findings": draft.findings,
        "source": decision.source,
        "group": decision.group and str(decision.group),
        "editor": decision.editor_id,
        "shown_at": decision.shown_at and decision.shown_at.isoformat(),
        "active_seconds": decision.active_seconds,
        "decided_at": decision.created_at.isoformat(),
    }
