"""What the clock does with drafts that nobody decides: they come back, or are forgotten."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from generation import live
from generation.models import Draft

# One run of the clock moves at most this many drafts, so that its transaction stays short.
AT_ONCE = 1_000


@transaction.atomic
def return_deferred_drafts() -> int:
    """Put the drafts whose time has come back into the queue; return how many."""
    due = list(
        Draft.objects.due_back(timezone.now()).order_by("pk").values_list("pk", "run_id")[:AT_ONCE]
    )
    moved = Draft.objects.filter(pk__in=[pk for pk, _ in due]).resume()
    runs = defaultdict(list)
    for pk, run in due:
        runs[run].append(pk)
    for run, drafts in runs.items():
        transaction.on_commit(
            lambda run=run, drafts=drafts: live.announce_drafts_ready(run, drafts), robust=True
        )
    return moved


@transaction.atomic
def bring_back(draft: Draft) -> int:
    """Put a draft that was put off back into the queue before its time; 0 where it is no more."""
    moved = Draft.objects.filter(pk=draft.pk).resume()
    if moved:
        transaction.on_commit(
            lambda: live.announce_drafts_ready(draft.run_id, [draft.pk]), robust=True
        )
    return moved


def expire_forgotten_drafts() -> int:
    """Take drafts off the desk that nobody has decided for `GALLEY_DRAFT_DAYS`; return how many."""
    oldest = timezone.now() - timedelta(days=settings.GALLEY_DRAFT_DAYS)
    old = Draft.objects.filter(status__in=Draft.UNDECIDED, created_at__lt=oldest)
    pks = list(old.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    return Draft.objects.filter(pk__in=pks).expire()
