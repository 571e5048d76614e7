"""The outbox: what is wanted on a channel is a row first, and sent when that is committed."""

import uuid

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Channel
from generation import live
from generation.models import Draft
from review import delivery, tasks
from review.errors import (
    DraftNotApproved,
    NothingToRepublish,
    PublicationNotLive,
    PublisherUnknown,
)
from review.models import Decision, Publication
from review.models.publication import QUEUE_PATIENCE
from review.publishers import get_publisher

# One run of the clock moves at most this many rows, so that its transaction stays short.
REQUEUE_BATCH = 200


@transaction.atomic
def publish_decision(decision: Decision) -> list[Publication]:
    """Write one publication for each active channel of the campaign, and queue their delivery.

    A channel that has a publication of this decision already gets no second one.
    """
    draft = decision.draft
    taken = set(decision.publications.values_list("channel_id", flat=True))
    now = timezone.now()
    publications = [
        Publication(
            draft=draft,
            decision=decision,
            channel=channel,
            product_id=draft.product_id,
            kind_id=draft.kind_id,
            language=draft.language,
            text=decision.final_text,
            queued_at=now,
            next_attempt_at=now + QUEUE_PATIENCE,
        )
        for channel in Channel.objects.filter(is_active=True, campaign__runs=draft.run_id)
        if channel.pk not in taken
    ]
    Publication.objects.bulk_create(publications)
    for publication in publications:
        _queue_delivery(publication.pk)
    return publications


@transaction.atomic
def withdraw_publication(publication: Publication, *, user: User) -> Publication:
    """Take a text off its channel; the text before it comes back.

    A shelf in Galley's own database is cleared in the same transaction. Any other channel is
    asked through the queue, and asked again until it says that the text is gone.

    Raises:
        PublicationNotLive: it is on no shelf; nothing is written.
    """
    Draft.objects.select_for_update().get(pk=publication.draft_id)
    if not Publication.objects.filter(pk=publication.pk).withdraw(timezone.now(), user=user):
        raise PublicationNotLive
    if not Publication.objects.live().filter(draft_id=publication.draft_id).exists():
        Draft.objects.filter(pk=publication.draft_id).withdraw()
    _remove_from_channel(publication)
    transaction.on_commit(lambda: live.announce_publication(publication.draft_id), robust=True)
    return Publication.objects.for_list().get(pk=publication.pk)


@transaction.atomic
def republish(draft: Draft) -> list[Publication]:
    """Send an accepted draft's text to its channels again, as a new placement on each.

    Takes up what was withdrawn or has failed, and active channels of the campaign that have not
    had the text yet.

    Raises:
        DraftNotApproved: nobody has decided it yet; nothing is written.
        NothingToRepublish: no channel is waiting for this text; nothing is written.
    """
    decision = Decision.objects.standing().filter(draft=draft).exclude(final_text="").first()
    if decision is None:
        is_open = Draft.objects.awaiting_review().filter(pk=draft.pk).exists()
        raise DraftNotApproved if is_open else NothingToRepublish
    again = []
    for publication in Publication.objects.republishable().filter(decision=decision):
        row = Publication.objects.filter(pk=publication.pk)
        if row.requeue(timezone.now(), key=uuid.uuid4()):
            again.append(publication.pk)
            _queue_delivery(publication.pk)
    again += [publication.pk for publication in publish_decision(decision)]
    if not again:
        raise NothingToRepublish
    return list(Publication.objects.for_list().filter(pk__in=again))


@transaction.atomic
def requeue_due_publications() -> int:
    """Queue deliveries and removals whose time has come again; return how many.

    A publication whose fifth worker vanished is given up, so that a person sees it.
    """
    now = timezone.now()
    Publication.objects.give_up(now, error=_("The delivery was interrupted five times."))
    due = list(Publication.objects.due(now).values_list("pk", flat=True)[:REQUEUE_BATCH])
    Publication.objects.filter(pk__in=due).requeue_due(now)
    removals = list(
        Publication.objects.due_for_removal(now).values_list("pk", flat=True)[:REQUEUE_BATCH]
    )
    Publication.objects.filter(pk__in=removals).postpone_removal(now)
    for pk in due:
        _queue_delivery(pk)
    for pk in removals:
        _queue_removal(pk)
    return len(due) + len(removals)


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
