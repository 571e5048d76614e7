"""A checkpoint that was trained elsewhere comes in whole, measured and inactive, or not at all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.models import AuditEntry
from generation import services
from generation.errors import CheckpointUnusable, DiskFull
from generation.gan import checkpoint as checkpoints
from generation.models import Checkpoint
from generation.writers import get_writer
from tests.generation.gan.conftest import checkpoint as untrained  # noqa: F401 - a fixture
from tests.generation.gan.conftest import records  # noqa: F401 - what it is made of
from tests.generation.gan.test_storing import no_file_larger_than
from tests.generation.plain_writer import FITNESS, PlainWriter, lay_files
from tests.generation.services.test_checkpoints import flip_a_byte

REAL = "generation.writers.gan.GanWriter"


@pytest.fixture
def brought(tmp_path) -> Path:
    """What a training on another machine left; "held" is no figure of Galley's."""
    lay_files(tmp_path / "brought", "brought", held=3)
    return tmp_path / "brought"


@pytest.fixture
def trained(untrained, tmp_path, settings) -> Path:  # noqa: F811
    """What the real writer left."""
    settings.GALLEY_WRITER = REAL
    checkpoints.save(untrained, tmp_path / "trained")
    return tmp_path / "trained"


def change_card(folder: Path, **changes) -> None:
    path = folder / "card.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def contents(folder: Path) -> dict[str, bytes]:
    return {part.name: part.read_bytes() for part in folder.iterdir()}


def assert_refused(checkpoint, folder: Path, sentence: str, *options: str) -> None:
    with pytest.raises(CommandError) as told:
        call_command("add_checkpoint", str(folder), *options)

    assert str(told.value) == sentence
    assert told.value.returncode == 1
    assert Checkpoint.objects.get() == checkpoint
    assert [part.name for part in checkpoint.directory.parent.iterdir()] == [checkpoint.path]
    assert not AuditEntry.objects.exists()


def test_it_is_copied_measured_and_may_write_when_somebody_says_so(checkpoint, brought, capsys):
    call_command("add_checkpoint", str(brought))

    added = Checkpoint.objects.get(name="brought")
    assert (added.status, added.parent) == ("trained", None)
    assert (added.metrics["held"], added.metrics["fitness"]) == (3, FITNESS)
    assert "agreement" in added.metrics
    assert contents(added.directory) == contents(brought)
    assert capsys.readouterr().out == (
        "brought: added, and does not write yet: press “Let it write” on the page /training/, "
        f"or POST to /api/v1/checkpoints/{added.pk}/activate/.\n"
    )
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.details) == ("checkpoint.add", {"folder": str(brought)})
    shutil.rmtree(brought)
    assert services.activate_checkpoint(added) == added


def test_the_same_checkpoint_added_twice_is_one(checkpoint, brought, capsys):
    call_command("add_checkpoint", str(brought), "--name", "ours", "--json")
    call_command("add_checkpoint", str(brought), "--json")

    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["checkpoint"], first["added"], first["status"]) == ("ours", True, "trained")
    assert second == first | {"added": False}
    assert Checkpoint.objects.exclude(pk=checkpoint.pk).get().name == "ours"
    assert {part.name for part in checkpoint.directory.parent.iterdir()} == {"first", "ours"}
    assert AuditEntry.objects.count() == 1


def test_one_that_is_known_and_damaged_is_restored_from_the_copy(checkpoint, tmp_path):
    shutil.copytree(checkpoint.directory, tmp_path / "copy")
    flip_a_byte(checkpoint)

    call_command("add_checkpoint", str(tmp_path / "copy"))

    assert checkpoint.is_intact
    assert Checkpoint.objects.get() == checkpoint


def test_a_child_of_one_that_is_here_has_it_as_its_parent(checkpoint, tmp_path):
    lay_files(tmp_path / "child", "child", parent=checkpoint.digest)

    call_command("add_checkpoint", str(tmp_path / "child"))

    assert Checkpoint.objects.get(name="child").parent == checkpoint


