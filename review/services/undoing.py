"""Taking a decision back: the draft waits again, and what came of the decision is undone.

A second opinion that is taken back leaves the first one, and the draft awaits another.

Nothing is erased. The verdict stays with a row beside it that says who took it back and when; what
it taught is forgotten, and its text comes off its channels. What a checkpoint has learnt of it
stays learnt, so only a lead takes such a decision back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Self
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from catalog.models import Campaign
from generation import live
from generation.models import Draft, Example
from review.errors import (
    AlreadyLearnt,
    AlreadySeconded,
    AlreadyUndone,
    CampaignIsClosed,
    CannotUndo,
    DraftIsBack,
    KeyReused,
    NothingToUndo,
    NotYourDecision,
    TextOnItsWay,
    TooLateToUndo,
)
from review.models import Decision, Notification, Publication
from review.services.notifying import notify
from review.services.publishing import withdraw_publications
from review.services.superseding import restore

UNDO_ANY = "review.undo_any_decision"


def last_decision(editor: User) -> Decision:
    """The newest decision that an editor can take back.

    Raises:
        NothingToUndo: there is none.
    """
    minutes = settings.GALLEY_UNDO_MINUTES
    start = timezone.now() - timedelta(minutes=minutes)
    mine = Decision.objects.by(editor).revocable().since(start)
    decision = mine.select_related("draft").first()
    if decision is None:
        raise NothingToUndo(minutes)
    return decision


@transaction.atomic
def undo_decision(decision: Decision, *, editor: User, key: UUID | None = None) -> Decision:
    """Take a decision back: its draft is proposed again, and its text on no channel.

    An editor has `GALLEY_UNDO_MINUTES` for decisions of their own, as long as no checkpoint has
    learnt from them; who may `review.undo_any_decision` has no such bounds. Whoever made a
    decision that somebody else takes back is notified.

    Args:
        decision: the verdict.
        editor: who takes it back.
        key: of the wish, which may come twice; a new one where nobody will ask twice.

    Returns:
        The row that says so.

    Raises:
        CannotUndo: one of its kinds, which says why; nothing is written.
        KeyReused: the key belongs to another decision; nothing is written.
    """
    Draft.objects.select_for_update().get(pk=decision.draft_id)
    named = Decision.objects.filter(key=key).first() if key else None
    if named and named.undoes_id == decision.pk:
        return named
    if named:
        raise KeyReused
    undoings, refusals = take_back([decision], editor=editor, key=key)
    for refusal in refusals.values():
        raise refusal
    return undoings[0]


@transaction.atomic
def take_back(
    decisions: Sequence[Decision], *, editor: User, key: UUID | None = None
) -> tuple[list[Decision], dict[int, CannotUndo]]:
    """Take back those of some decisions that this editor may, on one draft each.

    Args:
        decisions: the verdicts.
        editor: who takes them back.
        key: of the wish, where that is for one decision alone.

    Returns:
        The rows that say so, and why the others stand, by their draft.

    Raises:
        AlreadyUndone: a draft is not where its decision left it; nothing is written.
    """
    ids = [decision.draft_id for decision in decisions]
    locked = Draft.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    facts = _Facts.of(decisions, {draft.pk: draft for draft in locked}, editor)
    refusals: dict[int, CannotUndo] = {}
    allowed = []
    for decision in decisions:
        if refusal := facts.refusal(decision):
            refusals[decision.draft_id] = refusal
        else:
            allowed.append(decision)
    return _take_back(allowed, facts, editor, key) if allowed else [], refusals


def _take_back(
    decisions: Sequence[Decision], facts: _Facts, editor: User, key: UUID | None
) -> list[Decision]:
    sent = [publication for one in decisions for publication in facts.sent.get(one.pk, [])]
    if sent:
        withdraw_publications(sent, user=editor)
    ids = [decision.draft_id for decision in decisions]
    Example.objects.take_back(ids)
    rows = Draft.objects.filter(pk__in=ids)
    versions = dict(rows.order_by().values_list("pk", "version"))  # a draft off its shelf has moved
    again = [one.draft_id for one in decisions if one.seconds_id is not None]
    moved = rows.filter(pk__in=again).reopen(second=True) if again else 0
    moved += rows.exclude(pk__in=again).reopen()
    if moved != len(decisions):
        raise AlreadyUndone
    undoings = [
        Decision(
            draft_id=decision.draft_id,
            editor=editor,
            verdict=Decision.Verdict.UNDONE,
            undoes=decision,
            draft_version=versions[decision.draft_id],
            key=key or uuid4(),
        )
        for decision in decisions
    ]
    Decision.objects.bulk_create(undoings)
    restore(decisions)
    by_run: dict[int, list[int]] = defaultdict(list)
    for decision in decisions:
        draft = facts.drafts[decision.draft_id]
        by_run[draft.run_id].append(draft.pk)
        if decision.editor_id != editor.pk:
            overruled = Notification.Kind.OVERRULED
            notify([decision.editor], kind=overruled, draft=draft, actor=editor)
    if sent:  # a list of them is read anew, whichever it was
        tell = partial(live.announce_publication, sent[-1].draft_id)
        transaction.on_commit(tell, robust=True)
    for run, drafts in by_run.items():
        transaction.on_commit(partial(live.announce_drafts_ready, run, drafts), robust=True)
    return undoings


@dataclass(frozen=True)
class _Facts:
    """What says whether some decisions can be taken back, asked once for all of them.

    Args:
        editor: who wants to.
        drafts: that were decided, by their number, and locked.
        undone: the numbers of decisions that are taken back already.
        seconds: what stands as a second opinion, by the number of the first.
        open_runs: those of campaigns that are open.
        learnt: drafts of which a checkpoint has learnt.
        sent: publications that are to be taken off, by the number of their decision.
    """

    editor: User
    drafts: dict[int, Draft]
    undone: set[int]
    seconds: dict[int, Decision]
    open_runs: set[int]
    learnt: set[int]
    sent: dict[int, list[Publication]]

    @classmethod
    def of(cls, decisions: Sequence[Decision], drafts: dict[int, Draft], editor: User) -> Self:
        """Ask for all of them."""
        seconds = Decision.objects.filter(seconds__in=decisions, undone_by=None)
        runs = {draft.run_id for draft in drafts.values()}
        campaigns = Campaign.objects.open().filter(runs__in=runs)
        used = Example.objects.filter(draft__in=drafts, used_in__isnull=False)
        placed = Publication.objects.exclude(status=Publication.Status.WITHDRAWN)
        placed = placed.filter(decision__in=decisions).select_related("channel")
        sent: dict[int, list[Publication]] = defaultdict(list)
        for publication in placed.select_for_update(of=("self",)).order_by("pk"):
            sent[publication.decision_id].append(publication)
        return cls(
            editor=editor,
            drafts=drafts,
            undone=set(
                Decision.objects.filter(undoes__in=decisions).values_list("undoes_id", flat=True)
            ),
            seconds={second.seconds_id: second for second in seconds.select_related("editor")},
            open_runs=set(campaigns.values_list("runs", flat=True)),
            learnt=set(used.values_list("draft_id", flat=True)),
            sent=sent,
        )

    def refusal(self, decision: Decision) -> CannotUndo | None:
        """Why a decision cannot be taken back, or not by this person; None where it can."""
        return next(self._refusals(decision), None)

    def _refusals(self, decision: Decision) -> Iterator[CannotUndo]:
        draft = self.drafts[decision.draft_id]
        is_deferral = decision.verdict == Decision.Verdict.DEFERRED
        if decision.pk in self.undone or decision.verdict == Decision.Verdict.UNDONE:
            yield AlreadyUndone()
        if is_deferral and draft.status != Draft.Status.DEFERRED:
            yield DraftIsBack()
        if second := self.seconds.get(decision.pk):
            yield AlreadySeconded(second)
        if draft.run_id not in self.open_runs:
            yield CampaignIsClosed()
        if not self.editor.has_perm(UNDO_ANY):
            yield from self._bounds(decision)
        if any(one.status == Publication.Status.SENDING for one in self.sent.get(decision.pk, ())):
            yield TextOnItsWay()  # whether the channel has it is known when it answers

    def _bounds(self, decision: Decision) -> Iterator[CannotUndo]:
        """Those of who may take back their own decisions only."""
        minutes = settings.GALLEY_UNDO_MINUTES
        if decision.editor_id != self.editor.pk:
            yield NotYourDecision(decision)
        if decision.created_at < timezone.now() - timedelta(minutes=minutes):
            yield TooLateToUndo(minutes)
        if decision.draft_id in self.learnt:
            yield AlreadyLearnt()
