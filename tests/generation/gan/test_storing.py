"""A folder is whole or not there, whatever happens while it is written."""

from __future__ import annotations

import errno
import os
import resource
from contextlib import contextmanager

import pytest

from generation.gan import checkpoint as checkpoints
from generation.gan import storing
from generation.gan.storing import DiskFull


@contextmanager
def no_file_larger_than(size):
    """A disk on which no file grows any further, as far as this process can tell."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_folder_appears_when_it_is_whole(tmp_path):
    with storing.new_folder(tmp_path / "made") as folder:
        storing.write(folder / "one", b"1")
        assert not (tmp_path / "made").exists()
        storing.write(folder / "two", b"2")

    assert sorted(part.name for part in (tmp_path / "made").iterdir()) == ["one", "two"]
    assert [part.name for part in tmp_path.iterdir()] == ["made"]


def test_a_folder_that_fails_leaves_the_one_before(tmp_path):
    with storing.new_folder(tmp_path / "made") as folder:
        storing.write(folder / "one", b"old")

    def fail():
        with storing.new_folder(tmp_path / "made") as folder:
            storing.write(folder / "one", b"new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert (tmp_path / "made" / "one").read_bytes() == b"old"
    assert [part.name for part in tmp_path.iterdir()] == ["made"]


def test_a_model_card_moves_along_with_new_weights(tmp_path):
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "README.md").write_text("a card")
    (tmp_path / "made" / "weights").write_text("old")

    with storing.new_folder(tmp_path / "made") as folder:
        storing.write(folder / "weights", b"new")

    assert (tmp_path / "made" / "README.md").read_text() == "a card"
    assert (tmp_path / "made" / "weights").read_text() == "new"


def test_what_a_killed_process_left_is_no_part_of_the_next(tmp_path):
    (tmp_path / ".made.new").mkdir()
    (tmp_path / ".made.new" / "half").write_text("wei")

    with storing.new_folder(tmp_path / "made") as folder:
        storing.write(folder / "whole", b"weights")

    assert [part.name for part in (tmp_path / "made").iterdir()] == ["whole"]


def test_a_full_disk_is_told_in_a_sentence_and_the_checkpoint_stays(checkpoint, tmp_path):
    folder = tmp_path / "active"
    checkpoints.save(checkpoint, folder)
    before = {part.name: part.read_bytes() for part in folder.iterdir()}
    digest = checkpoint.digest
    checkpoint.generator.embed.weight.data += 1

    with no_file_larger_than(20_000), pytest.raises(DiskFull, match=r"no room on the disk for .*"):
        checkpoints.save(checkpoint, folder)

    assert {part.name: part.read_bytes() for part in folder.iterdir()} == before
    assert [part.name for part in tmp_path.iterdir()] == ["active"]
    assert checkpoint.digest == checkpoints.load(folder).digest == digest


def test_a_disk_that_fills_up_while_it_is_flushed_is_full_too(tmp_path, monkeypatch):
    def fill_up(_handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fill_up)
    with pytest.raises(DiskFull), storing.new_folder(tmp_path / "made") as folder:
        storing.write(folder / "one", b"1")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["a file", "a file/below"])
def test_a_place_that_cannot_hold_a_checkpoint_is_refused_before_the_training(tmp_path, place):
    (tmp_path / "a file").write_text("")

    with pytest.raises(ValueError, match=r"is a file|cannot be made"):
        storing.refuse_unwritable(tmp_path / place)
