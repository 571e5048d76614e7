"""The place that a command's training keeps: what it began with, until it has ended."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from generation.errors import PlaceUnusable, TrainingCollapsed
from generation.models import Checkpoint

_ORDER = "order.json"


@dataclass(frozen=True)
class Place:
    """Where a training stands, and what it must find again to go on from there.

    Args:
        work: the folder that keeps it.
        at: when it first began; what was decided later is not learnt from.
        name: of the new checkpoint.
        parent: the digest of the checkpoint that was active then; "" where there was none.
    """

    work: Path
    at: datetime
    name: str
    parent: str

    @property
    def is_kept(self) -> bool:
        """Say whether there is anything to go on from: a state, or weights without a row."""
        weights = Path(settings.GALLEY_CHECKPOINT_DIR) / self.name / "card.json"
        return any(self.work.glob("state-*")) or weights.is_file()

    def forget(self) -> None:
        """Free the disk; what else lies in a folder that somebody chose stays there."""
        for state in self.work.glob("state-*"):
            shutil.rmtree(state)
        (self.work / _ORDER).unlink(missing_ok=True)
        if not any(self.work.iterdir()):
            self.work.rmdir()


@contextmanager
def held(asked: Mapping[str, Any], work: Path | None) -> Iterator[Place]:
    """Hold the place of the training that is asked for, for the length of a block.

    Whoever asks for the same gets the place that a block left which was cut off. Of one that came
    to its end nothing is kept, nor of one that would end in the same way again.

    Args:
        asked: what the training shall be, JSON-ready.
        work: the folder; one of its own below `GALLEY_WORK_DIR` where none is chosen.

    Raises:
        PlaceUnusable: another process is at it, it is another training's, what it began from has
            changed, or the folder cannot be written to.
    """
    folder = work or Path(settings.GALLEY_WORK_DIR) / f"command-{_fingerprint(asked)}"
    handle = _opened(folder)
    try:
        place = _found(folder, asked) or _begun(folder, asked)
        try:
            yield place
        except PlaceUnusable as reason:
            raise PlaceUnusable(f"{reason} ({folder})") from reason
        except TrainingCollapsed:
            place.forget()
            raise
        except BaseException:
            if not place.is_kept:
                place.forget()
            raise
        place.forget()
    finally:
        os.close(handle)


def _fingerprint(asked: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:12]


def _opened(folder: Path) -> int:
    """Open a folder, and lock it until it is closed or the process dies."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as reason:
        raise PlaceUnusable(
            _("No place can be kept in %(folder)s (%(reason)s): choose another folder with --work.")
            % {"folder": folder, "reason": reason.strerror}
        ) from reason
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as reason:
        os.close(handle)
        raise PlaceUnusable(
            _("The same training is under way: wait for it, or give this one a folder with --work.")
        ) from reason
    return handle


def _found(folder: Path, asked: Mapping[str, Any]) -> Place | None:
    """The place that lies in a folder; None where there is nothing to go on from."""
    try:
        order = json.loads((folder / _ORDER).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        order = {}  # of a process that was killed before it kept anything
    if order:
        at = datetime.fromisoformat(order["at"])
        place = Place(folder, at, order["name"], order["parent"])
        if not place.is_kept:
            return None
        if order["asked"] == asked:
            return place
    elif not any(folder.glob("state-*")):
        return None
    raise PlaceUnusable(
        _("%(folder)s keeps another training: choose another folder with --work, or delete it.")
        % {"folder": folder}
    )


def _begun(folder: Path, asked: Mapping[str, Any]) -> Place:
    """A new place, with what a later process must find again."""
    at = timezone.now()
    active = Checkpoint.objects.active().first()
    name = f"{at:%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}"
    place = Place(folder, at, name, active.digest if active else "")
    order = {"asked": asked, "at": at.isoformat(), "name": name, "parent": place.parent}
    try:
        (folder / _ORDER).write_text(json.dumps(order), encoding="utf-8")
    except OSError as reason:
        raise PlaceUnusable(
            _("No place can be kept in %(folder)s (%(reason)s): choose another folder with --work.")
            % {"folder": folder, "reason": reason.strerror}
        ) from reason
    return place
