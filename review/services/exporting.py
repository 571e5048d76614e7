"""Decisions as plain data, for whoever learns from them elsewhere.

Each line stands for itself: what the editor saw, what was decided of it and on what, and how much
it teaches. What was taken back is left out; what was taken back after it had been exported is said
by a line of its own, so that an export can be gone on with. What awaits a second opinion weighs
nothing; the line of that opinion names it (`seconds`), and stands for both.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

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
    begun, last = after, _last()
    while some := _page(after, last):
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


@transaction.atomic
def _last() -> int:
    """The newest decision, once none before it is still on its way.

    PostgreSQL gives out numbers before it commits: who decides more slowly has the lower one, and
    is seen later. An export that had gone past it would never come back for it, so whoever is
    deciding at the moment is waited for. SQLite has one writer at a time.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {Decision._meta.db_table} IN SHARE MODE")  # noqa: SLF001
    return Decision.objects.aggregate(last=Max("pk"))["last"] or 0


def _page(after: int, last: int) -> Sequence[Decision]:
    decisions = Decision.objects.filter(pk__gt=after, pk__lte=last).order_by("pk")
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
