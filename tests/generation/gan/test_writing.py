"""Which of the texts that were drawn for a brief comes first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from generation.gan.records import Record
from generation.gan.writing import Wish, Written, _best

BOWL = Record(
    ref="B-1",
    language="en",
    kind="ad",
    style="lively",
    title="Pebble Oak Bowl, Large",
    attributes=(("material", "oak"), ("colour", "natural")),
    audience="For people who bake at home.",
)
TRAY = replace(BOWL, language="zh", title="卵石橡木托盘 40厘米", audience="睡前看书的人。")


@pytest.mark.parametrize(
    ("record", "text", "is_named"),
    [
        (BOWL, "The pebble oak bowl: natural.", True),
        (BOWL, "Oak, for People who bake at home.", True),
        (BOWL, "Material: oak.", False),
        (TRAY, "卵石橡木托盘，原木色", True),
        (TRAY, "橡木，给睡前看书的人", True),
        (TRAY, "材质：橡木。", False),
        (replace(BOWL, title="", audience=""), "Material: oak.", True),
    ],
)
def test_an_ad_names_the_product_or_whom_it_is_for(record, text, is_named):
    assert Wish(record, 1, 60, seed=1).is_named(text) is is_named


def test_a_fact_alone_comes_after_an_ad_and_is_as_good_as_any_description():
    fact = Written("Material: oak, natural.", score=0.9, spans=(), worth=2.0)
    named = Written("Pebble Oak Bowl: natural.", score=0.4, spans=(), worth=1.0)

    ads = _best([fact, named], Wish(BOWL, 1, 60, seed=1), 2)
    descriptions = _best([fact, named], Wish(replace(BOWL, kind="description"), 1, 60, seed=1), 2)

    assert ads == [named, fact]
    assert descriptions == [fact, named]
