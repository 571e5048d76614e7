"""What the clock asks of generation."""

from celery import shared_task

from generation import services


@shared_task
def start_due_runs() -> int:
    """Start the campaigns whose hour has come. Safe to run twice: a campaign starts once."""
    return services.start_due_runs()


@shared_task
def requeue_stale_runs() -> int:
    """Queue again what a dead worker left. Safe to run twice: a queued job is not stale."""
    return services.requeue_lost_jobs()


@shared_task
def start_nightly_training() -> int:
    """Order a training if there is enough to learn. Safe to run twice: one training at a time."""
    return services.start_nightly_training()
