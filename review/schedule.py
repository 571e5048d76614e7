"""What the clock asks of review."""

from celery import shared_task

from review import services


@shared_task
def retry_failed_publications() -> int:
    """Queue the publications whose time has come again; return how many.

    Safe to run twice: the second run finds none that are due.
    """
    return services.requeue_due_publications()
