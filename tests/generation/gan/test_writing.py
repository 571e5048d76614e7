"""Which of the texts that were drawn for a brief comes first."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import pytest
import torch
from django.conf import settings

from generation.gan import checkpoint as checkpoints
from generation.gan import writing
from generation.gan.records import Record, read_records
from generation.gan.vocabulary import KEY
from generation.gan.writing import USUAL_BOUNDS, Wish, Written, _best, greedy, worth, write

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


@pytest.fixture
def asked(monkeypatch):
    """The briefs and the limits that texts were drawn by, call by call."""
    seen, draw_texts = [], writing.draw_texts

    def noted(generator, vocabulary, sources, *, limits, **more):
        seen.append((sources, limits))
        return draw_texts(generator, vocabulary, sources, limits=limits, **more)

    monkeypatch.setattr(writing, "draw_texts", noted)
    return seen


SHELF = replace(
    BOWL,
    title="oak",
    audience="",
    attributes=(
        *(("care", "wipe dry"), ("material", "oak"), ("colour", "fog blue")),
        *(("edge", "rounded"), ("finish", "oiled"), ("size", "24 cm")),
    ),
)


def test_an_ad_is_told_two_facts_that_its_noise_chooses_and_what_it_has_to_tell(checkpoint, asked):
    wish = Wish(SHELF, 1, 60, seed=1)

    greedy(checkpoint, [wish, replace(wish, required=("care",))], copies=12)
    greedy(checkpoint, [wish], copies=12)

    (free, limits), (bound, bound_limits), (again, _) = asked
    assert {source.count(KEY) for source in free} == {2}
    assert {source.count(KEY) for source in bound} == {3}  # no ad is about size or care
    assert len(set(map(tuple, free))) > 3
    assert {len(tells) for tells in limits.required} == {0, 1}
    assert all(1 in tells for tells in bound_limits.required)
    assert again == free  # by its own noise


def test_of_a_product_without_a_fact_for_ads_any_may_be_told(checkpoint, asked):
    bare = replace(SHELF, attributes=(("size", "24 cm"), ("weight", "1 kg"), ("care", "wipe dry")))

    greedy(checkpoint, [Wish(bare, 1, 60, seed=1)], copies=4)

    assert {source.count(KEY) for source in asked[0][0]} == {2}


def test_an_ad_is_not_told_what_it_has_no_room_for(checkpoint, asked):
    wide = replace(SHELF, attributes=(("edge", "round, oak as a rim"), ("colour", "fog, grey")))

    greedy(checkpoint, [Wish(wide, 1, 16, seed=1)], copies=1)
    greedy(checkpoint, [Wish(wide, 1, 16, seed=1, required=("edge",))], copies=1)
    greedy(checkpoint, [Wish(wide, 1, 20, seed=1)], copies=1)

    told = [checkpoint.vocabulary.held(sources[0]) for sources, _ in asked]
    parts = [(each[1] & {"<p0>", "<p1>"}, each[2] & {"<p0>", "<p1>"}) for each in told]
    both = {"<p0>", "<p1>"}
    assert parts == [({"<p0>"}, both), (both, both), (both, both)]


def test_ads_and_descriptions_that_are_asked_for_together_come_in_their_order(checkpoint, records):
    wishes = [
        Wish(replace(record, kind=kind, text=""), 1, 200, seed=at)
        for at, (record, kind) in enumerate(
            zip(records, ("description", "ad", "ad", "description", "ad"), strict=False)
        )
    ]

    together = write(checkpoint, wishes, variants=2)

    apart = [write(checkpoint, [wish], variants=2)[0] for wish in wishes]
    assert [[one.text for one in texts] for texts in together] == [
        [one.text for one in texts] for texts in apart
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("ref", ["HB-BAG-001", "HB-WOM-015"])  # the other's name leaves no room
def test_sixteen_noises_write_many_ads_for_one_product(language, ref):
    starter = checkpoints.load(settings.BASE_DIR / "generation" / "checkpoints" / "starter")
    shop = read_records(settings.BASE_DIR / "catalog" / "starter_shop")
    one = next(record for record in shop if (record.language, record.ref) == (language, ref))
    one = replace(one, kind="ad", style="lively", text="")
    wish = Wish(one, *USUAL_BOUNDS[language, "ad"], seed=30)

    (ads,) = greedy(starter, [wish], copies=16)

    assert len(set(ads)) >= 8
    assert all(wish.allows(ad) for ad in ads)
    assert greedy(starter, [wish], copies=16) == [ads]


def test_what_is_asked_for_beside_it_changes_no_byte_of_a_text():
    starter = checkpoints.load(settings.GALLEY_STARTER_CHECKPOINT)
    shop = read_records(settings.BASE_DIR / "catalog" / "starter_shop")
    briefs = [record.with_text("") for record in islice(shop, 0, 48, 6)]
    wishes = [
        Wish(brief, low=10 * (at % 3), high=(60, 300)[at % 2], seed=at)
        for at, brief in enumerate(briefs)
    ]

    together = write(starter, wishes, variants=2)

    assert {wish.record.language for wish in wishes} == {"zh", "en"}
    assert [write(starter, [wish], variants=2)[0] for wish in wishes] == together


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_must_be_told_is_told_of_a_brief_that_is_longer_than_is_read(language):
    starter = checkpoints.load(settings.GALLEY_STARTER_CHECKPOINT)
    shop = read_records(settings.BASE_DIR / "catalog" / "starter_shop")
    of_language = [record for record in shop if record.language == language]
    facts = dict(pair for record in of_language[:200:8] for pair in record.attributes)
    first = replace(of_language[0], kind="description", style="calm", text="")
    last = {"en": "closure", "zh": "颜色"}[language]
    value = {"en": "wooden toggle", "zh": "木本色"}[language]
    others = [pair for pair in facts.items() if pair[0] != last][:30]
    wish = Wish(
        replace(first, attributes=(*others, (last, value))), 40, 300, seed=3, required=(last,)
    )

    (texts,) = write(starter, [wish], variants=4)

    assert texts
    assert [wish.untold(each.text) for each in texts] == [0] * len(texts)
