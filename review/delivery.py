"""One publication through its channel's publisher: claimed, handed over, recorded.

Exactly once, whatever dies in between: the claim is a conditional UPDATE, the target knows the
publication by its key, and what an attempt reports counts only while no later one has begun.
"""

import logging
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from generation import live
from generation.models import Draft
from review.errors import DeliveryFailed
from review.models import Notification, Publication
from review.models.notification import publishers
from review.models.publication import MAX_ATTEMPTS
from review.news import notify
from review.publishers import get_publisher

logger = logging.getLogger(__name__)


def deliver(publication_id: int) -> int:
    """Send one publication; return 1 if this call got it onto its channel, else 0.

    A publication that is not open for sending is left alone. When the channel does not take the
    text, its words are kept and the clock tries again.
    """
    if not Publication.objects.filter(pk=publication_id).claim(timezone.now()):
        return 0
    publication = Publication.objects.for_delivery().get(pk=publication_id)
    try:
        external_id = get_publisher(publication.channel).publish(publication)
    except (DeliveryFailed, OSError) as failure:
        _record_failure(publication, failure)
        return 0
    return _record_success(publication, external_id)


def take_down(publication_id: int) -> int:
    """Have a withdrawn publication removed from its channel; return 1 if it is gone now.

    A publication that is not waiting for its removal is left alone.
    """
    waiting = Publication.objects.coming_down().for_delivery()
    publication = waiting.filter(pk=publication_id).first()
    if publication is None:
        return 0
    row = Publication.objects.filter(pk=publication.pk)
    try:
        get_publisher(publication.channel).withdraw(publication)
    except (DeliveryFailed, OSError) as failure:
        row.mark_removal_failed(timezone.now(), key=publication.key, error=_words(failure))
        logger.warning("Publication %s was not taken down: %s", publication.pk, failure)
        return 0
    return row.mark_removed(timezone.now(), key=publication.key)


@transaction.atomic
def _record_success(publication: Publication, external_id: str) -> int:
    """Mark the publication and its draft published, unless a later attempt took over."""
    Draft.objects.select_for_update().get(pk=publication.draft_id)
    moved = Publication.objects.filter(pk=publication.pk).mark_published(
        timezone.now(), attempt=publication.attempts, external_id=external_id
    )
    if not moved:
        _remove_if_unwanted(publication)
        return 0
    Draft.objects.filter(pk=publication.draft_id).publish()
    transaction.on_commit(lambda: live.announce_publication(publication.draft_id), robust=True)
    return moved


def _remove_if_unwanted(publication: Publication) -> None:
    """Have a late placement removed when it was withdrawn, or asked for anew, in the meantime."""
    now_held = Publication.objects.get(pk=publication.pk)
    if now_held.status == Publication.Status.WITHDRAWN or now_held.key != publication.key:
        get_publisher(publication.channel).withdraw(publication)


def tell_undelivered(publications: Sequence[Publication]) -> None:
    """Tell of texts that have failed for good: who approved them, and the publishers.

    Who approved one by itself is told which; who approved many together, and whoever sees to
    publications, has one line, since a channel that is down takes none of a thousand.

    Args:
        publications: with their drafts, their decisions and the editors of these.
    """
    kind = Notification.Kind.UNDELIVERED
    approvers, together = set(), set()
    for publication in publications:
        decision = publication.decision
        people = {decision.editor, decision.seconds.editor if decision.seconds else decision.editor}
        approvers |= people
        if decision.group:
            together |= people
        else:
            notify(people, kind=kind, draft=publication.draft)
    if publications:
        notify(together | (set(publishers()) - approvers), kind=kind)


@transaction.atomic
def _record_failure(publication: Publication, failure: Exception) -> None:
    """Keep the channel's words and tell the desk; the last time, whom it concerns too."""
    row = Publication.objects.filter(pk=publication.pk)
    moved = row.mark_failed(timezone.now(), attempt=publication.attempts, error=_words(failure))
    if moved and publication.attempts >= MAX_ATTEMPTS:
        tell_undelivered(row.for_news())
    logger.warning("Publication %s was not delivered: %s", publication.pk, failure)
    transaction.on_commit(lambda: live.announce_publication(publication.draft_id), robust=True)


def _words(failure: Exception) -> str:
    """What to show a person: the channel's own sentence, or that it could not be reached."""
    if isinstance(failure, DeliveryFailed):
        return str(failure)
    return _("The channel could not be reached: %(error)s.") % {"error": str(failure).rstrip(".")}
