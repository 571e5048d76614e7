"""Likelihood training stops when it learns no more, and its best weights stay."""

from __future__ import annotations

import pytest

from generation.gan.config import TrainingConfig
from generation.gan.lessons import Curriculum
from generation.gan.likelihood import Likelihood, held_out_loss
from generation.gan.training import Clock, copied, cosine, linear, warmed


@pytest.fixture
def learn(checkpoint, encoder, records):
    """Run the phase on the small shop; give the phase, its lines and its rests."""

    def run(*, held_out=records[40:], seconds=600.0, look=dict, **settings):
        config = TrainingConfig(batch_tokens=900, **settings)
        phase = Likelihood(
            checkpoint.generator,
            Curriculum(records[:40], encoder),
            encoder.pairs(held_out),
            config,
            seed=1,
            look=look,
        )
        lines, rests = [], []
        phase.run(Clock(seconds), lines.append, lambda: rests.append(phase.step))
        return phase, lines, rests

    return run


def test_it_learns_and_says_how(learn):
    _, lines, rests = learn(pretrain_epochs=1.0, learning_rate=3e-3, warmup_steps=1)

    checks = [line for line in lines if "held_out" in line]
    assert len(checks) == 16
    assert checks[-1]["held_out"] < checks[0]["held_out"] - 0.5
    assert all(line["gradient_norm"] > 0 for line in lines)
    assert rests == list(range(1, lines[-1]["step"]))  # a state may be taken after every step


def test_it_stops_after_some_checks_without_a_better_one(learn):
    phase, lines, _ = learn(pretrain_epochs=1.0, learning_rate=0.0, patience=3)

    checks = [line["held_out"] for line in lines if "held_out" in line]
    assert len(checks) < 16
    # Three after the last that was better, if by the batch norm alone.
    assert checks.index(min(checks)) == len(checks) - 4
    assert phase.result()["steps"] == lines[-1]["step"]


def test_the_best_weights_stay_and_not_the_last(learn, checkpoint, encoder, records):
    """A rate this high undoes what the warm-up learnt."""
    phase, lines, _ = learn(pretrain_epochs=1.0, learning_rate=0.3, warmup_steps=60, patience=99)

    checks = [line["held_out"] for line in lines if "held_out" in line]
    held_out = encoder.pairs(records[40:])
    assert min(checks) < checks[-1]
    assert held_out_loss(checkpoint.generator, held_out, seed=1) == min(checks)
    assert phase.result()["held_out"] == min(checks)


def test_where_nothing_is_held_out_the_latest_weights_stay(learn, checkpoint):
    before = copied(checkpoint.generator)

    phase, lines, _ = learn(held_out=[], pretrain_epochs=0.2, learning_rate=3e-3, warmup_steps=1)

    assert phase.result()["held_out"] == min(line["held_out"] for line in lines) > 0
    assert not checkpoint.generator.embed.weight.equal(before["embed.weight"])


def test_time_that_is_up_ends_it_after_one_step(learn):
    phase, lines, rests = learn(pretrain_epochs=5, seconds=1e-6)

    assert phase.result()["steps"] == 1
    assert [line["step"] for line in lines] == [1]
    assert rests == []


def test_each_check_shows_what_the_look_finds(learn):
    _, lines, _ = learn(
        pretrain_epochs=0.05, look=lambda: {"samples": [{"ref": "T-1", "text": "A mug."}]}
    )

    checks = [line for line in lines if "held_out" in line]
    assert [line["samples"][0]["text"] for line in checks] == ["A mug."] * len(checks)


def test_rates_rise_and_fall():
    assert [warmed(step, 4) for step in (1, 2, 3, 9)] == [0.5, 0.75, 1.0, 1.0]
    assert [round(cosine(share), 3) for share in (0, 0.5, 1, 2)] == [1.0, 0.52, 0.04, 0.04]
    assert [round(linear(share), 3) for share in (0, 0.5, 1, 2)] == [1.0, 0.55, 0.1, 0.1]


def test_a_clock_goes_on_from_the_time_used_before():
    assert Clock(10.0, before=5.0).share == pytest.approx(0.5, abs=0.05)
