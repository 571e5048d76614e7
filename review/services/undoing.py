"""Taking a decision back: the draft waits again, and what came of the decision is undone.

A second opinion that is taken back leaves the first one, and the draft awaits another.

Nothing is erased. The verdict stays with a row beside it that says who took it back and when; what
it taught is forgotten, and its text comes off its channels. What a checkpoint has learnt of it
stays learnt, so only a lead takes such a decision back.
"""

from datetime import timedelta
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
    DraftIsBack,
    KeyReused,
    NothingToUndo,
    NotYourDecision,
    PublicationNotLive,
    TextOnItsWay,
    TooLateToUndo,
)
from review.models import Decision, Notification, Publication
from review.services.notifying import notify
from review.services.publishing import withdraw_publication

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
    draft = Draft.objects.select_for_update().select_related("run").get(pk=decision.draft_id)
    named = Decision.objects.filter(key=key).first() if key else None
    if named and named.undoes_id == decision.pk:
        return named
    if named:
        raise KeyReused
    if (
        Decision.objects.filter(undoes=decision).exists()
        or decision.verdict == Decision.Verdict.UNDONE
    ):
        raise AlreadyUndone
    if decision.verdict == Decision.Verdict.DEFERRED and draft.status != Draft.Status.DEFERRED:
        raise DraftIsBack
    if second := decision.seconded_by.filter(undone_by=None).first():
        raise AlreadySeconded(second)
    _refuse_unless_allowed(decision, draft, editor)
    _take_off_channels(decision, editor)
    Example.objects.take_back(draft)
    draft.refresh_from_db(fields=["status", "version"])
    row = Draft.objects.filter(pk=draft.pk, version=draft.version)
    if not row.reopen(second=decision.seconds_id is not None):
        raise AlreadyUndone
    undoing = Decision.objects.create(
        draft=draft,
        editor=editor,
        verdict=Decision.Verdict.UNDONE,
        undoes=decision,
        draft_version=draft.version,
        key=key or uuid4(),
    )
    notify([decision.editor], kind=Notification.Kind.OVERRULED, draft=draft, actor=editor)
    transaction.on_commit(lambda: live.announce_drafts_ready(draft.run_id, [draft.pk]), robust=True)
    return undoing


def _refuse_unless_allowed(decision: Decision, draft: Draft, editor: User) -> None:
    """Refuse what this person may not take back, or nobody can."""
    if not Campaign.objects.open().filter(runs=draft.run_id).exists():
        raise CampaignIsClosed
    if editor.has_perm(UNDO_ANY):
        return
    if decision.editor_id != editor.pk:
        raise NotYourDecision(decision)
    minutes = settings.GALLEY_UNDO_MINUTES
    if decision.created_at < timezone.now() - timedelta(minutes=minutes):
        raise TooLateToUndo(minutes)
    if Example.objects.filter(draft=draft, used_in__isnull=False).exists():
        raise AlreadyLearnt


def _take_off_channels(decision: Decision, editor: User) -> None:
    """Withdraw every text that the decision sent out.

    Raises:
        TextOnItsWay: whether a channel has one of them is known when it answers.
    """
    sent = decision.publications.exclude(status=Publication.Status.WITHDRAWN)
    for publication in sent.select_related("channel"):
        try:
            withdraw_publication(publication, user=editor)
        except PublicationNotLive as refusal:
            raise TextOnItsWay from refusal
