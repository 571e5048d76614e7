"""What the clock asks of review."""

from celery import shared_task

from review import services


@shared_task
def retry_failed_publications() -> int:
    """Queue the publications whose time has come again; return how many.

    Safe to run twice: the second run finds none that are due.
    """
    return services.requeue_due_publications()


@shared_task
def return_deferred_drafts() -> int:
    """Bring drafts back whose time has come. Safe to run twice: what is back is put off no more."""
    return services.return_deferred_drafts()


@shared_task
def distribute_drafts() -> int:
    """Give new drafts to editors. Safe to run twice: what is somebody's already is not given."""
    return services.distribute_drafts()


@shared_task
def expire_forgotten_drafts() -> int:
    """Take old drafts off the desk. Safe to run twice: what has expired is undecided no more."""
    return services.expire_forgotten_drafts()


@shared_task
def send_digests() -> int:
    """Queue the day's digests; return how many people get one.

    Safe to run twice: each digest is taken by one task, once a day.
    """
    return services.queue_digests()
