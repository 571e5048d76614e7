"""A training that is cut off goes on where it was, and ends where it would have ended."""

from __future__ import annotations

import json
import time

import pytest
import torch

from generation.gan import learning
from generation.gan.config import TrainingConfig
from generation.gan.course import Course, refuse_few
from generation.gan.keeping import Keeper
from generation.gan.learning import Lesson
from tests.generation.gan.test_learning import SMALL

SHORT = TrainingConfig(
    vocab_size=420,
    batch_tokens=9000,
    pretrain_epochs=2.6,
    discriminator_steps=8,
    discriminator_rate=2e-3,  # so that it soon knows enough for the generator to play
    pool=16,
    adversarial_rounds=6,
    generator_rate=1e-3,
    gate_rounds=2,
    briefs_per_round=4,
    samples_per_brief=2,
    gate_loss=9.0,  # the gate stays open, whatever so little training does to a text
    gate_distinct=0.0,
    gate_repetition=1.0,
)


class Killed(Exception):
    """The process is gone."""


@pytest.fixture
def deadly(monkeypatch):
    """Let a training die after so many states were kept, or live when the number is 0."""
    keep = Keeper.keep

    def set_lifetime(states: int) -> None:
        kept = []

        def keep_and_die(keeper, state):
            if len(kept) == states > 0:
                raise Killed  # the steps since the last state are lost
            kept.append(keep(keeper, state))

        monkeypatch.setattr(Keeper, "keep", keep_and_die)

    return set_lifetime


def train(records, into, *, work=None, config=SHORT, seed=3, **options):
    return learning.train(
        records[:40],
        records[40:],
        into=into,
        seed=seed,
        minutes=600,
        report=options.pop("report", lambda _: None),
        config=config,
        generator={**SMALL, "dropout": 0.1, "max_target": 32},
        work=work,
        every_seconds=0,
        **options,
    )


def assert_equal_weights(first, second):
    for name in ("generator", "discriminator"):
        weights, others = (getattr(one, name).state_dict() for one in (first, second))
        assert weights.keys() == others.keys()
        assert all(value.equal(others[key]) for key, value in weights.items())


@pytest.mark.slow
def test_a_training_killed_again_and_again_ends_in_the_same_weights(records, tmp_path, deadly):
    whole = train(records, tmp_path / "whole")
    for states in (3, 9, 8, 5):  # in the middle of each phase
        deadly(states)
        with pytest.raises(Killed):
            train(records, tmp_path / "cut", work=tmp_path / "work")
        assert not (tmp_path / "cut").exists()

    deadly(0)
    cut = train(records, tmp_path / "cut", work=tmp_path / "work")

    assert "reward" in whole.metrics["adversarial"]  # both played
    assert_equal_weights(cut, whole)
    assert cut.digest == whole.digest
    assert cut.metrics == whole.metrics
    assert list((tmp_path / "work").iterdir()) == []


@pytest.mark.slow
def test_the_time_used_before_a_cut_counts(records, tmp_path, deadly):
    deadly(2)
    with pytest.raises(Killed):
        train(records, tmp_path / "cut", work=tmp_path / "work")
    place = tmp_path / "work" / "state-000002" / "state.json"
    said = json.loads(place.read_text())
    said["state"]["seconds"] = 600 * 60.0  # all the minutes that there are
    place.write_text(json.dumps(said))

    deadly(0)
    heard = []
    train(records, tmp_path / "cut", work=tmp_path / "work", report=heard.append)

    assert [line["step"] for line in heard if line["phase"] == "likelihood"] == [3]


def test_the_phases_have_what_preparing_and_the_end_leave_them(checkpoint):
    given = {"minutes": 60, "device": torch.device("cpu"), "report": print}

    course = Course.begin(checkpoint, Keeper(None, {}), **given)
    late = Course.begin(checkpoint, Keeper(None, {}), begun=time.monotonic() - 600, **given)
    gone = Course.begin(checkpoint, Keeper(None, {}), begun=time.monotonic() - 3600, **given)

    assert course.seconds == pytest.approx(51 * 60, abs=5)
    assert late.seconds == pytest.approx(41 * 60, abs=5)
    assert gone.seconds == 0


@pytest.mark.slow
def test_a_training_whose_minutes_went_into_preparing_takes_a_step_of_each_phase(records, tmp_path):
    heard = []

    train(records, tmp_path / "late", report=heard.append, begun=time.monotonic() - 600 * 60)

    last = {line["phase"]: line["step"] for line in heard}
    assert last["likelihood"] == last["adversarial"] == 1


def test_another_seed_does_not_go_on_from_this_ones_place(records, tmp_path, deadly):
    deadly(1)
    with pytest.raises(Killed):
        train(records, tmp_path / "cut", work=tmp_path / "work")

    with pytest.raises(ValueError, match=r"another training \(its seed differ"):
        train(records, tmp_path / "cut", work=tmp_path / "work", seed=4)


@pytest.mark.slow
def test_learning_from_editors_goes_on_too(checkpoint, records, tmp_path, deadly):
    lessons = [Lesson(record, "approved") for record in records[:6]]
    lessons += [Lesson(record, "rejected", weight=2.0) for record in records[6:12]]

    def learn(into, **place):
        return learning.learn(
            checkpoint,
            lessons,
            records[12:24],
            records[24:30],
            into=tmp_path / into,
            seed=2,
            minutes=600,
            report=lambda _: None,
            rounds=2,
            steps=3,
            every_seconds=0,
            **place,
        )

    whole = learn("whole")
    for states in (2, 2):  # in the warm-up, and in the game
        deadly(states)
        with pytest.raises(Killed):
            learn("cut", work=tmp_path / "work")
    deadly(0)

    assert_equal_weights(learn("cut", work=tmp_path / "work"), whole)


@pytest.mark.parametrize(("texts", "words"), [(0, "are 0"), (1, "is 1"), (15, "are 15")])
def test_too_few_texts_are_counted_in_the_right_number(texts, words):
    with pytest.raises(ValueError, match=f"and there {words} that it can use"):
        refuse_few(texts)
