"""What places a draft in the queue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.ranking import (
    RANDOM_SHARE,
    Why,
    is_placed_by_chance,
    rank_of,
    urgency,
    why,
)

RANKED = next(n for n in range(100) if not is_placed_by_chance(7, n))


def rank(score: float, findings: int = 0) -> float:
    return rank_of(score, findings, run_seed=7, ordinal=RANKED)


def test_what_is_likelier_approved_comes_first():
    scores = [0.05, 0.2, 0.4, 0.6, 0.8, 0.9]

    assert sorted(scores, key=rank) == scores


def test_a_query_costs_places():
    assert rank(0.8) > rank(0.8, 1) > rank(0.8, 2)


@pytest.mark.parametrize(
    "due_at", [datetime.max.replace(tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)]
)
def test_what_is_wanted_sooner_comes_first_and_before_what_nobody_waits_for(due_at):
    sooner = due_at - timedelta(minutes=1)

    # Whatever the numbers of the runs are.
    assert urgency(sooner) + 1 > urgency(due_at) + 2**31 - 1
    assert urgency(due_at) + 1 > urgency(None) + 2**31 - 1


@pytest.mark.parametrize(
    "due_at", [None, datetime(1, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
)
def test_a_turn_is_a_number_that_the_database_holds(due_at):
    assert 0 <= urgency(due_at) + 2**31 - 1 < 2**63


def test_what_is_uncertain_gains_on_what_is_hopeless():
    assert rank(0.5) - rank(0.02) > 0.5 - 0.02


def test_about_one_in_twenty_is_placed_by_chance_the_same_ones_each_time():
    drawn = [is_placed_by_chance(11, ordinal) for ordinal in range(4_000)]

    assert 0.8 * RANDOM_SHARE < sum(drawn) / 4_000 < 1.2 * RANDOM_SHARE
    assert drawn == [is_placed_by_chance(11, ordinal) for ordinal in range(4_000)]


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 5))
def test_chance_asks_nothing_of_the_draft(score, other, findings):
    ordinal = next(n for n in range(1_000) if is_placed_by_chance(3, n))

    places = {rank_of(value, findings, run_seed=3, ordinal=ordinal) for value in (score, other)}

    assert len(places) == 1


@pytest.mark.parametrize(
    ("score", "findings", "is_random", "word"),
    [
        (0.9, 0, False, Why.LIKELY),
        (0.5, 0, False, Why.UNSURE),
        (0.1, 0, False, Why.UNLIKELY),
        (0.9, 1, False, Why.QUERIED),
        (0.9, 1, True, Why.RANDOM),
    ],
)
def test_why_is_said_in_a_word(score, findings, is_random, word):
    assert why(score, findings, is_random=is_random) == word
