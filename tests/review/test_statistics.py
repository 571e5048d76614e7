"""What is said of counts is their arithmetic, and of too few nothing is said."""

from __future__ import annotations

import pytest

from review.statistics import Forecast, Tally, agreement, forecast, medians, tallies


def row(verdict: str, count: int, **more) -> dict:
    return {"verdict": verdict, "count": count, **more}


def test_rows_are_added_up_by_what_they_hold():
    rows = [
        row("approved", 3, whose=1, timed=2, taken=30.0),
        row("rejected", 1, whose=2, timed=0, taken=None),
        row("approved", 4, whose=1, timed=4, taken=10.5),
        row("edited", 2, whose=1),
    ]

    found = tallies(rows, "whose")

    assert found == {
        1: Tally(approved=7, edited=2, timed=6, seconds=40.5),
        2: Tally(rejected=1),
    }


def test_shares_are_of_what_stands_and_the_undone_of_all():
    tally = Tally(approved=6, edited=1, rejected=3, undone=2)

    assert [(share.count, share.n) for share in tally.shares] == [(6, 10), (1, 10), (3, 10)]
    assert (tally.undone_share.count, tally.undone_share.n) == (2, 12)


@pytest.mark.parametrize(
    ("timed", "seconds", "pace"), [(20, 400.0, 180.0), (19, 400.0, None), (20, 0.0, None)]
)
def test_a_pace_takes_twenty_decisions_of_known_length(timed, seconds, pace):
    assert Tally(approved=30, timed=timed, seconds=seconds).per_hour == pace


def test_two_in_the_middle_make_one_median():
    rows = [
        {"verdict": "approved", "timed": 4, "active_seconds": 8.0},
        {"verdict": "approved", "timed": 4, "active_seconds": 11.0},
        {"verdict": "edited", "timed": 1, "active_seconds": 40.0},
    ]

    found = medians(rows)

    assert {name: (median.n, median.seconds) for name, median in found.items()} == {
        "approved": (4, 9.5),
        "edited": (1, 40.0),
    }


def test_a_queue_lasts_as_its_pace_says():
    # 40 decisions in 800 s are 180 an hour, and in 4 days 10 a day: 45 drafts are 0.25 h, 4.5 days.
    done = Tally(approved=40, timed=40, seconds=800.0)

    assert forecast(45, done, 4) == Forecast(45, hours=0.25, days=5)


def test_little_is_no_ground_for_a_forecast():
    few = Tally(approved=19, timed=19, seconds=60.0)
    many = Tally(approved=40, timed=40, seconds=800.0)

    assert forecast(45, few, 9) == Forecast(45, None, None)
    assert forecast(45, many, 2) == Forecast(45, 0.25, None)


def test_agreement_beyond_chance_is_what_a_hand_computes():
    # The first gave .60, .30 and .10, the second .50, .30 and .20, which is .41 by chance.
    # The same were (88 + 40 + 12) / 200 = .70, so kappa is (.70 - .41) / (1 - .41).
    pairs = {
        ("approved", "approved"): 88,
        ("approved", "edited"): 14,
        ("approved", "rejected"): 18,
        ("edited", "approved"): 10,
        ("edited", "edited"): 40,
        ("edited", "rejected"): 10,
        ("rejected", "approved"): 2,
        ("rejected", "edited"): 6,
        ("rejected", "rejected"): 12,
    }

    found = agreement(pairs)

    assert (found.same.count, found.same.n) == (140, 200)
    assert found.by_chance == pytest.approx(0.41)
    assert found.kappa == pytest.approx(0.29 / 0.59)


def test_those_who_never_agree_do_worse_than_chance():
    found = agreement({("approved", "rejected"): 5, ("rejected", "approved"): 5})

    assert (found.same.value, found.kappa) == (0.0, -1.0)


def test_no_pair_and_a_single_verdict_have_no_kappa():
    nothing = agreement({})
    one = agreement({("approved", "approved"): 7})

    assert (nothing.same.value, nothing.same.interval, nothing.kappa) == (None, None, None)
    assert (one.same.value, one.kappa) == (1.0, None)
