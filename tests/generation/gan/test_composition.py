"""Composed ads are as various as a greedy writer shall be, and true to their brief."""

from __future__ import annotations

import random

import pytest

from generation.gan.composition import compose
from generation.gan.records import Record
from generation.gan.truth import unsupported, unsupported_words

WALL_SHELF = Record(
    ref="A",
    language="en",
    kind="ad",
    style="lively",
    title="Three-Tier Bamboo Corner Shelf",
    audience="rooms with an idle corner",
    attributes=(
        ("material", "moso bamboo, carbonised"),
        ("colour", "natural bamboo"),
        ("depth of a board", "26 cm"),
        ("hardware", "12 screws, screwdriver not included"),
        ("drawers", "no drawers"),
    ),
)
RAINCOAT = Record(
    ref="B",
    language="zh",
    kind="ad",
    style="lively",
    title="小帆船骑行雨披",
    audience="下雨也骑车上班的人",
    attributes=(
        ("面料", "再生涤纶，防水5000毫米"),
        ("帽子", "透明侧窗"),
        ("前摆", "拇指环，不含绑带"),
        ("袖长", "62厘米"),
    ),
)


def ads(record: Record, count: int = 300) -> set[str]:
    chance = random.Random(1)
    return {compose(record, chance).text for _ in range(count)}


@pytest.mark.parametrize(("record", "longest"), [(WALL_SHELF, 60), (RAINCOAT, 30)])
def test_a_brief_has_many_true_ads_that_fit(record, longest):
    texts, language = ads(record), record.language
    facts = [record.title, record.audience, *(value for _, value in record.attributes)]

    assert len(texts) >= 30
    assert max(map(len, texts)) <= longest
    assert not [text for text in texts if unsupported(text, facts, language)]
    assert not [text for text in texts if unsupported_words(text, facts, language)]


@pytest.mark.parametrize(
    ("record", "nothing"),
    [(WALL_SHELF, ("not included", "no drawers", "26 cm")), (RAINCOAT, ("不含", "62厘米"))],
)
def test_an_ad_boasts_of_what_a_product_has_and_not_of_a_bare_measure(record, nothing):
    texts = ads(record)

    assert any(record.attributes[0][1][:4] in text.lower() for text in texts)
    assert not [text for text in texts for words in nothing if words in text.lower()]


def test_a_title_alone_is_an_ad_where_nothing_else_is_known():
    bare = Record(
        ref="C", language="en", kind="ad", style="lively", title="Plain Mug", attributes=()
    )

    assert ads(bare) == {"Plain Mug"}
