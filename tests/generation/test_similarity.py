"""The cosine of two texts, by hand."""

from __future__ import annotations

import math

import pytest

from generation.similarity import Index


def test_the_cosine_is_that_of_tf_idf_vectors():
    # N = 2. "oak" stands in one text: idf 1 + ln(3/2); "lamp" in both: idf 1 + ln(3/3) = 1.
    # First text: oak twice, lamp once, so (1 + ln 2)(1 + ln 1.5) and 1. Second: lamp alone, so 1.
    index = Index([["oak", "lamp", "oak"], ["lamp"]])
    oak = (1 + math.log(2)) * (1 + math.log(1.5))

    found = index.nearest(["lamp"], count=5, least=0)

    assert found == [(1, pytest.approx(1)), (0, pytest.approx(1 / math.hypot(oak, 1)))]


def test_the_same_terms_are_one_and_none_in_common_are_not_found():
    index = Index([["a", "b", "b"], ["c"]])

    assert index.nearest(["b", "a", "b"], count=5, least=0) == [(0, pytest.approx(1))]
    assert index.nearest(["d"], count=5, least=0) == []
    assert index.nearest([], count=5, least=0) == []
    assert Index([]).nearest(["a"], count=5, least=0) == []


def test_only_the_nearest_are_given_and_only_near_ones():
    index = Index([["a", "x", "y", "z"], ["a", "b"], ["a", "b", "c"]])

    assert [number for number, _ in index.nearest(["a", "b", "c"], count=2, least=0)] == [2, 1]
    assert [number for number, _ in index.nearest(["a", "b", "c"], count=5, least=0.6)] == [2, 1]
