"""The queue boundary: ids in, one function of work each (queue "gpu")."""

from celery import shared_task
from django.db import OperationalError

from generation import drafting, training


@shared_task(acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=3)
def fill_run(run_id: int) -> int:
    """Fill the open slots of a run; return how many were open.

    Safe to deliver twice: only one worker holds the run, and a filled slot is never written again.
    """
    return drafting.fill_run(run_id)


@shared_task(acks_late=True)
def train(training_run_id: int) -> int:
    """Carry out one order for training; return 1 if this call trained.

    Safe to deliver twice: only one worker can claim the order.
    """
    return training.train_run(training_run_id)


@shared_task(acks_late=True)
def measure(checkpoint_id: int) -> int:
    """Ask a checkpoint what the activation gate asks; return how many were asked.

    Safe to deliver twice: the same questions have the same answers.
    """
    return training.measure(checkpoint_id)
