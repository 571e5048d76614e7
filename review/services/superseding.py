"""A newer text was accepted: older ones of its place that nobody has decided leave the desk.

Approved later, one of them would cover the newer text on its shelf, and nobody would notice. What
somebody has accepted or put off stays, and its card says that there is a newer text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db import transaction

from catalog import audit
from generation import live
from generation.models import Draft, Run
from review.models import Decision, Supersession

_Place = tuple[int, int, int, str]


def newest(decisions: Sequence[Decision]) -> list[Decision]:
    """Without those on drafts to which a draft of a later run is preferred among them.

    Args:
        decisions: not written yet, on drafts as `for_decision` gives them.
    """
    last: dict[_Place, int] = defaultdict(int)
    for one in decisions:
        if _settles(one):
            place = _place(one.draft, one.draft.campaign)
            last[place] = max(last[place], one.draft.run_id)
    return [
        one
        for one in decisions
        if one.draft.status != Draft.Status.PROPOSED
        or one.draft.run_id >= last[_place(one.draft, one.draft.campaign)]
    ]


def supersede(decisions: Sequence[Decision], *, editor: User) -> None:
    """Have older drafts give way to what decisions accept, and keep to which.

    They are of an earlier run of the same campaign, for the same product, kind and language, and
    nobody has decided them. Whoever decides one at this moment does so.

    Args:
        decisions: made just now; a draft whose `has_older` is False is not asked about.
        editor: who made them.
    """
    asked = [one for one in decisions if _settles(one) and getattr(one.draft, "has_older", True)]
    if not asked:
        return
    gone = _older(asked)
    if not gone:
        return
    Draft.objects.filter(pk__in=gone).give_way()
    Supersession.objects.bulk_create(
        Supersession(draft_id=pk, decision=decision) for pk, decision in gone.items()
    )
    newer = sorted({decision.draft_id for decision in gone.values()})
    audit.record("drafts.supersede", editor, user=editor, drafts=sorted(gone), by=newer)
    transaction.on_commit(lambda: live.announce_decided(list(gone)), robust=True)


def restore(decisions: Sequence[Decision]) -> None:
    """Put back what had given way to what decisions accepted, now that these are taken back."""
    rows = Supersession.objects.filter(decision__in=decisions)
    runs: dict[int, list[int]] = defaultdict(list)
    for pk, run in rows.order_by("draft").values_list("draft", "draft__run"):
        runs[run].append(pk)
    if not runs:
        return
    rows.delete()
    Draft.objects.filter(pk__in=[pk for drafts in runs.values() for pk in drafts]).revive()
    for run, drafts in runs.items():
        transaction.on_commit(
            lambda run=run, drafts=drafts: live.announce_drafts_ready(run, drafts), robust=True
        )


def _older(decisions: Sequence[Decision]) -> dict[int, Decision]:
    """The drafts that give way, each locked, with the decision on the newest that it gives way to.

    One that somebody else has locked is being decided, and stays.
    """
    drafts = [one.draft for one in decisions]
    runs = Run.objects.filter(pk__in={draft.run_id for draft in drafts})
    campaigns = dict(runs.values_list("pk", "campaign"))
    by_place: dict[_Place, list[Decision]] = defaultdict(list)
    for one in sorted(decisions, key=lambda one: one.draft.run_id):
        by_place[_place(one.draft, campaigns[one.draft.run_id])].append(one)
    waiting = Draft.objects.awaiting_review().filter(
        product__in={draft.product_id for draft in drafts},
        run__campaign__in=set(campaigns.values()),
        run__lt=max(campaigns),
    )
    gone = {}
    locked = waiting.select_related("run").select_for_update(of=("self",), skip_locked=True)
    for draft in locked.only("product", "kind", "language", "run__campaign"):
        newer = by_place.get(_place(draft, draft.run.campaign_id), [])
        if newer and newer[-1].draft.run_id > draft.run_id:
            gone[draft.pk] = newer[-1]
    return gone


def _place(draft: Draft, campaign: int) -> _Place:
    return campaign, draft.product_id, draft.kind_id, draft.language


def _settles(decision: Decision) -> bool:
    """Whether it accepts a text, and for good."""
    return bool(decision.final_text) and not decision.is_provisional
