"""A brief and its copy as plain text: what a slot means is its name, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from generation.gan.backbones.spelling import Spelling
from generation.gan.lessons import Encoder
from generation.gan.records import Record
from generation.gan.slots import facts_of
from generation.gan.vocabulary import END, Vocabulary

OAK = Record(
    ref="T-1",
    language="en",
    kind="description",
    style="calm",
    title="oak tray, 40 cm",
    attributes=(
        ("material", "oak, cork"),
        ("size", "40 cm x 30 cm"),
        ("brand", "Fern"),
        ("material", "linen"),
    ),
    brand="Fern",
    category="trays",
    audience="people at home",
    text="A tray of oak and cork for people at home, 40 cm long, by Fern. The material is linen.",
)


@pytest.fixture
def spelled(spelling, records):
    """A spelling whose vocabulary knows this brief."""
    vocabulary = Vocabulary.train([*records, OAK], size=500)
    return Spelling(spelling.tokenizer, vocabulary, begin=[7], end=0)


def pair_of(spelled, record):
    return Encoder(spelled.vocabulary, max_source=96, max_target=64).pair(record)


def as_text(spelled, ids):
    return spelled.tokenizer.decode(ids, skip_special_tokens=False)


def test_a_brief_is_told_as_a_list_of_names(spelled):
    pair = pair_of(spelled, OAK)

    prompt = spelled.prompt(pair.source)

    assert prompt[0] == 7
    assert as_text(spelled, prompt[1:]) == (
        "Product description, calm, of middle length.\n"
        "trays\n"
        "[title] oak tray, [title #1]\n"
        "[who] people at home\n"
        "[brand]\n"
        "[material] oak; [material 2] cork\n"
        "[size] [size #1] x [size #2]\n"
        "[material*3] linen\n"
        "Text:\n"
    )


def test_a_part_that_is_not_told_has_no_name(spelled):
    source = spelled.vocabulary.encode_brief(OAK, facts_of(OAK), limit=96, offered={1: [1], 2: [0]})

    assert "\n[material 2] cork\n" in as_text(spelled, spelled.prompt(source)[1:])


def test_a_chinese_brief_is_told_in_chinese(spelled, records):
    pair = pair_of(spelled, records[1])

    assert as_text(spelled, spelled.prompt(pair.source)[1:]) == (
        "商品描述，平实，短。\n"
        "[品名] [品名 #1]木托盘\n"
        "[人群] 在家吃饭的人\n"
        "[材质] 榉木\n"
        "[尺寸] [尺寸 #1]\n"
        "正文：\n"
    )


def test_copy_names_its_facts_and_ends(spelled):
    pair = pair_of(spelled, OAK)

    ids = spelled.text(pair.source, pair.target)

    assert ids[-1] == 0
    assert as_text(spelled, ids[:-1]) == (
        "A tray of [material] and [material 2] for [who], [size #1] long, by [brand]. "
        "The [material name] is [material*3]."
    )


def test_what_is_spelled_comes_back_as_it_was(spelled, records):
    for record in [*records, OAK]:
        pair = pair_of(spelled, record)

        again = spelled.read(list(spelled.pieces_of(pair.target)), limit=64)

        assert again == pair.target


def test_a_slot_is_always_spelled_by_the_same_tokens(spelled):
    pair = pair_of(spelled, OAK)
    marks = spelled.marks(pair.source)

    ids = spelled.text(pair.source, pair.target)

    bare, spaced = marks[1, "<p0>"]
    assert as_text(spelled, bare) == "[material]"
    assert as_text(spelled, spaced) == " [material]"
    assert any(ids[at : at + len(spaced)] == spaced for at in range(len(ids)))


def test_only_what_the_brief_fills_has_a_mark(spelled):
    poor = replace(OAK, brand="", audience="", attributes=OAK.attributes[:1], title="tray", text="")
    source = pair_of(spelled, replace(poor, text="A tray.")).source

    assert sorted(spelled.marks(source)) == [
        (-1, "<title>"),
        (1, "<key>"),
        (1, "<p0>"),
        (1, "<p1>"),
    ]


def test_no_letter_of_copy_is_a_digit_a_bracket_or_of_another_script(spelled):
    chinese, english = spelled.letters("zh"), spelled.letters("en")

    assert not {*"0123456789[]<>\n"} & (chinese | english)
    assert {*"榉木做的托盘"} <= chinese
    assert not {*"榉木"} & english
    assert {*"A lamp.,"} <= english
    assert not {*"abcdefg"} & chinese


def test_a_long_text_is_cut_at_its_limit(spelled):
    assert spelled.read(["A tray of oak and cork for people."], limit=4)[-1] == END
    assert len(spelled.read(["A tray of oak and cork for people."], limit=4)) == 4
