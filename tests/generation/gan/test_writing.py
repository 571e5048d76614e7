"""Which of the texts that were drawn for a brief comes first."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from generation.gan.records import Record
from generation.gan.writing import Wish, Written, _best, worth

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


def test_a_fitted_chooser_ranks_what_people_write_and_leaves_composed_copy_alone(
    checkpoint, encoder, records
):
    chooser = checkpoint.discriminator.chooser
    chooser.weights.copy_(torch.tensor([0.0, 0.0, 1.0, 0.0, 0.0]))  # by length alone
    asked = [
        replace(records[0], style="calm"),
        replace(records[0], style="lively"),
        replace(records[0], kind="ad", style="lively"),
    ]
    sources = [pair.source for pair in encoder.pairs(asked)]
    texts = torch.tensor([[9, 8, 7, 6]] * 3)
    logits, fluency = torch.tensor([1.0, 1.0, 1.0]), torch.tensor([-2.0, -2.0, -2.0])

    found = worth(checkpoint, sources, texts, logits, fluency, torch.zeros(3))

    surely = worth(checkpoint, sources[:1], texts[:1], logits[:1], fluency[:1], torch.zeros(1))
    assert found.tolist() == pytest.approx([surely.item(), 0.04, surely.item()])
    assert surely.item() < -2
