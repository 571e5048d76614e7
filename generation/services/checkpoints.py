"""Which checkpoint writes."""

from __future__ import annotations

import json

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from catalog import audit
from generation import gate, tasks
from generation.errors import (
    CheckpointMissing,
    CheckpointUnfit,
    CheckpointUnusable,
    NothingToRollBack,
)
from generation.models import Activation, Canary, Checkpoint
from generation.models.checkpoint import STARTER


@transaction.atomic
def ensure_starter_checkpoint() -> Checkpoint:
    """Register the checkpoint that ships with Galley, and make it write if none does.

    After an upgrade it also succeeds the one that shipped before, whose weights are gone.

    Raises:
        CheckpointMissing: its files are not there; the sentence names the command that trains.
    """
    card = settings.GALLEY_STARTER_CHECKPOINT / "card.json"
    try:
        facts = json.loads(card.read_text(encoding="utf-8"))
    except OSError as reason:
        raise CheckpointMissing(
            _(
                "The starter checkpoint is missing: restore generation/checkpoints/starter, or "
                "train one with manage.py train."
            )
        ) from reason
    checkpoint, _made = Checkpoint.objects.get_or_create(
        digest=facts["digest"],
        defaults={"name": STARTER, "path": STARTER, "metrics": facts["metrics"]},
    )
    Checkpoint.objects.active().filter(path=STARTER).exclude(pk=checkpoint.pk).retire()
    if not Checkpoint.objects.active().exists():
        Checkpoint.objects.filter(pk=checkpoint.pk).activate()
    return Checkpoint.objects.get(pk=checkpoint.pk)


def active_checkpoint() -> Checkpoint:
    """The checkpoint that writes.

    Raises:
        CheckpointMissing: none is active, or its files are gone.
    """
    checkpoint = Checkpoint.objects.active().first()
    if checkpoint is None:
        raise CheckpointMissing(
            _("No checkpoint is active: activate one, or train one with manage.py train.")
        )
    checkpoint.require_files()
    return checkpoint


@transaction.atomic
def activate_checkpoint(
    checkpoint: Checkpoint, *, user: User | None = None, reason: str = ""
) -> Checkpoint:
    """Make a checkpoint the one that writes; the one before it retires and stays at hand.

    Args:
        checkpoint: to write from now on.
        user: who wants that.
        reason: why it shall write although its figures speak against it; kept and shown.

    Raises:
        CheckpointUnusable: its files are gone or damaged; nothing changes.
        CheckpointUnfit: its figures speak against it, and there is no reason to override them.
    """
    Checkpoint.objects.lock()
    checkpoint = Checkpoint.objects.get(pk=checkpoint.pk)
    require_intact(checkpoint)
    active = Checkpoint.objects.active().first()
    if active == checkpoint:
        return active
    return succeed(active, checkpoint, user=user, reason=reason)


def succeed(
    active: Checkpoint | None,
    checkpoint: Checkpoint,
    *,
    user: User | None,
    reason: str,
) -> Checkpoint:
    """Let a checkpoint take the active one's place; the caller holds the checkpoints.

    A trial ends with that: the one on trial is promoted, or its rival is gone.

    Raises:
        CheckpointUnfit: its figures speak against it, and there is no reason to override them.
    """
    against = gate.objections(checkpoint.metrics, active.metrics if active else None)
    reason = reason.strip() if against else ""
    if against and not reason:
        raise CheckpointUnfit(
            _("“%(name)s” may not write without a written reason. %(objection)s")
            % {"name": checkpoint.name, "objection": against[0].sentence}
        )
    Checkpoint.objects.active().retire()
    Checkpoint.objects.filter(pk=checkpoint.pk).activate()
    Activation.objects.create(
        checkpoint=checkpoint,
        previous=active,
        user=user,
        objections=[objection.to_dict() for objection in against],
        reason=reason,
    )
    trial = Canary.objects.running()
    was_on_trial = trial.filter(checkpoint=checkpoint).promote(user)
    trial.end(user)
    audit.record(
        "canary.promote" if was_on_trial else "checkpoint.activate",
        checkpoint,
        user=user,
        previous=active.name if active else "",
        objections=[objection.code for objection in against],
        reason=reason,
    )
    return Checkpoint.objects.get(pk=checkpoint.pk)


@transaction.atomic
def roll_back(checkpoint: Checkpoint, *, user: User | None = None) -> Checkpoint:
    """Let the checkpoint write again that wrote before this one; no gate asks it anything.

    Args:
        checkpoint: the active one, as far as the person knows.
        user: who wants that.

    Raises:
        NothingToRollBack: another one is active by now, or none wrote before.
        CheckpointUnusable: the files of the one before are gone or damaged; nothing changes.
    """
    Checkpoint.objects.lock()
    if not Checkpoint.objects.active().filter(pk=checkpoint.pk).exists():
        raise NothingToRollBack(
            _("“%(name)s” does not write any more: somebody was faster.")
            % {"name": checkpoint.name}
        )
    newest = Activation.objects.standing().select_related("previous").first()
    if newest is None or newest.checkpoint_id != checkpoint.pk or newest.previous is None:
        raise NothingToRollBack(
            _("No checkpoint wrote before “%(name)s”.") % {"name": checkpoint.name}
        )
    require_intact(newest.previous)
    Activation.objects.filter(pk=newest.pk).undo()
    Canary.objects.running().end(user)
    Checkpoint.objects.active().retire()
    Checkpoint.objects.filter(pk=newest.previous.pk).activate()
    audit.record("checkpoint.roll_back", newest.previous, user=user, previous=checkpoint.name)
    return Checkpoint.objects.get(pk=newest.previous.pk)


@transaction.atomic
def measure_checkpoint(checkpoint: Checkpoint, *, user: User | None = None) -> None:
    """Have a checkpoint asked what the gate asks, by the gpu worker.

    Raises:
        CheckpointUnusable: its files are gone.
    """
    require_complete(checkpoint)
    audit.record("checkpoint.measure", checkpoint, user=user)
    transaction.on_commit(lambda: tasks.measure.delay(checkpoint.pk), robust=True)


def require_complete(checkpoint: Checkpoint) -> None:
    """Refuse a checkpoint whose files are gone, or whose language model is.

    Raises:
        CheckpointUnusable: they are.
    """
    if not checkpoint.is_complete:
        raise CheckpointUnusable(
            _("The files of the checkpoint “%(name)s” are gone.") % {"name": checkpoint.name}
        )
    checkpoint.require_language_model()


def require_intact(checkpoint: Checkpoint) -> None:
    """Refuse to let a checkpoint write whose files are not what was written, byte for byte.

    Its card alone does not tell: it is whole, too, where the weights were cut or changed.

    Raises:
        CheckpointUnusable: its files are gone or damaged, or its language model is gone.
    """
    require_complete(checkpoint)
    if not checkpoint.is_intact:
        raise CheckpointUnusable(
            _(
                "The files of the checkpoint “%(name)s” are damaged: restore them from a copy, or "
                "choose another checkpoint."
            )
            % {"name": checkpoint.name}
        )
