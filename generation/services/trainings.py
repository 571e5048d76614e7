"""Orders for training: their start, their stop, and those of the night."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from generation import tasks
from generation.errors import RunNotStartable
from generation.models import Example, TrainingRun
from generation.services.runs import SEED_BITS


@transaction.atomic
def start_training(
    *, feedback: bool = True, minutes: float = 20, user: User | None = None
) -> TrainingRun:
    """Order a training, queued for the gpu worker on commit.

    Raises:
        RunNotStartable: a training is under way.
    """
    if TrainingRun.objects.unfinished().exists():
        raise RunNotStartable(_("A training is under way; wait until it has ended."))
    order = TrainingRun.objects.create(
        is_feedback=feedback,
        minutes=minutes,
        seed=secrets.randbits(SEED_BITS),
        requested_by=user,
    )
    transaction.on_commit(lambda: tasks.train.delay(order.pk), robust=True)
    return order


def stop_training(order: TrainingRun, *, user: User) -> TrainingRun:
    """Stop a training that waits or is under way; its worker notices at its next report.

    Raises:
        RunNotStartable: it has ended already.
    """
    sentence = _("%(user)s stopped it.") % {"user": user.get_username()}
    if not TrainingRun.objects.filter(pk=order.pk).stop(sentence):
        raise RunNotStartable(_("This training has ended already."))
    return TrainingRun.objects.get(pk=order.pk)


def start_nightly_training() -> int:
    """Order a training if editors decided enough since the last one; return how many."""
    if Example.objects.for_learning().unused().count() < settings.GALLEY_NIGHTLY_LESSONS:
        return 0
    try:
        start_training(feedback=True)
    except RunNotStartable:
        return 0
    return 1
