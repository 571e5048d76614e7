"""A simulated editor with one rule, and what is learnt from it."""

from __future__ import annotations

import re

import pytest

from generation.gan.taste import Editor, taste


def experiment(checkpoint, records, tmp_path, fault, **options):
    return taste(
        checkpoint,
        records[:24],
        records[24:32],
        editor=Editor(re.compile(fault)),
        rehearsal=records[:40],
        held_out=records[40:],
        into=tmp_path / "learnt",
        decisions=24,
        seed=2,
        minutes=0.2,
        report=lambda line: None,
        **options,
    )


def test_the_figures_are_of_products_that_no_decision_was_about(checkpoint, records, tmp_path):
    figures = experiment(checkpoint, records, tmp_path, "a")

    assert 0 < figures["refused"] < figures["decisions"] <= 24
    assert figures["held_out_decisions"] <= 16
    assert 0 <= figures["auc_before"] <= 1
    assert 0 <= figures["auc_after"] <= 1
    assert 0 < figures["fault_share_before"] < 1
    assert (tmp_path / "learnt" / "card.json").exists()


def test_an_editor_who_minds_nothing_teaches_nothing(checkpoint, records, tmp_path):
    with pytest.raises(ValueError, match="refuses 0 of"):
        experiment(checkpoint, records, tmp_path, "never to be found")

    assert not (tmp_path / "learnt").exists()