def test_one_that_lies_where_it_belongs_stays_there(checkpoint, brought):
    folder = shutil.copytree(brought, checkpoint.directory.with_name("laid"))

    call_command("add_checkpoint", str(folder))

    assert Checkpoint.objects.get(name="laid").directory == folder
    assert contents(folder) == contents(brought)


@pytest.mark.parametrize("name", ["../out", ".hidden", "two words", "starter", "a" * 101])
def test_a_name_that_is_none_is_refused(checkpoint, brought, name):
    assert_refused(
        checkpoint,
        brought,
        f"“{name}” cannot be the name of a checkpoint: give it another one with --name, of at "
        "most 100 letters, digits, points and dashes.",
        "--name",
        name,
    )


def test_the_name_of_another_one_is_refused(checkpoint, brought):
    before = contents(checkpoint.directory)

    assert_refused(
        checkpoint,
        brought,
        "There is another checkpoint “first”: give this one another name with --name.",
        "--name",
        "first",
    )
    assert contents(checkpoint.directory) == before


def test_figures_that_no_row_has_room_for_are_refused(checkpoint, brought):
    change_card(brought, metrics={"loss": float("nan")})

    assert_refused(checkpoint, brought, "The card of “brought” holds figures that are no numbers.")


def test_a_measurement_that_fails_leaves_nothing(checkpoint, brought, monkeypatch):
    def broken(self):
        raise CheckpointUnusable("It cannot be asked.")

    monkeypatch.setattr(PlainWriter, "fitness", broken)

    assert_refused(checkpoint, brought, "It cannot be asked.")


def test_a_disk_that_is_full_leaves_nothing(checkpoint, brought, monkeypatch):
    def full(self, folder):
        raise DiskFull("There is no room.")

    monkeypatch.setattr(PlainWriter, "copy_into", full)

    assert_refused(checkpoint, brought, "There is no room.")


def test_a_folder_that_is_no_checkpoint_is_refused(checkpoint, trained, tmp_path):
    assert_refused(
        checkpoint,
        tmp_path / "none",
        "none is no checkpoint of Galley, or not all of it: card.json cannot be found: restore it "
        "from a copy or take another checkpoint.",
    )
    change_card(trained, digest="foreign", backbone="foreign")
    assert_refused(
        checkpoint,
        trained,
        "trained is no checkpoint of Galley, or not all of it: adapter.safetensors cannot be "
        "found: restore it from a copy or take another checkpoint.",
    )


def test_one_flipped_byte_is_refused(checkpoint, trained):
    flip_a_byte(Checkpoint(path=str(trained)))

    assert_refused(
        checkpoint,
        trained,
        "trained was changed after it was written: restore it from a copy or take another "
        "checkpoint.",
    )


def test_a_newer_format_is_refused(checkpoint, trained):
    change_card(trained, format=2)

    assert_refused(
        checkpoint,
        trained,
        "trained has format 2, not 1: restore it from a copy or take another checkpoint.",
    )


def test_an_adapter_without_its_language_model_is_refused(checkpoint, trained):
    change_card(trained, backbone={"name": "some-7B"})

    assert_refused(
        checkpoint,
        trained,
        "The checkpoint “trained” writes with the language model “some-7B”: set GALLEY_BACKBONE "
        "to its folder.",
    )


def test_the_real_writer_copies_its_files_whole_or_not_at_all(trained, tmp_path):
    writer = get_writer(trained)
    with no_file_larger_than(20_000), pytest.raises(DiskFull, match="no room on the disk for the"):
        writer.copy_into(tmp_path / "full")

    writer.copy_into(tmp_path / "copy")

    assert contents(tmp_path / "copy") == contents(trained)
    flip_a_byte(Checkpoint(path=str(trained)))
    with pytest.raises(CheckpointUnusable, match="trained changed while it was copied"):
        writer.copy_into(tmp_path / "changed")
    assert sorted(part.name for part in tmp_path.iterdir()) == ["copy", "trained"]
