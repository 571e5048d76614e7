"""States come back as they were kept, or the ones before them do."""

from __future__ import annotations

import math
import random

import pytest
import torch

from generation.gan.keeping import (
    Keeper,
    chance_of,
    chance_state,
    fingerprint,
    optimizer_state,
    restore_optimizer,
)
from generation.gan.storing import DiskFull
from tests.generation.gan.test_storing import no_file_larger_than

ORIGIN = {"corpus": "a", "seed": "1"}


def kept(folder, *numbers):
    keeper = Keeper(folder, ORIGIN)
    for number in numbers:
        keeper.keep({"number": number, "weights": torch.full((3,), float(number))})


def test_a_state_comes_back_as_it_was(tmp_path):
    state = {
        "weights": {"one": torch.randn(3, 2), "none": None},
        "half": torch.randn(2).half(),
        "chance": torch.get_rng_state(),
        "best": math.inf,
        "share": 0.1 + 0.2,
        "own": [{"texts": [[1, 2], []]}, "字"],
    }
    Keeper(tmp_path / "work", ORIGIN).keep(state)

    found = Keeper(tmp_path / "work", ORIGIN).found

    assert found["weights"]["one"].equal(state["weights"]["one"])
    assert found["half"].equal(state["half"])
    assert found["chance"].equal(state["chance"])
    assert found["weights"]["none"] is None
    assert (found["best"], found["share"], found["own"]) == (
        math.inf,
        state["share"],
        state["own"],
    )


def test_nothing_is_found_where_nothing_was_kept(tmp_path):
    assert Keeper(tmp_path / "work", ORIGIN).found is None
    assert Keeper(None, ORIGIN).found is None


def test_two_generations_stay(tmp_path):
    kept(tmp_path, 1, 2, 3)

    assert [part.name for part in sorted(tmp_path.iterdir())] == ["state-000002", "state-000003"]
    files = sorted(part.name for part in (tmp_path / "state-000003").iterdir())
    assert files == ["state.json", "tensors.safetensors"]
    assert Keeper(tmp_path, ORIGIN).found["number"] == 3


@pytest.mark.parametrize("name", ["state.json", "tensors.safetensors"])
def test_a_torn_state_gives_way_to_the_one_before(tmp_path, name):
    kept(tmp_path, 1, 2)
    file = tmp_path / "state-000002" / name
    file.write_bytes(file.read_bytes()[:-9])

    found = Keeper(tmp_path, ORIGIN).found

    assert found["number"] == 1
    assert found["weights"].tolist() == [1.0, 1.0, 1.0]


def test_where_no_state_is_whole_one_is_told_to_begin_again(tmp_path):
    kept(tmp_path, 1)
    (tmp_path / "state-000001" / "tensors.safetensors").unlink()

    with pytest.raises(ValueError, match="delete the folder to begin again"):
        Keeper(tmp_path, ORIGIN)


def test_another_trainings_folder_is_refused_and_says_what_differs(tmp_path):
    kept(tmp_path, 1)

    with pytest.raises(ValueError, match=r"another training \(its corpus, seed differ\)"):
        Keeper(tmp_path, {"corpus": "b", "seed": "2"})

    assert Keeper(tmp_path, ORIGIN).found["number"] == 1


def test_a_full_disk_leaves_the_state_before(tmp_path):
    kept(tmp_path, 1)

    with no_file_larger_than(10_000), pytest.raises(DiskFull):
        Keeper(tmp_path, ORIGIN).keep({"weights": torch.zeros(10_000)})

    assert [part.name for part in tmp_path.iterdir()] == ["state-000001"]
    assert Keeper(tmp_path, ORIGIN).found["number"] == 1


def test_a_state_is_due_after_its_time(tmp_path):
    assert Keeper(tmp_path, ORIGIN, every_seconds=0).is_due
    assert not Keeper(tmp_path, ORIGIN, every_seconds=60).is_due
    assert not Keeper(None, ORIGIN, every_seconds=0).is_due


def test_an_optimiser_goes_on_as_if_it_had_never_stopped(tmp_path):
    first, second = torch.nn.Linear(3, 1), torch.nn.Linear(3, 1)
    second.load_state_dict(first.state_dict())
    optimizers = [torch.optim.AdamW(model.parameters(), lr=0.1) for model in (first, second)]
    place = torch.tensor([1.0, 2.0, -1.0])

    for _ in range(3):
        optimizers[0].zero_grad()
        first(place).sum().backward()
        optimizers[0].step()
    second.load_state_dict(first.state_dict())
    Keeper(tmp_path, ORIGIN).keep({"optimizer": optimizer_state(optimizers[0])})
    restore_optimizer(optimizers[1], Keeper(tmp_path, ORIGIN).found["optimizer"])
    for model, optimizer in zip((first, second), optimizers, strict=True):
        optimizer.zero_grad()
        model(place).sum().backward()
        optimizer.step()

    assert second.weight.equal(first.weight)


def test_chance_goes_on_where_it_was(tmp_path):
    chance = random.Random(5)
    chance.random()
    Keeper(tmp_path, ORIGIN).keep({"chance": chance_state(chance.getstate())})
    expected = [chance.random() for _ in range(3)]

    again = random.Random(0)
    again.setstate(chance_of(Keeper(tmp_path, ORIGIN).found["chance"]))

    assert [again.random() for _ in range(3)] == expected


def test_a_fingerprint_tells_corpora_apart(records):
    assert fingerprint(records) == fingerprint(list(records))
    assert fingerprint(records) != fingerprint(records[:-1])
    assert fingerprint(records[:1], []) != fingerprint([], records[:1])
