"""The outbox: what is wanted on a channel is a row first, and sent when that is committed."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog import audit
from generation import live
from generation.models import Draft, Run
from review import delivery, tasks
from review.errors import (
    DraftNotApproved,
    NothingToRepublish,
    NothingToRevert,
    NotToSchedule,
    PublicationNotLive,
    PublisherUnknown,
    ScheduleUnfit,
)
from review.models import Decision, Publication
from review.models.publication import QUEUE_PATIENCE
from review.publishers import get_publisher

LONGEST_SCHEDULE = timedelta(days=365)

# One run of the clock moves at most this many rows, so that its transaction stays short.
REQUEUE_BATCH = 200


@transaction.atomic(savepoint=False)
def publish_decisions(decisions: Sequence[Decision], *, are_new: bool = False) -> list[Publication]:
    """Write one publication for each active channel of their campaigns, and queue their delivery.

    A channel that has a publication of a decision already gets no second one. What a campaign
    publishes at a later time waits for it.

    Args:
        decisions: that accept a text.
        are_new: they were made in this transaction, so no channel has anything of them.
    """
    now = timezone.now()
    wanted = _channels({decision.draft.run_id for decision in decisions})
    there = Publication.objects.filter(decision__in=decisions)
    taken = set() if are_new else set(there.values_list("decision_id", "channel_id"))
    publications = [
        _publication(decision, channel, publish_at=at, now=now)
        for decision in decisions
        for channel, at in wanted[decision.draft.run_id]
        if (decision.pk, channel) not in taken
    ]
    Publication.objects.bulk_create(publications, batch_size=500)
    for publication in publications:
        if publication.status == Publication.Status.QUEUED:
            _queue_delivery(publication.pk)
    return publications


def _channels(runs: Iterable[int]) -> dict[int, list[tuple[int, datetime | None]]]:
    """The active channels of each run's campaign, with when that publishes."""
    rows = Run.objects.filter(pk__in=runs, campaign__channels__is_active=True)
    wanted = defaultdict(list)
    columns = ("pk", "campaign__channels", "campaign__publish_at")
    for run, channel, at in rows.values_list(*columns):
        wanted[run].append((channel, at))
    return wanted


def _publication(
    decision: Decision, channel: int, *, publish_at: datetime | None, now: datetime
) -> Publication:
    draft, later = decision.draft, publish_at is not None and publish_at > now
    return Publication(
        draft=draft,
        decision=decision,
        channel_id=channel,
        product_id=draft.product_id,
        kind_id=draft.kind_id,
        language=draft.language,
        text=decision.final_text,
        status=Publication.Status.SCHEDULED if later else Publication.Status.QUEUED,
        publish_at=publish_at,
        queued_at=now,
        next_attempt_at=None if later else now + QUEUE_PATIENCE,
    )


@transaction.atomic
def schedule_publication(publication: Publication, *, at: datetime, user: User) -> Publication:
    """Have a text that is on no channel wait for a moment, instead of going out now.

    Raises:
        ScheduleUnfit: the moment has passed, or is more than a year off; nothing is written.
        NotToSchedule: the text is on its channel, or on its way there; nothing is written.
    """
    if not timezone.now() < at <= timezone.now() + LONGEST_SCHEDULE:
        raise ScheduleUnfit
    row = Publication.objects.filter(pk=publication.pk, draft__status__in=Draft.APPROVED)
    if not row.schedule(at, key=uuid.uuid4()):
        raise NotToSchedule
    audit.record("publication.schedule", publication, user=user, at=at.isoformat())
    transaction.on_commit(lambda: live.announce_publication(publication.draft_id), robust=True)
    return Publication.objects.for_list().get(pk=publication.pk)


@transaction.atomic
def revert_to(publication: Publication, *, user: User) -> int:
    """Bring an earlier text back: withdraw all that covers it on its place, as one action.

    Returns:
        How many later texts were withdrawn.

    Raises:
        NothingToRevert: no later text covers it; nothing is written.
    """
    covering = list(Publication.objects.over(publication).select_related("channel"))
    is_live = Publication.objects.live().filter(pk=publication.pk).exists()
    if not (covering and is_live):
        raise NothingToRevert
    for later in covering:
        withdraw_publication(later, user=user)
    names = [later.pk for later in covering]
    audit.record("publication.revert", publication, user=user, withdrawn=names)
    return len(covering)


@transaction.atomic
def withdraw_publication(publication: Publication, *, user: User) -> Publication:
    """Take a text off its channel; the text before it comes back.

    A shelf in Galley's own database is cleared in the same transaction. Any other channel is
    asked through the queue, and asked again until it says that the text is gone.

    Raises:
        PublicationNotLive: it is on no shelf; nothing is written.
    """
    Draft.objects.select_for_update().get(pk=publication.draft_id)
    if not withdraw_publications([publication], user=user):
        raise PublicationNotLive
    transaction.on_commit(lambda: live.announce_publication(publication.draft_id), robust=True)
    return Publication.objects.for_list().get(pk=publication.pk)


