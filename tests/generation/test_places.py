"""A command's training that was cut off goes on where it was; one that ended leaves nothing."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from generation.errors import NothingToLearn, PlaceUnusable, TrainingCollapsed
from generation.models import Checkpoint, Example
from tests.conftest import kept
from tests.generation.plain_writer import PlainWriter


@pytest.fixture
def places(settings, tmp_path) -> Path:
    settings.GALLEY_WORK_DIR = tmp_path / "places"
    return settings.GALLEY_WORK_DIR


@pytest.fixture
def tried(monkeypatch) -> list[tuple[Path, Path, int]]:
    """The folders and the number of lessons of each training; the first one is killed."""
    found, train = [], PlainWriter.train

    def killed_once(corpus, lessons, *, into, work, **wish):
        found.append((into, work, len(lessons)))
        if len(found) == 1:
            (work / "state-000001").mkdir()
            raise KeyboardInterrupt
        return train(corpus, lessons, into=into, work=work, **wish)

    monkeypatch.setattr(PlainWriter, "train", killed_once)
    return found


def end_with(monkeypatch, reason: BaseException, *, states: int) -> None:
    def ended(corpus, lessons, *, work, **wish):
        for number in range(states):
            (work / f"state-{number:06}").mkdir()
        raise reason

    monkeypatch.setattr(PlainWriter, "train", ended)


def test_the_same_command_goes_on_and_says_so(draft, checkpoint, places, tried, capsys):
    with pytest.raises(KeyboardInterrupt):
        call_command("train", minutes=5)
    capsys.readouterr()
    kept(Example.positive(draft, "Decided while nothing was trained."))
    Example.objects.update(is_held_out=False)

    call_command("train", minutes=5)

    first, second = tried
    assert second == first
    told = capsys.readouterr().out.splitlines()
    assert told[:3] == [f"resumed: work {first[1]}", "prepared", "measuring"]
    made = Checkpoint.objects.exclude(pk=checkpoint.pk).get()
    assert made.name == first[0].name
    assert list(places.iterdir()) == []


def test_it_continues_the_checkpoint_that_was_active_then(checkpoint, lessons, places, monkeypatch):
    parents = []

    def killed(self, lessons, *, work, **wish):
        parents.append(self.digest)
        (work / "state-000001").mkdir(exist_ok=True)
        raise KeyboardInterrupt

    monkeypatch.setattr(PlainWriter, "learn", killed)
    with pytest.raises(KeyboardInterrupt):
        call_command("train", feedback=True)
    Checkpoint.objects.active().retire()

    with pytest.raises(KeyboardInterrupt):
        call_command("train", feedback=True)

    assert parents == [checkpoint.digest] * 2


def test_another_command_begins_on_its_own(checkpoint, places, tried):
    with pytest.raises(KeyboardInterrupt):
        call_command("train", seed=1)

    call_command("train", seed=2)

    (_, first, _), (_, second, _) = tried
    assert first != second
    assert list(places.iterdir()) == [first]


def test_a_folder_may_be_chosen_and_what_else_lies_there_stays(checkpoint, places, tried, tmp_path):
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    (chosen / "notes.txt").write_text("mine")
    with pytest.raises(KeyboardInterrupt):
        call_command("train", work=chosen)
    before = sorted(part.name for part in chosen.iterdir())
    with pytest.raises(CommandError, match=r"keeps another training: choose another folder with"):
        call_command("train", work=chosen, minutes=7)

    call_command("train", work=chosen)

    assert before == ["notes.txt", "order.json", "state-000001"]
    assert [work for _, work, _ in tried] == [chosen, chosen]
    assert [part.name for part in chosen.iterdir()] == ["notes.txt"]
    assert not places.exists()


def test_the_place_of_the_library_s_own_command_is_not_taken(checkpoint, tried, tmp_path):
    (tmp_path / "work" / "state-000001").mkdir(parents=True)

    with pytest.raises(CommandError, match="keeps another training"):
        call_command("train", work=tmp_path / "work")

    assert tried == []
    assert [part.name for part in (tmp_path / "work").iterdir()] == ["state-000001"]


@pytest.mark.parametrize(
    ("reason", "states", "left"),
    [
        (NothingToLearn("There is nothing."), 0, 0),
        (NothingToLearn("There is nothing."), 1, 1),
        (TrainingCollapsed("They became alike."), 1, 0),
    ],
)
def test_only_a_place_to_go_on_from_is_kept(checkpoint, places, monkeypatch, reason, states, left):
    end_with(monkeypatch, reason, states=states)

    with pytest.raises(CommandError, match=str(reason)):
        call_command("train")

    assert len(list(places.iterdir())) == left


def test_a_place_that_cannot_be_gone_on_from_is_named(checkpoint, places, monkeypatch):
    end_with(monkeypatch, PlaceUnusable("It has changed."), states=1)

    with pytest.raises(CommandError) as told:
        call_command("train")

    (folder,) = places.iterdir()
    assert str(told.value) == f"It has changed. ({folder})"


def test_two_at_once_in_one_folder_are_refused(checkpoint, tried, tmp_path):
    handle = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)

    with pytest.raises(CommandError, match="The same training is under way: wait for it"):
        call_command("train", work=tmp_path)

    os.close(handle)
    assert tried == []


def test_a_folder_that_cannot_be_made_is_a_sentence(checkpoint, tried, tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(CommandError) as told:
        call_command("train", work=tmp_path / "file")

    assert str(told.value) == (
        f"No place can be kept in {tmp_path / 'file'} (File exists): choose another folder with "
        "--work."
    )
