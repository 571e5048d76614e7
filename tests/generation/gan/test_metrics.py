"""Figures against arithmetic done by hand."""

from __future__ import annotations

import pytest

from generation.gan import metrics


def test_distinct_counts_each_n_gram_once():
    # Bigrams: ab, bc; ab, bd: three of four are different.
    assert metrics.distinct([list("abc"), list("abd")], 2) == 0.75


def test_identical_texts_have_a_self_bleu_of_one():
    assert metrics.self_bleu([list("abcdef")] * 3) == pytest.approx(1.0)


def test_texts_with_nothing_in_common_have_a_self_bleu_of_nought():
    assert metrics.self_bleu([list("abcd"), list("efgh")]) == 0.0


def test_the_area_under_the_curve_counts_ties_half():
    # Pairs: 3>1, 3>2, 2>1 win, 2=2 is half: 3.5 of 4.
    assert metrics.auc([3.0, 2.0], [1.0, 2.0]) == 0.875


def test_a_clause_said_twice_is_found():
    assert metrics.repeats(list("滤油更彻底，滤油更彻底"))
    assert not metrics.repeats(list("滤油更彻底，倒油不挂壶"))


def test_texts_that_became_alike_raise_the_alarm():
    varied = [list("abcdefgh"), list("ijklmnop")]

    assert metrics.collapsed([list("abababab")] * 4, metrics.distinct(varied, 2))
    assert not metrics.collapsed(varied, metrics.distinct(varied, 2))


@pytest.mark.parametrize(
    ("text", "is_stutter"),
    [
        ("Care is simple is simple: wipe dry.", True),
        ("Hand wash cold, cold.", True),
        ("打理打理很简单。", True),
        ("日常打理：日常打理很简单。", True),
        ("Care is simple: wipe dry.", False),
        ("Size 40 cm, depth 40 cm.", False),
        ("好好睡一觉。", False),
    ],
)
def test_a_stutter_is_a_stretch_said_twice_in_a_row(text, is_stutter):
    assert metrics.stutters(text) == is_stutter
