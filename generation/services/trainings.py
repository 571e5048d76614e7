"""Orders for training: their start, their stop, how they go on, and those of the night."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence

from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from catalog import audit
from generation import live, tasks
from generation.choices import TrainingKind
from generation.errors import GenerationError, RunNotStartable
from generation.models import Checkpoint, Example, TrainingRun
from generation.services.checkpoints import active_checkpoint
from generation.services.runs import SEED_BITS

_log = logging.getLogger(__name__)


@transaction.atomic
def start_training(
    *,
    kind: TrainingKind = "feedback",
    corpus: Sequence[str] = (),
    minutes: float = 20,
    seed: int | None = None,
    settings: Mapping[str, float] | None = None,
    user: User | None = None,
) -> TrainingRun:
    """Order a training, queued for the gpu worker on commit.

    Args:
        kind: continue the active checkpoint with the editors' decisions, begin with nothing, or
            tune the language model of `GALLEY_BACKBONE`, to which the active checkpoint lends its
            judge.
        corpus: names of the files in the folder of corpora to learn from.
        minutes: for all of it.
        seed: of every choice; a random one where none is given.
        settings: the library's, where they differ from what is usual.
        user: who wants that; None is the clock.

    Raises:
        RunNotStartable: a training is under way.
        CheckpointMissing: there is no active checkpoint to continue, or to borrow a judge from.
        NothingToLearn: editors have decided nothing that it could learn from.
    """
    _require_none_under_way()
    parent = None if kind == "full" else active_checkpoint()
    if kind == "feedback":
        Example.objects.for_learning().require_some()
    order = TrainingRun.objects.create(
        is_feedback=kind == "feedback",
        is_large=kind == "large",
        corpus=list(corpus),
        minutes=minutes,
        seed=secrets.randbits(SEED_BITS) if seed is None else seed,
        settings=dict(settings or {}),
        parent=parent,
        requested_by=user,
    )
    audit.record(
        "training.start",
        order,
        user=user,
        kind=kind,
        corpus=order.corpus,
        minutes=minutes,
        settings=order.settings,
    )
    _queue(order)
    return order


@transaction.atomic
def stop_training(order: TrainingRun, *, user: User) -> TrainingRun:
    """Stop a training that waits or is under way; its worker notices at its next report.

    Its place stays, so that it can be taken up again.

    Raises:
        RunNotStartable: it has ended already.
    """
    sentence = _("%(user)s stopped it.") % {"user": user.get_username()}
    if not TrainingRun.objects.filter(pk=order.pk).stop_by(user, sentence):
        raise RunNotStartable(_("This training has ended already."))
    audit.record("training.stop", order, user=user)
    transaction.on_commit(lambda: live.announce_training(order.pk), robust=True)
    return TrainingRun.objects.get(pk=order.pk)


@transaction.atomic
def resume_training(order: TrainingRun, *, user: User) -> TrainingRun:
    """Queue a training again that was stopped or broke off; it goes on where it was.

    Raises:
        RunNotStartable: it has not been cut off, or another one is under way.
    """
    _require_none_under_way()
    if not TrainingRun.objects.filter(pk=order.pk).resume():
        raise RunNotStartable(_("Only a training that was cut off can be resumed."))
    audit.record("training.resume", order, user=user)
    _queue(order)
    return TrainingRun.objects.get(pk=order.pk)


@transaction.atomic
def forget_training(order: TrainingRun, *, user: User) -> int:
    """Delete the place that a training keeps; gives how many bytes that frees.

    Raises:
        RunNotStartable: somebody works on it.
    """
    Checkpoint.objects.lock()
    if TrainingRun.objects.unfinished().filter(pk=order.pk).exists():
        raise RunNotStartable(_("This training is under way: stop it first."))
    freed = order.kept_bytes
    order.forget_place()
    audit.record("training.forget", order, user=user, bytes=freed)
    return freed


def start_nightly_training() -> int:
    """Order a training if editors decided enough since the last one; return how many.

    Nothing is ordered unless `GALLEY_NIGHTLY_TRAINING` says so. What comes of it never writes by
    itself.
    """
    if not django_settings.GALLEY_NIGHTLY_TRAINING:
        return 0
    waiting = Example.objects.for_learning().unused().count()
    if waiting < django_settings.GALLEY_NIGHTLY_LESSONS:
        return 0
    try:
        start_training(minutes=django_settings.GALLEY_NIGHTLY_MINUTES)
    except RunNotStartable:
        return 0  # somebody trains by hand
    except GenerationError as refusal:
        _log.warning("The training of the night did not start: %s", refusal)
        return 0
    return 1


def _require_none_under_way() -> None:
    """Hold the checkpoints until the commit, so that of two starts at once one is refused."""
    Checkpoint.objects.lock()
    if TrainingRun.objects.unfinished().exists():
        raise RunNotStartable(_("A training is under way; wait until it has ended."))


def _queue(order: TrainingRun) -> None:
    transaction.on_commit(lambda: tasks.train.delay(order.pk), robust=True)
    transaction.on_commit(lambda: live.announce_training(order.pk), robust=True)
