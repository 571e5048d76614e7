"""What is it worth to say a thing again, where people seldom do?"""

from __future__ import annotations

import math

import pytest

from generation.gan.batches import Pair, pad
from generation.gan.repetition import Repetition, share_again

CALM, LIVELY = [5, 6, 7, 8, 60], [5, 6, 9, 8, 60]  # briefs: language, kind, style, length; a word


def texts(source: list[int], *targets: list[int], times: int = 1) -> list[Pair]:
    return [Pair(source, target) for target in targets] * times


def given(people: list[Pair], writer: list[Pair], *pairs: Pair) -> list[list[float]]:
    found = Repetition(people).credits(
        [pair.source for pair in pairs],
        pad([pair.target for pair in pairs], multiple=8),
        against=Repetition(writer),
    )
    return [row[: len(pair.target)].tolist() for row, pair in zip(found, pairs, strict=True)]


def test_a_share_counts_stretches_that_stand_further_left_by_their_order():
    """Of 20 21 20 21 22 two words of five are said again, one pair of four, no three of three."""
    often = Repetition(texts(CALM, [20, 21, 20, 21, 22], times=10_000))

    assert often.share(CALM).tolist() == pytest.approx([2 / 5, 1 / 4, 0], abs=1e-4)


def test_a_text_says_a_share_of_its_stretches_again():
    """Of 20 21 20 21 22 three of twelve; of a text without a stretch nothing."""
    again = share_again(pad([[20, 21, 20, 21, 22], [20, 21, 22], []]))

    assert again.tolist() == pytest.approx([3 / 12, 0, 0])


def test_a_register_has_a_share_of_its_own_and_borrows_where_it_is_small():
    often, never = [20, 20, 20, 20], [20, 21, 22, 23]
    many, few = (
        Repetition([*texts(CALM, never, times=times), *texts(LIVELY, often, times=5000)])
        for times in (5000, 5)
    )

    assert many.share(CALM)[0] == pytest.approx(0, abs=0.02)
    assert many.share(LIVELY)[0] == pytest.approx(3 / 4, abs=0.02)
    assert few.share(CALM)[0] == pytest.approx(float(few.share([1, 2, 3, 4])[0]), rel=0.05)


def test_to_say_again_what_people_do_not_is_a_fault_of_the_token_that_does():
    people = texts(CALM, [20, 21, 22, 23, 20], [20, 21, 22, 23, 24], times=5000)
    writer = texts(CALM, [20, 21, 20, 21, 20], times=5000)

    [again] = given(people, writer, Pair(CALM, [30, 31, 30]))

    # A word of ten is said again by people, and of the writer's three of five words, two of four
    # pairs and one of three threes.
    new, old = math.log(0.905 / 0.405), math.log(0.105 / 0.605)
    pair, three = math.log(1.005 / 0.505), math.log(1.005 / (2 / 3 + 0.005))
    assert again == pytest.approx([new, new + pair, old + pair + three], abs=0.01)


def test_where_a_writer_says_things_again_as_often_as_people_do_nothing_is_given():
    people = texts(CALM, [20, 21, 22, 23, 20], times=50)
    writer = texts(CALM, [40, 41, 42, 43, 40], times=80)

    [none] = given(people, writer, Pair(CALM, [30, 30, 31, 30, 31]))

    assert none == pytest.approx([0] * 5, abs=0.01)


def test_a_mark_that_stands_there_again_is_no_repetition_but_what_it_closes_is():
    people = texts(CALM, [20, 9, 21, 22, 23, 24], times=5000)
    writer = texts(CALM, [20, 9, 21, 9, 22, 9], times=5000)
    other, again = [30, 9, 31, 9], [30, 9, 30, 9]

    def said(target):
        found = Repetition(people, {9}).credits(
            [CALM], pad([target]), against=Repetition(writer, {9})
        )
        return found[0].tolist()

    assert said(other) == pytest.approx([0] * 4, abs=0.01)
    assert given(people, writer, Pair(CALM, other))[0][3] < -3  # if it were a word
    assert Repetition(writer, {9}).share(CALM).tolist() == [0, 0, 0]
    assert Repetition(texts(CALM, again, times=5000), {9}).share(CALM).tolist() == pytest.approx(
        [1 / 2, 1 / 3, 0], abs=0.01
    )


def test_padding_and_company_change_nothing():
    people, writer = texts(CALM, [20, 21, 22, 20]), texts(LIVELY, [20, 20, 20])
    some = [Pair(CALM, [30, 31, 30]), Pair(LIVELY, [32, 32, 33, 34, 35])]

    assert given(people, writer, *some) == [given(people, writer, pair)[0] for pair in some]
    found = Repetition(people).credits(
        [CALM], pad([[30, 31]], multiple=8), against=Repetition(writer)
    )
    assert found[0, :2].all()
    assert not found[0, 2:].any()
