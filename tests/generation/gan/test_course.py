"""A training that is cut off goes on where it was, and ends where it would have ended."""

from __future__ import annotations

import pytest

from generation.gan import learning
from generation.gan.config import TrainingConfig
from generation.gan.keeping import Keeper
from tests.generation.gan.test_learning import SMALL

SHORT = TrainingConfig(
    vocab_size=420,
    batch_tokens=9000,
    pretrain_epochs=2.6,
    discriminator_steps=5,
    pool=16,
    adversarial_rounds=6,
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
    for states in (3, 5, 6, 4, 3):
        deadly(states)
        with pytest.raises(Killed):
            train(records, tmp_path / "cut", work=tmp_path / "work")
        assert not (tmp_path / "cut").exists()

    deadly(0)
    cut = train(records, tmp_path / "cut", work=tmp_path / "work")

    assert_equal_weights(cut, whole)
    assert cut.digest == whole.digest
    assert cut.metrics == whole.metrics
    assert list((tmp_path / "work").iterdir()) == []