@transaction.atomic(savepoint=False)
def withdraw_publications(publications: Sequence[Publication], *, user: User) -> int:
    """Take texts off their channels whose drafts are locked; say how many could be taken.

    Whoever asks for several tells the desks of them.
    """
    rows = Publication.objects.filter(pk__in=[publication.pk for publication in publications])
    if not (number := rows.withdraw(timezone.now(), user=user)):
        return 0
    drafts = Draft.objects.filter(pk__in={publication.draft_id for publication in publications})
    drafts.exclude(Exists(Publication.objects.live().filter(draft=OuterRef("pk")))).withdraw()
    for publication in publications:
        _remove_from_channel(publication)
    return number


@transaction.atomic
def republish(draft: Draft) -> list[Publication]:
    """Send an accepted draft's text to its channels again, as a new placement on each.

    Takes up what was withdrawn or has failed, and active channels of the campaign that have not
    had the text yet.

    Raises:
        DraftNotApproved: nobody has decided it yet; nothing is written.
        NothingToRepublish: no channel is waiting for this text; nothing is written.
    """
    settled = Decision.objects.standing().filter(draft__status__in=Draft.APPROVED)
    decision = settled.filter(draft=draft).first()
    if decision is None:
        is_open = Draft.objects.filter(pk=draft.pk, status__in=Draft.UNDECIDED).exists()
        raise DraftNotApproved if is_open else NothingToRepublish
    again = []
    for publication in Publication.objects.republishable().filter(decision=decision):
        row = Publication.objects.filter(pk=publication.pk)
        if row.requeue(timezone.now(), key=uuid.uuid4()):
            again.append(publication.pk)
            _queue_delivery(publication.pk)
    again += [publication.pk for publication in publish_decisions([decision])]
    if not again:
        raise NothingToRepublish
    return list(Publication.objects.for_list().filter(pk__in=again))


def refused_again(draft_ids: Sequence[int]) -> dict[int, NothingToRepublish]:
    """Say which of some drafts `republish` would refuse, and how, before anybody confirms it."""
    settled = Decision.objects.standing().filter(draft__status__in=Draft.APPROVED)
    decisions = list(settled.filter(draft__in=draft_ids).select_related("draft"))
    there = Publication.objects.filter(decision__in=decisions)
    taken = set(there.values_list("decision_id", "channel_id"))
    ready = set(there.republishable().values_list("draft_id", flat=True))
    wanted = _channels({decision.draft.run_id for decision in decisions})
    ready.update(
        decision.draft_id
        for decision in decisions
        if any((decision.pk, channel) not in taken for channel, _ in wanted[decision.draft.run_id])
    )
    waiting = Draft.objects.filter(pk__in=draft_ids, status__in=Draft.UNDECIDED)
    undecided = set(waiting.values_list("pk", flat=True))
    return {
        pk: DraftNotApproved() if pk in undecided else NothingToRepublish()
        for pk in draft_ids
        if pk not in ready
    }


@transaction.atomic
def requeue_due_publications() -> int:
    """Queue deliveries and removals whose time has come again; return how many.

    A publication whose fifth worker vanished is given up, so that a person sees it.
    """
    now = timezone.now()
    _give_up(now)
    released = list(
        Publication.objects.scheduled_until(now).values_list("pk", flat=True)[:REQUEUE_BATCH]
    )
    Publication.objects.filter(pk__in=released).release(now)
    due = list(Publication.objects.due(now).values_list("pk", flat=True)[:REQUEUE_BATCH])
    Publication.objects.filter(pk__in=due).requeue_due(now)
    removals = list(
        Publication.objects.due_for_removal(now).values_list("pk", flat=True)[:REQUEUE_BATCH]
    )
    Publication.objects.filter(pk__in=removals).postpone_removal(now)
    for pk in released + due:
        _queue_delivery(pk)
    for pk in removals:
        _queue_removal(pk)
    return len(released) + len(due) + len(removals)


def _give_up(at: datetime) -> None:
    """Give up what five workers vanished with, and tell whom that concerns."""
    abandoned = list(Publication.objects.abandoned(at).for_news()[:REQUEUE_BATCH])
    if abandoned:
        rows = Publication.objects.filter(pk__in=[publication.pk for publication in abandoned])
        rows.give_up(at, error=_("The delivery was interrupted five times."))
        delivery.tell_undelivered(abandoned)


def _queue_delivery(publication_id: int) -> None:
    """Queue one delivery once the row is committed; the clock finds it if the broker is down."""
    transaction.on_commit(lambda: tasks.deliver.delay(publication_id), robust=True)


def _queue_removal(publication_id: int) -> None:
    """Queue one removal once the row is committed; the clock finds it if the broker is down."""
    transaction.on_commit(lambda: tasks.take_down.delay(publication_id), robust=True)


def _remove_from_channel(publication: Publication) -> None:
    """Take the text down here and now where that needs no network, else through the queue."""
    try:
        is_local = get_publisher(publication.channel).is_local
    except PublisherUnknown:
        is_local = False
    if is_local:
        delivery.take_down(publication.pk)
    else:
        _queue_removal(publication.pk)
