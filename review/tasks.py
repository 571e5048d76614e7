"""The queue boundary: ids in, one function of work each (queue "celery")."""

from celery import shared_task
from django.db import OperationalError

from review import delivery, digests


@shared_task(acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=3)
def deliver(publication_id: int) -> int:
    """Send one publication; return 1 if this call published it.

    Safe to deliver twice: only one call can claim the row, and the channel knows the key. A
    channel that fails is tried again by the clock, at the time that the row names.
    """
    return delivery.deliver(publication_id)


@shared_task(acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=3)
def take_down(publication_id: int) -> int:
    """Remove one withdrawn publication from its channel; return 1 if it is gone now.

    Safe to deliver twice: a text that is gone already is left alone.
    """
    return delivery.take_down(publication_id)


@shared_task(
    acks_late=True,
    autoretry_for=(OperationalError, OSError),
    retry_backoff=True,
    max_retries=3,
)
def send_digest(user_id: int) -> int:
    """Send one person what they have not read; return how many news that told.

    Safe to deliver twice: a digest is taken before it is sent, and one that was taken today is
    not taken again. One that could not be sent is tried again, and by the clock the next day.
    """
    return digests.send_digest(user_id)
