"""A lot of like drafts is judged by a sample, and the rest approved only if that passes."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction

from catalog import audit
from generation.models import Draft
from generation.statistics import sample_to_accept
from review.errors import BatchNotRead, BatchSettled, NotOneLot, TooFewToSample
from review.models import Assignment, Batch, BatchDraft, Decision
from review.services.assigning import assign_drafts
from review.services.bulk import BulkOutcome, approve_drafts

FEWEST = 40  # drafts below which reading a sample saves little


@dataclass(frozen=True)
class Reading:
    """How far the sample of a batch is read, and what was thought of it.

    Args:
        sampled: drafts of the sample.
        approved: of these, approved as they were.
        edited: approved in other words.
        rejected: refused.
        gone: not to be read any more: their campaign was closed, or a newer text was accepted.
        rest: drafts of the lot that are not of the sample and still open.
    """

    sampled: int
    approved: int
    edited: int
    rejected: int
    gone: int
    rest: int

    @property
    def is_read(self) -> bool:
        """Whether each draft of the sample is decided."""
        return self.approved + self.edited + self.rejected + self.gone >= self.sampled

    @property
    def passes(self) -> bool:
        """Whether each of them was approved as it was."""
        return self.approved >= self.sampled


@transaction.atomic
def start_batch(draft_ids: Iterable[int], *, editor: User) -> Batch:
    """Draw a sample of like drafts for an editor to read; all of the lot is theirs meanwhile.

    The sample is drawn by the system's own chance, so that nobody can foresee it.

    Raises:
        NotOneLot: they differ in kind, language or checkpoint; a sample says nothing of the rest.
        TooFewToSample: the sample would be most of them.
    """
    lot = Draft.objects.awaiting_review().filter(pk__in=list(draft_ids)).order_by("pk")
    if lot.order_by().values("kind", "language", "checkpoint").distinct().count() > 1:
        raise NotOneLot
    numbers = list(lot.values_list("pk", flat=True))
    if len(numbers) < FEWEST:
        raise TooFewToSample(FEWEST)
    sampled = set(random.SystemRandom().sample(numbers, sample_to_accept(len(numbers))))
    batch = Batch.objects.create(editor=editor)
    BatchDraft.objects.bulk_create(
        BatchDraft(batch=batch, draft_id=pk, is_sampled=pk in sampled) for pk in numbers
    )
    assign_drafts(numbers, to=editor, by=editor)
    return batch


def reading_of(batch: Batch) -> Reading:
    """How far its sample is read."""
    sample = BatchDraft.objects.filter(batch=batch, is_sampled=True)
    settled = Decision.objects.standing().filter(draft__in=sample.values("draft"))
    verdicts = list(settled.values_list("verdict", flat=True))
    rest = BatchDraft.objects.filter(batch=batch, is_sampled=False)
    return Reading(
        sampled=sample.count(),
        approved=verdicts.count(Decision.Verdict.APPROVED),
        edited=verdicts.count(Decision.Verdict.EDITED),
        rejected=verdicts.count(Decision.Verdict.REJECTED),
        gone=sample.filter(draft__status=Draft.Status.EXPIRED).count(),
        rest=rest.filter(draft__status=Draft.Status.PROPOSED).count(),
    )


def settle_batch(batch: Batch, *, editor: User) -> BulkOutcome | None:
    """Approve the rest of a batch whose sample passed; give it back to everybody where it did not.

    Safe to ask twice: what was approved before counts once.

    Returns:
        What became of the rest; None where the sample did not pass.

    Raises:
        BatchNotRead: drafts of the sample are still open; nothing is written.
        BatchSettled: it was given back already, or its sample passes no more; nothing is written.
    """
    if batch.status == Batch.Status.FAILED:
        raise BatchSettled
    reading = reading_of(batch)
    if not reading.is_read:
        raise BatchNotRead
    rest = list(
        BatchDraft.objects.filter(batch=batch, is_sampled=False).values_list("draft", flat=True)
    )
    if not reading.passes:
        if not _give_back(batch, rest, editor=editor):
            raise BatchSettled
        return None
    if Batch.objects.filter(pk=batch.pk).settle(Batch.Status.PASSED):
        audit.record("batch.pass", batch, user=editor, sampled=reading.sampled, rest=len(rest))
    elif not Batch.objects.filter(pk=batch.pk, status=Batch.Status.PASSED).exists():
        raise BatchSettled  # another page has given it back meanwhile
    return approve_drafts(rest, editor=editor, source=Decision.Source.BULK, group=batch.group)


@transaction.atomic
def _give_back(batch: Batch, rest: list[int], *, editor: User) -> bool:
    """Make the rest everybody's; False where the batch was not open any more."""
    if not Batch.objects.filter(pk=batch.pk).settle(Batch.Status.FAILED):
        return False
    audit.record("batch.fail", batch, user=editor, rest=len(rest))
    Assignment.objects.filter(draft__in=rest, editor=batch.editor_id).delete()
    return True
