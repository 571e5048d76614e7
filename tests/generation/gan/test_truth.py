"""What a text tells of its brief, and what it makes up."""

from __future__ import annotations

import pytest

from generation.gan import truth
from generation.gan.records import Record
from generation.gan.writing import Wish


@pytest.mark.parametrize(
    ("text", "value", "language", "is_told"),
    [
        ("这款托盘用榉木做成。", "榉木", "zh", True),
        ("这款托盘用 榉 木做成。", "榉木", "zh", True),
        ("这款托盘用竹子做成。", "榉木", "zh", False),
        ("颜色是ＸＬ号。", "xl", "zh", True),
        ("A tray of Solid\nOak.", "solid  oak", "en", True),
        ("It is covered in wool.", "red", "en", False),
        ("It is 24 cm wide.", "4 cm", "en", False),
        ("It is 24 cm wide.", "24 cm", "en", True),
    ],
)
def test_a_value_is_told_when_it_stands_in_the_text(text, value, language, is_told):
    assert truth.covered(text, [value], language) == [is_told]


FACTS = [
    "Tray A4 of 2 parts, model B71-5",
    "size",
    "24 cm x 1,900 mm",
    "weight (kg)",
    "1.9",
    "层数",
    "三层",
]


@pytest.mark.parametrize(
    ("text", "made_up"),
    [
        ("24 cm wide, 1900 mm long, 1.90 kg", []),
        ("宽24厘米，长1900毫米，重1.9千克", []),
        ("24", []),
        ("24 kg", ["24kg"]),
        ("25 cm", ["25cm"]),
        ("２５厘米", ["25厘米"]),
        ("for A4 paper", []),
        ("for a 4 paper", []),
        ("for A5 paper", ["A5"]),
        ("A42 and B7", ["A42", "B7"]),
        ("B71 or B715, B 71", []),
        ("3层，2个", []),
        ("2 hours", []),
        ("No numbers at all.", []),
    ],
)
def test_a_number_needs_a_fact_with_it_and_with_its_unit(text, made_up):
    assert truth.unsupported(text, FACTS, "zh") == made_up


def test_a_number_in_words_needs_a_fact_with_it():
    facts = ["口袋", "3个", "pockets: two"]

    assert truth.unsupported_words("三个口袋，五层面料，一位朋友", facts, "zh") == ["5"]
    assert truth.unsupported_words("Three pockets, Two straps, seven loops.", facts, "en") == ["7"]


def test_a_code_with_another_number_behind_it_is_known_as_it_stands():
    title = "Wayfarer Sunglasses SE6029 52 91W"

    assert truth.unsupported("The SE6029, black.", [title], "en") == []
    assert truth.unsupported("The SE602, black.", [title], "en") == ["SE602"]


def test_a_number_under_another_unit_is_not_offered():
    lamp = Record("r", "en", "description", "calm", "lamp", (("size", "24 cm"),))
    wish = Wish(lamp, 10, 80, seed=1, banned=("Cheap",))

    assert wish.allows("A lamp of 24 cm.")
    assert not wish.allows("A lamp of 24 kg.")
    assert not wish.allows("A lamp of 25 cm.")
    assert not wish.allows("A cheap lamp of 24 cm.")
