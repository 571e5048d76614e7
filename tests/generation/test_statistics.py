"""Shares know how sure they are, and rankings are counted to the pair."""

from __future__ import annotations

import math

import pytest

from generation.statistics import Share, agreement, auc, sample_to_accept


def test_wilsons_interval_is_the_textbooks():
    # Newcombe 1998, table I, method 3: 81 of 263 and 0 of 20.
    assert Share(81, 263).interval == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert Share(0, 20).interval == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_nothing_is_said_of_no_trial():
    assert (Share(0, 0).value, Share(0, 0).interval) == (None, None)


def test_the_area_counts_pairs_and_half_of_ties():
    # 0.9 beats both; 0.4 beats 0.1 and ties with 0.4: 3.5 of 4.
    assert auc([0.9, 0.4], [0.4, 0.1]) == 3.5 / 4
    assert auc([0.9], []) is None


def test_each_reason_is_held_against_all_approvals():
    scores = {"before": ([0.2, 0.6], [0.5, 0.1]), "after": ([0.8, 0.9], [0.5, 0.85])}

    found = agreement(scores, ["dull", "garbled"])

    assert found == {
        "approved": 2,
        "rejected": 2,
        "before": 0.75,
        "after": 0.75,
        "reasons": [
            {"reason": "dull", "rejected": 1, "before": 0.5, "after": 1.0},
            {"reason": "garbled", "rejected": 1, "before": 1.0, "after": 0.5},
        ],
    }


@pytest.mark.parametrize(("lot", "sample"), [(0, 0), (1, 1), (10, 10), (50, 22), (100, 25)])
def test_a_sample_is_as_large_as_it_must_be(lot, sample):
    assert sample_to_accept(lot) == sample


@pytest.mark.parametrize("lot", [30, 200, 1_000])
def test_a_bad_lot_is_hardly_accepted_and_one_fewer_would_not_do(lot):
    bad, sample = math.ceil(lot / 10), sample_to_accept(lot)

    def missed(n: int) -> float:
        return math.comb(lot - bad, n) / math.comb(lot, n)

    assert missed(sample) <= 0.05 < missed(sample - 1)
