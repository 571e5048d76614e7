"""Numbers of the copy come from the brief, and only from there."""

from __future__ import annotations

import pytest

from generation.gan import slots
from generation.gan.records import Record


def record(language: str, *values: str, title: str = "", brand: str = "") -> Record:
    return Record(
        ref="T-1",
        language=language,
        kind="description",
        style="calm",
        title=title,
        attributes=tuple((f"key{at}", value) for at, value in enumerate(values)),
        brand=brand,
    )


@pytest.mark.parametrize(
    ("language", "values", "text", "masked"),
    [
        ("en", ["24 cm across, 4.5 cm deep"], "It is 24 cm wide.", "It is <n0> wide."),
        ("en", ["24–28 litres"], "Roll it to 24 or 28 litres.", "Roll it to <n0> or <n1>."),
        ("en", ["28 litres"], "It takes 28 at most.", "It takes <m0> at most."),
        ("en", ["2 pockets"], "Two pockets.", "<w0> pockets."),
        ("zh", ["50×30×17厘米"], "包身50×30厘米。", "包身<n0>×<m1>厘米。"),
        ("zh", ["50×30×17厘米"], "包身50×30×17厘米。", "包身<p0>。"),
        ("en", ["cast iron, cast in one piece"], "Cast iron pans.", "<p0> pans."),
        ("en", ["cast iron"], "Cast irons.", "Cast irons."),
        ("zh", ["护照位2个"], "两个护照位", "<w0>个护照位"),
        ("zh", ["600D涤纶"], "600D尼龙做面", "<n0>尼龙做面"),
    ],
)
def test_numbers_of_the_brief_become_slots(language, values, text, masked):
    facts = slots.facts_of(record(language, *values))

    assert slots.mask_text(text, facts, language) == masked


def test_a_number_that_the_brief_lacks_cannot_be_masked():
    facts = slots.facts_of(record("en", "24 cm"))

    assert slots.mask_text("It is 25 cm wide.", facts, "en") is None


@pytest.mark.parametrize(
    ("language", "values", "text"),
    [
        ("en", ["24–28 litres", "about 960 g"], "Holds 24 to 28 litres and weighs 960 g."),
        ("zh", ["24–28升", "约960克"], "装24到28升，重960克。"),
    ],
)
def test_masked_copy_is_filled_again_word_for_word(language, values, text):
    facts = slots.facts_of(record(language, *values))

    assert slots.fill(slots.mask_text(text, facts, language), facts, language) == text


def test_a_slot_that_the_brief_does_not_fill_disappears():
    facts = slots.facts_of(record("en", "24 cm"))

    assert slots.fill("wide <n7>", facts, "en") == "wide "


def test_the_brand_is_a_slot_too():
    facts = slots.facts_of(record("en", "24 cm", brand="Lumen & Moss"))

    masked = slots.mask_text("By LUMEN & MOSS.", facts, "en")

    assert masked == "By <brand>."
    assert slots.fill(masked, facts, "en") == "By Lumen & Moss."


def test_a_source_never_holds_a_digit():
    facts = slots.facts_of(record("zh", *(f"{at}厘米" for at in range(11, 60))))

    masked = [slots.mask_source(f"{at}厘米", facts) for at in range(11, 60)]

    assert masked[0] == "<n0>"
    assert masked[-1] == ""  # beyond the last slot: dropped, never shown as it is
