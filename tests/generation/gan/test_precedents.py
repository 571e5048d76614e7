"""Which stretches of a text do people put into texts for such products, and hardly elsewhere?"""

from __future__ import annotations

import math
import random

import pytest

from generation.gan.batches import Pair, pad
from generation.gan.precedents import Precedents
from generation.gan.vocabulary import END
from tests.generation.gan.lamps import CHAIR, LAMP, SEATS, SHINES, WORDS, brief, people, text


def knowing(real: list[Pair]) -> Precedents:
    return Precedents.of(real, random.Random(1))


def given(
    precedents: Precedents, *pairs: Pair, against: list[Pair] | None = None
) -> list[list[float]]:
    """What each token of some texts gives."""
    texts = pad([pair.target for pair in pairs])
    found = precedents.credits([pair.source for pair in pairs], texts, against=against)
    return [row[: len(pair.target)].tolist() for row, pair in zip(found, pairs, strict=True)]


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def test_what_people_say_of_such_products_and_of_no_others_gives_most():
    words = text((), random.Random(3))

    own, others, usual = map(
        mean,
        given(
            knowing(people()),
            Pair(brief(LAMP, 999), [*SHINES, *words]),
            Pair(brief(LAMP, 999), [*SEATS, *words]),
            Pair(brief(LAMP, 999), [*WORDS[:3], *words]),
        ),
    )

    assert own > usual + 0.1
    assert usual > others + 0.1


def test_what_people_say_of_everything_gives_nothing():
    real = [Pair(pair.source, [38, 39, *pair.target]) for pair in people()]

    [both] = given(knowing(real), Pair(brief(LAMP, 999), [38, 39]))

    assert both == pytest.approx([0, 0], abs=1e-3)


def test_a_token_gives_what_all_stretches_that_it_is_in_are_lifted_by():
    """Four lamps of eight products are said to shine: every stretch of it is lifted twofold."""
    real = [
        Pair(brief(LAMP if at < 4 else CHAIR, 100 + at), [*(SHINES if at < 4 else SEATS)])
        for at in range(8)
    ]
    few = Precedents.of(real, random.Random(1))
    lift = math.log((1 + 0.02) / (0.5 + 0.02))

    # Of the neighbours the chairs have nothing in common with a lamp that is rare, so weigh 0.
    [shining] = given(few, Pair(brief(LAMP, 999), [50, *SHINES, 51]))

    # One, two and one stretches of two; one of three in all; and each of its own.
    assert shining == pytest.approx([0, 3 * lift, 4 * lift, 3 * lift, 0], abs=1e-4)


def test_a_stretch_gives_once():
    once, twice = given(
        knowing(people()),
        Pair(brief(LAMP, 999), [*SHINES, 90]),
        Pair(brief(LAMP, 999), [*SHINES, 90, *SHINES]),
    )

    assert twice[:3] == once[:3]
    assert min(twice[:3]) > 0
    assert twice[4:] == [0, 0, 0]


def test_against_a_writer_gives_nothing_what_it_says_as_often_as_people_do():
    """Every lamp of people's shines; of the writer's texts all, half, or none."""
    lamp = Pair(brief(LAMP, 999), [*SHINES])
    texts = [
        [Pair(brief(CHAIR, at), [*SHINES] if at < shining else [50]) for at in range(8)]
        for shining in (8, 4, 0)
    ]

    [often], [half], [never] = (
        given(knowing(people()), lamp, against=written) for written in texts
    )

    assert often == pytest.approx([0] * 3, abs=1e-4)
    assert half == pytest.approx([gain * math.log(1.02 / 0.52) for gain in (3, 4, 3)], abs=1e-4)
    assert never == pytest.approx([gain * math.log(1.02 / 0.02) for gain in (3, 4, 3)], abs=1e-4)


def test_what_it_says_of_the_same_product_is_no_habit():
    lamp = Pair(brief(LAMP, 999), [*SHINES])
    others = [Pair(brief(CHAIR, at), [*SHINES] if at < 4 else [50]) for at in range(8)]

    [alone], [among], [without] = (
        given(knowing(people()), lamp, against=written)
        for written in ([lamp], [lamp, lamp, lamp, *others], others)
    )

    assert among == without
    assert min(alone) > max(among) > 0


def test_it_is_no_fault_to_say_what_the_brief_says():
    """The writer says 90 and 91 of every product; people never do."""
    written = [Pair(brief(CHAIR, at), [90, 91]) for at in range(8)]
    bare, said = [7, LAMP], [7, LAMP, 90, 91]

    [fault], [half], [whole] = (
        given(knowing(people()), Pair(source, [90, 91, 92]), against=written)
        for source in (bare, [*bare, 90], said)
    )

    lift = math.log(0.02 / 1.02)
    assert fault == pytest.approx([2 * lift, 2 * lift, 0], abs=1e-4)  # alone, and side by side
    assert half == pytest.approx([lift, 2 * lift, 0], abs=1e-4)
    assert whole == [0, 0, 0]


def test_what_people_say_of_such_products_is_praised_though_the_brief_says_it():
    lamp = Pair(brief(LAMP, 999), [*SHINES])
    other = Pair([*lamp.source, *SHINES], [*SHINES])

    assert given(knowing(people()), other) == given(knowing(people()), lamp)


def test_a_text_is_no_precedent_for_its_own_title():
    strange = text((90, 91, 92), random.Random(4))
    real = [*people(), Pair(brief(LAMP, 700), strange)]

    same, other = given(
        knowing(real), Pair(brief(LAMP, 700), strange), Pair(brief(LAMP, 701), strange)
    )

    assert mean(other) > mean(same)


def test_a_product_with_a_hundred_texts_counts_as_one_with_four():
    chance = random.Random(5)
    crowd = [Pair(brief(LAMP, 800), text((), chance)) for _ in range(100)]

    assert len(knowing([*people(20), *crowd]).titles) == 24


def test_padding_and_company_change_nothing():
    precedents = knowing(people())
    some = [Pair(brief(LAMP, 999), [*SHINES, 44, END]), Pair(brief(CHAIR, 998), [*range(40, 57)])]

    together = given(precedents, *some)

    assert together == [given(precedents, pair)[0] for pair in some]
    assert not precedents.credits([some[0].source], pad([some[0].target], multiple=16))[:, 5:].any()
