"""Folders that are whole or not there: written beside, flushed to the disk, then renamed."""

from __future__ import annotations

import errno
import gzip
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class DiskFull(OSError):
    """There is no room for what was to be saved; what was saved before is untouched."""


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Give a folder to fill; it takes the place of `folder` once all of it is on the disk.

    If anything goes wrong, what stood there before still stands, and nothing is left beside it.
    Files that were not written again, such as a model card, move along.

    Raises:
        DiskFull: there is no room for it.
        OSError: it cannot be written; the message is a sentence.
    """
    beside = folder.with_name(f".{folder.name}.new")
    try:
        shutil.rmtree(beside, ignore_errors=True)  # of a process that was killed
        beside.mkdir(parents=True)
        yield beside
        _take_along(folder, beside)
        _flush(beside)
        _swap(beside, folder)
        _flush(folder.parent)
    except OSError as reason:
        raise _told(reason, folder) from reason
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def write(path: Path, content: bytes) -> None:
    """Write a file and wait until it is on the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def new_lines(path: Path | None) -> Iterator[Callable[[str], None]]:
    """Give what writes the lines of a file, gzipped where its name says so; none goes nowhere.

    The file takes the place of one that is there once all of it is on the disk.

    Raises:
        DiskFull: there is no room for it.
        OSError: it cannot be written; the message is a sentence.
    """
    if path is None:
        yield lambda _: None
        return
    beside = path.with_name(f".{path.name}.new")
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with opener(beside, "wt", encoding="utf-8", newline="\n") as lines:
            yield lambda line: print(line, file=lines)
        _flush(beside)
        beside.replace(path)
        _flush(path.parent)
    except OSError as reason:
        raise _told(reason, path) from reason
    finally:
        with suppress(NotADirectoryError):  # where a file stands in its way
            beside.unlink(missing_ok=True)


def refuse_unwritable(folder: Path) -> None:
    """Say before a long training that its end could not be saved.

    Raises:
        ValueError: the folder cannot be made, or is something else.
    """
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file: name a folder for the checkpoint.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as reason:
        raise ValueError(f"{folder.parent} cannot be made: {reason.strerror}.") from reason
    if not os.access(folder.parent, os.W_OK):
        raise ValueError(f"{folder.parent} cannot be written to: choose another folder.")


def _take_along(folder: Path, beside: Path) -> None:
    for part in folder.iterdir() if folder.is_dir() else ():
        if not (beside / part.name).exists():
            copy = shutil.copytree if part.is_dir() else shutil.copy2
            copy(part, beside / part.name)


def _swap(beside: Path, folder: Path) -> None:
    """Put a finished folder where another one stands; that one comes back if it cannot be."""
    if not folder.exists():
        beside.rename(folder)
        return
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    folder.rename(old)
    try:
        beside.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old)


def _flush(path: Path) -> None:
    """Wait until a file, or a folder's list of names, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _told(reason: OSError, folder: Path) -> OSError:
    if reason.errno in _NO_ROOM:
        return DiskFull(
            f"There is no room on the disk for {folder}: make some and start again; "
            "what was saved before is whole."
        )
    return OSError(f"{folder} cannot be written: {reason.strerror or reason}.")
