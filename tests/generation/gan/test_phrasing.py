"""Clauses whose words do not fit their fact are counted, and no others."""

from __future__ import annotations

import pytest

from generation.gan.phrasing import misspoken
from generation.gan.slots import Attribute, Facts, split

ENGLISH = Facts(
    (
        Attribute("", (), ()),
        Attribute("capacity", ("22 litres",), (("22 litres", "22"),)),
        Attribute("colours", ("red", "blue"), ()),
        Attribute("care", ("wipe dry",), ()),
        Attribute("frame", ("oak",), ()),
        Attribute("open size", ("40 cm",), (("40 cm", "40"),)),
    )
)
CHINESE = Facts(
    (
        Attribute("", (), ()),
        Attribute("颜色", ("原白",), ()),
        Attribute("洗护", ("机洗",), ()),
        Attribute("自重", ("3千克",), (("3千克", "3"),)),
    )
)


@pytest.mark.parametrize(
    ("masked", "count"),
    [
        ("<a1>Holds <n0>. <a2>It comes in <p0> and <p1>. <a3>Care: <p0>.", 0),
        ("<a4>Made of <p0>. <a5>It measures <n0>. <a2>In <p0>.", 0),
        ("<a4><key>: <p0>. <a1>Capacity: <n0>.", 0),
        ("<a1>It weighs <n0>.", 1),
        ("<a1>It comes in <n0>. <a3>Colour: <p0>.", 2),
        ("<a5>Made of <n0>.", 1),
        ("<a4>Made for <p0>.", 1),
        ("No plan, no fact, it weighs nothing.", 0),
    ],
)
def test_english_clauses(masked, count):
    assert misspoken(split(masked), ENGLISH, "en") == count


@pytest.mark.parametrize(
    ("masked", "count"),
    [
        ("<a1>颜色有<p0>，<a3>重<n0>，<a2>平时<p0>就好。", 0),
        ("<a1>颜色有<p0>即可。", 1),
        ("<a2>打理很简单：<p0>。<a3>打理：<n0>。", 1),
        ("<a3>颜色是<n0>。", 1),
    ],
)
def test_chinese_clauses(masked, count):
    assert misspoken(split(masked), CHINESE, "zh") == count
