"""Each place counts in its own unit, and what is cut is cut between graphemes."""

from __future__ import annotations

import pytest

from catalog.choices import Unit
from catalog.limits import RESULT_TEXT, RESULT_TITLE, Limit, limits_for, measure

COMBINING = "e\u0301"  # é, written as a letter and its accent
FAMILY = "👨‍👩‍👧"  # five code points, one picture
FLAG = "🇨🇳"


@pytest.mark.parametrize(
    ("text", "chars", "width", "gb", "utf8"),
    [
        ("", 0, 0, 0, 0),
        ("Oak tray", 8, 8, 8, 8),
        ("橡木托盘", 4, 8, 8, 12),
        ("24厘米，", 5, 8, 8, 11),
        ("２４", 2, 4, 4, 6),  # full-width digits
        ("é", 1, 1, 2, 2),
        (COMBINING, 2, 1, 5, 3),
        ("🍳", 1, 2, 4, 4),
        (FAMILY, 5, 2, 20, 18),
        (FLAG, 2, 2, 8, 8),
        ("a\nb", 3, 3, 3, 3),
    ],
)
def test_a_text_is_as_long_as_the_unit_says(text, chars, width, gb, utf8):
    units = [Unit.CHARS, Unit.WIDTH, Unit.GB, Unit.UTF8]

    assert [measure(text, unit) for unit in units] == [chars, width, gb, utf8]


@pytest.mark.parametrize(
    ("text", "font_px", "pixels"),
    [
        ("0" * 10, 20, 111),  # ten times 556 thousandths of 20
        ("iii", 20, 13),
        ("WWW", 20, 57),
        ("橡木", 14, 28),
        ("é", 20, 11),
        (COMBINING, 20, 11),
        (FAMILY, 14, 14),
        ("…", 20, 20),
    ],
)
def test_pixels_are_those_of_arial(text, font_px, pixels):
    assert measure(text, Unit.PIXELS, font_px=font_px) == pixels


def limit(most: int, unit: Unit = Unit.CHARS) -> Limit:
    return Limit("Shop", "title", most, unit, is_hard=False, source="a test")


def test_what_fits_is_shown_whole():
    assert limit(8).cut("Oak tray") == "Oak tray"
    assert limit(8, Unit.WIDTH).cut("橡木托盘") == "橡木托盘"


@pytest.mark.parametrize(
    ("text", "most", "unit", "shown"),
    [
        ("Oak tray", 5, Unit.CHARS, "Oak…"),  # and no blank before the ellipsis
        ("橡木托盘", 7, Unit.WIDTH, "橡木托…"),
        ("橡木托盘", 7, Unit.GB, "橡木…"),
        (f"a{COMBINING}bc", 3, Unit.CHARS, "a…"),  # the accent does not lose its letter
        (f"a{FAMILY}b", 4, Unit.CHARS, "a…"),
        (f"a{FLAG}b", 3, Unit.CHARS, "a…"),
        ("橡木", 1, Unit.WIDTH, "…"),
    ],
)
def test_what_is_too_long_is_cut_between_graphemes(text, most, unit, shown):
    place = limit(most, unit)

    assert place.cut(text) == shown
    assert place.length(shown) <= most


def test_a_search_result_is_cut_by_its_pixels():
    narrow, wide, chinese = "i" * 300, "W" * 300, "木" * 300

    assert RESULT_TEXT.cut(narrow) == "i" * 291 + "…"  # 291 letters of 3.108 px, and 14 px
    assert RESULT_TEXT.cut(wide) == "W" * 68 + "…"
    assert RESULT_TEXT.cut(chinese) == "木" * 64 + "…"
    assert RESULT_TITLE.cut(chinese) == "木" * 29 + "…"


def test_a_language_has_its_own_places():
    assert [one.place for one in limits_for("ad", "zh-hans")][-1] == "淘宝"
    assert "淘宝" not in [one.place for one in limits_for("ad", "en")]
    assert [one.most for one in limits_for("ad", "en")] == [30, 90, 40, 125]
    assert [one.most for one in limits_for("care-note", "en")] == [5_000, 2_000, 9_999]
