"""Which checkpoint writes."""

from __future__ import annotations

import json

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from generation.errors import CheckpointMissing, CheckpointUnusable
from generation.models import Checkpoint
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
def activate_checkpoint(checkpoint: Checkpoint, *, user: User | None = None) -> Checkpoint:
    """Make a checkpoint the one that writes; the one before it retires and stays at hand.

    Raises:
        CheckpointUnusable: its files are gone; nothing changes.
    """
    if not checkpoint.is_complete:
        raise CheckpointUnusable(
            _("The files of the checkpoint “%(name)s” are gone.") % {"name": checkpoint.name}
        )
    if checkpoint.status != Checkpoint.Status.ACTIVE:
        Checkpoint.objects.active().retire()
        Checkpoint.objects.filter(pk=checkpoint.pk).activate()
    return Checkpoint.objects.get(pk=checkpoint.pk)
