"""Taking in a checkpoint that was trained elsewhere: verified, copied, measured, and inactive."""

from __future__ import annotations

import json
import re
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog import audit
from generation import training
from generation.errors import CheckpointNotAdded, CheckpointUnusable
from generation.models import Checkpoint
from generation.models.checkpoint import STARTER
from generation.texts import Learnt
from generation.writers import Writer, get_writer

_NAME = re.compile(r"\w[\w.-]{0,99}")  # it is the name of a folder, too


def add_checkpoint(folder: Path, *, name: str = "") -> tuple[Checkpoint, bool]:
    """Take in a checkpoint; give its row, and whether it was not here before.

    It is not active; a person decides that. One that is known stays as it is, but for its files:
    where they are gone or damaged, the copy takes their place.

    Args:
        folder: that a training left, on this machine or another one.
        name: of the checkpoint here; that of the folder where none is given.

    Raises:
        CheckpointUnusable: it is none, is damaged or of another format, or its language model is
            not there.
        CheckpointNotAdded: it cannot have this name.
        DiskFull: there is no room for it.
        OSError: it cannot be written; the message is a sentence.
    """
    folder = folder.resolve()
    # A path that begins at the root is its own directory: the row is only asked, and never saved.
    Checkpoint(name=folder.name, path=str(folder)).require_language_model()
    writer = get_writer(folder)
    known = Checkpoint.objects.filter(digest=writer.digest).first()
    if known is not None:
        if not known.is_intact:
            _copy(writer, folder, known.directory)
        return known, False
    name = name or folder.name
    _refuse_name(name, writer.digest)
    return _added(writer, _learnt(folder), name)


def _added(writer: Writer, learnt: Learnt, name: str) -> tuple[Checkpoint, bool]:
    """The row and the copy, both or none; who adds at once waits, and looks again."""
    metrics = dict(learnt.metrics) | training.measured(learnt, None, at=timezone.now())
    parent = Checkpoint.objects.filter(digest=str(metrics.get("parent", ""))).first()
    with transaction.atomic():
        Checkpoint.objects.lock()
        if not Checkpoint.objects.filter(digest=learnt.digest).exists():
            _refuse_name(name, learnt.digest)
        checkpoint, made = Checkpoint.objects.get_or_create(
            digest=learnt.digest,
            defaults={"name": name, "path": name, "metrics": metrics, "parent": parent},
        )
        if made:
            audit.record("checkpoint.add", checkpoint, user=None, folder=str(learnt.path))
            _copy(writer, learnt.path, checkpoint.directory)
    return checkpoint, made


def _copy(writer: Writer, folder: Path, into: Path) -> None:
    """Copy a checkpoint, unless somebody has laid it where it belongs."""
    if folder != into.resolve():
        writer.copy_into(into)


def _learnt(folder: Path) -> Learnt:
    """What the card says, which no digest covers.

    Raises:
        CheckpointUnusable: no row has room for its figures.
    """
    learnt = training.left_in(folder)
    try:
        json.dumps(learnt.metrics, allow_nan=False)
    except ValueError as reason:
        raise CheckpointUnusable(
            _("The card of “%(name)s” holds figures that are no numbers.") % {"name": folder.name}
        ) from reason
    return learnt


def _refuse_name(name: str, digest: str) -> None:
    """Refuse a name that leads out of the folder of checkpoints, or is another one's.

    A folder with these very weights and no row is what a process left that died.

    Raises:
        CheckpointNotAdded: it is.
    """
    if not _NAME.fullmatch(name) or name == STARTER:
        raise CheckpointNotAdded(
            _(
                "“%(name)s” cannot be the name of a checkpoint: give it another one with --name, "
                "of at most 100 letters, digits, points and dashes."
            )
            % {"name": name}
        )
    asked = Checkpoint(path=name, digest=digest)
    is_other = asked.directory.exists() and not asked.is_complete
    if is_other or Checkpoint.objects.filter(name=name).exists():
        raise CheckpointNotAdded(
            _("There is another checkpoint “%(name)s”: give this one another name with --name.")
            % {"name": name}
        )
