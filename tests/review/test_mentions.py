"""Names are found in English and Chinese, and never within a longer word or an address."""

from __future__ import annotations

import pytest

from review.mentions import MOST_NAMES, names_in, resolve

KNOWN = {"lin", "zhou", "小林", "小林子", "a.b-c"}


@pytest.mark.parametrize(
    ("text", "named", "unknown"),
    [
        ("@lin", ["@lin"], []),
        ("Look, @lin: and @zhou.", ["@lin", "@zhou"], []),
        ("@小林，看一下", ["@小林"], []),
        ("@小林看一下", ["@小林"], []),
        ("请@小林子看", ["@小林子"], []),  # the longest name
        ("请＠小林看", ["＠小林"], []),
        ("@小林@lin 看", ["@小林", "@lin"], []),
        ("@lin看一下", ["@lin"], []),
        ("@linda", [], ["linda"]),  # not lin
        ("@lin_2", [], ["lin_2"]),
        ("@a.b-c.", ["@a.b-c"], []),
        ("write to me@lin.com", [], []),
        ("an @ alone, and @. too", [], []),
        ("@lin @nobody. @lin", ["@lin", "@lin"], ["nobody"]),
        ("", [], []),
    ],
)
def test_who_is_named(text, named, unknown):
    places, others = resolve(names_in(text), KNOWN)

    assert [text[start:end] for start, end in places] == named
    assert others == unknown


def test_only_so_many_names_are_looked_for():
    assert len(names_in("@lin " * 400)) == MOST_NAMES


def test_a_name_offers_few_candidates():
    assert names_in("@小林看")[0].candidates == ["小林看", "小林", "小"]
    assert names_in("@linda")[0].candidates == ["linda"]
