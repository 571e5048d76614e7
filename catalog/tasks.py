"""The queue boundary: ids in, one function of work each."""

from celery import shared_task
from django.db import OperationalError

from catalog import importing


@shared_task(acks_late=True, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=3)
def carry_out_import(import_id: int) -> int:
    """Look at a feed, or bring it in; return 1 if this call did.

    Safe to deliver twice: only one worker holds the import, and what is in is unchanged.
    """
    return importing.carry_out(import_id)
