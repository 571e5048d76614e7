"""What the clock asks of the catalogue."""

from celery import shared_task

from catalog import services


@shared_task
def requeue_stale_imports() -> int:
    """Queue again what a dead worker left. Safe to run twice: a queued import is not stale."""
    return services.requeue_lost_imports()


@shared_task
def forget_old_imports() -> int:
    """Free the disk of old imports. Safe to run twice: what is gone is gone."""
    return services.forget_old_imports()
