"""What a place shows of a text, and what it counts."""

from __future__ import annotations

import pytest

from review.previews import Place, offered, preview_of

ENGLISH = {"kind": "description", "language": "en", "title": "Oak tray", "max_chars": 600}
CHINESE = {"kind": "ad", "language": "zh-hans", "title": "橡木托盘", "max_chars": 30}


@pytest.mark.parametrize(
    ("kind", "places"),
    [
        ("description", ["page", "search", "phone"]),
        ("ad", ["page", "ad", "phone"]),
        ("care-note", ["page", "search", "phone"]),
        ("", ["page", "search", "phone"]),
    ],
)
def test_a_kind_is_looked_at_where_it_goes(kind, places):
    assert [value for value, _label in offered(kind)] == places


def test_a_page_shows_all_of_a_text_and_counts_what_the_shop_asked_for():
    preview = preview_of("A tray of oak.", ENGLISH, Place.PAGE)

    own = preview.measured[0]
    assert (preview.title, preview.text) == ("Oak tray", "A tray of oak.")
    assert (own.size, own.limit.most, own.over, own.share, own.unit) == (
        14,
        600,
        0,
        2.3,
        "characters",
    )


def test_an_ad_is_counted_as_each_platform_counts():
    preview = preview_of("橡木托盘，陪你读书到深夜的每一天。", CHINESE, Place.AD)  # 17 code points

    counted = [(one.limit.place, one.size, one.over, one.share) for one in preview.measured]
    assert counted == [
        ("This shop", 17, 0, 56.7),
        ("Google Ads", 34, 4, 100.0),
        ("Google Ads", 34, 0, 37.8),
        ("Meta", 17, 0, 42.5),
        ("Meta", 17, 0, 13.6),
        ("淘宝", 34, 0, 56.7),
    ]


def test_a_search_result_shows_as_much_as_there_is_room_for():
    preview = preview_of("木" * 80, {**CHINESE, "kind": "description"}, Place.SEARCH)

    assert preview.text == "木" * 64 + "…"
    assert [(one.limit.place, one.size, one.over) for one in preview.measured] == [
        ("Google", 80, 0),  # four characters of 20 px
        ("Google", 1120, 200),
        ("百度", 160, 4),
    ]


def test_a_phone_counts_nothing_and_a_brief_may_be_empty():
    assert preview_of("Oak.", {}, Place.PHONE).measured == ()
    assert preview_of("Oak.", {}, Place.PAGE).measured[0].limit.place == "Google Merchant"
