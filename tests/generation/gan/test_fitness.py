"""The same questions for every checkpoint, answered in figures that compare."""

from __future__ import annotations

import pytest

from generation.gan import fitness
from generation.gan.likelihood import held_out_loss
from generation.gate import is_measured


def test_a_checkpoint_answers_all_that_the_gate_asks(checkpoint, records, encoder):
    figures = fitness.fitness(checkpoint, records, seed=3)

    assert is_measured(figures | {"coverage": figures["coverage"] or 0.0})
    assert figures == fitness.fitness(checkpoint, records, seed=3)
    assert set(figures["distinct_2"]) == {"en", "zh"}
    pairs = [(record, encoder.pair(record)) for record in records]
    known = [(record, pair) for record, pair in pairs if pair is not None]
    nats = held_out_loss(checkpoint.generator, [pair for _, pair in known], seed=3)
    tokens = sum(len(pair.target) for _, pair in known)
    characters = sum(len(record.text) for record, _ in known)
    assert figures["loss"] == pytest.approx(nats * tokens / characters, abs=1e-5)


def test_other_texts_are_other_questions(checkpoint, records):
    first = fitness.fitness(checkpoint, records[:20], seed=3)
    second = fitness.fitness(checkpoint, records[1:21], seed=3)

    assert first["asked"] != second["asked"]


def test_nothing_to_ask_about_is_said(checkpoint):
    with pytest.raises(ValueError, match="no held-out text"):
        fitness.fitness(checkpoint, [], seed=3)
