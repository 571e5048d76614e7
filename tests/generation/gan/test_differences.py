"""Differences at equal Self-BLEU of systems whose answer is known."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
import torch

from generation.gan import comparison, metrics
from generation.gan.differences import Bootstrap, Cell, Sweep
from generation.gan.features import frechet_distance, moments
from generation.gan.figures import Case, Crowd
from generation.gan.records import Record

PLAIN = Record(
    ref="t", language="zh", kind="description", style="market", title="托盘", attributes=()
)
LETTERS = (
    "托盘用榉木做成边沿磨得圆润放得下早餐和书拿着很轻"
    "颜色是雾蓝送给爱下厨的人玻璃杯薄灯光暖亚麻布耐洗"
)
COMMON = ("做工细致", "手感很好", "用料扎实")
BRIEFS = 60


def cases() -> list[Case]:
    """Briefs, each with a text of eight phrases of its own."""
    chance = random.Random(1)
    return [
        Case(PLAIN, ("，".join("".join(chance.choices(LETTERS, k=4)) for _ in range(8)),))
        for _ in range(BRIEFS)
    ]


def imitation(text: str, share: float, chance: random.Random) -> str:
    """The text with about so large a share of its phrases exchanged for three common ones."""
    return "，".join(
        chance.choice(COMMON) if chance.random() < share else phrase for phrase in text.split("，")
    )


def spoilt(text: str) -> str:
    """The text with six letters always written as others: as various as it was, but wrong."""
    return text.translate(str.maketrans("托木边圆早书", "甲乙丙丁戊己"))


def cells(name: str, *, chance: int, spoil: bool = False, seeds=(1, 2)) -> list[Cell]:
    found = []
    for seed in seeds:
        for temperature, share in ((0.6, 0.7), (0.8, 0.5), (1.0, 0.3)):
            dice = random.Random(f"{chance} {seed} {share}")
            texts = [imitation(case.references[0], share, dice) for case in cases()]
            texts = [spoilt(text) for text in texts] if spoil else texts
            cell = comparison.measure(cases(), texts, seed=seed, with_critic=False)
            found.append(replace(cell, system=name, temperature=temperature))
    return found


@pytest.fixture(scope="module")
def found() -> Bootstrap:
    people = Crowd.of([[metrics.tokens(case.references[0], "zh")] for case in cases()])
    written = [
        *cells("one", chance=1),
        *cells("other", chance=2),
        *cells("spoilt", chance=3, spoil=True),
    ]
    sweep = Sweep(people, written)
    return Bootstrap(sweep, seed=1, resamples=200, distance_resamples=50)


@pytest.mark.parametrize("figure", ["bleu_4", "frechet"])
def test_two_runs_of_one_system_do_not_differ(found, figure):
    difference = found.compare("one", "other", figure)

    assert difference.low < 0 < difference.high


def test_a_system_does_not_differ_from_itself(found):
    difference = found.compare("one", "one", "bleu_4")

    assert (difference.mean, difference.low, difference.high) == (0.0, 0.0, 0.0)
    assert difference.by_seed == (0.0, 0.0)
    assert difference.resamples == 200


def test_a_system_whose_texts_are_spoilt_loses(found):
    bleu = found.compare("spoilt", "one", "bleu_4")
    distance = found.compare("spoilt", "one", "frechet")

    assert bleu.high < 0
    assert all(mean < 0 for mean in bleu.by_seed)
    assert distance.mean > 0
    assert bleu.low < bleu.mean < bleu.high
    assert 0 < bleu.start < bleu.end < 1
    assert (bleu.resamples, distance.resamples) == (200, 50)


def flat(system: str, temperature: float, alike: float, told: tuple[int, ...]) -> Cell:
    """Four texts that are alike to the same degree and tell so many of ten values each."""
    return Cell(
        system=system,
        temperature=temperature,
        seed=1,
        texts=("a",) * 4,
        tokens=(("a",),) * 4,
        counts=torch.ones(4, 10),
        alike=torch.full((4,), alike, dtype=torch.double),
        told=torch.tensor([[count, 10] for count in told]),
        made_up=torch.zeros(4, dtype=torch.bool),
        features=torch.zeros(4, 2),
    )


def bootstrap(written: list[Cell]) -> Bootstrap:
    people = Crowd(torch.zeros(4, 2), torch.arange(4))
    return Bootstrap(Sweep(people, written), seed=1, resamples=100)


def test_curves_are_compared_where_both_have_a_value():
    # Of the first, 0.7 at 0.4 and 0.9 at 0.6; of the second 0.6 and 0.7: from 0.1 to 0.2 more.
    first = [flat("first", 1.0, 0.2, (5,) * 4), flat("first", 0.5, 0.6, (9,) * 4)]
    second = [flat("second", 0.5, 0.8, (8,) * 4), flat("second", 1.0, 0.4, (6,) * 4)]

    difference = bootstrap([*first, *second]).compare("first", "second", "coverage")

    assert difference.mean == pytest.approx(0.15)
    assert (difference.start, difference.end) == pytest.approx((0.4, 0.6))
    assert difference.to_dict()["mean"] == 0.15
    assert difference.to_dict()["by_seed"] == [0.15]


def test_briefs_are_drawn_alike_for_both():
    # Each brief alone has 0.1 more: so has every draw, though the level moves with it.
    first = [flat("first", t, alike, (2, 4, 6, 8)) for t, alike in ((1.0, 0.2), (0.5, 0.6))]
    second = [flat("second", t, alike, (1, 3, 5, 7)) for t, alike in ((1.0, 0.2), (0.5, 0.6))]

    difference = bootstrap([*first, *second]).compare("first", "second", "coverage")

    assert difference.low == pytest.approx(0.1)
    assert difference.high == pytest.approx(0.1)


def test_an_interval_is_the_middle_of_what_other_briefs_would_have_shown():
    # Brief by brief 0, 0, 0 and 0.4 more: 0.1 on average, from 0 to 0.2 and beyond by chance.
    first = [flat("first", t, alike, (0, 0, 0, 4)) for t, alike in ((1.0, 0.2), (0.5, 0.6))]
    second = [flat("second", t, alike, (0, 0, 0, 0)) for t, alike in ((1.0, 0.2), (0.5, 0.6))]

    difference = bootstrap([*first, *second]).compare("first", "second", "coverage")

    assert difference.mean == pytest.approx(0.1)
    assert difference.low == 0.0  # of four draws none is the fourth brief 32 times in 100
    assert 0.2 <= difference.high <= 0.3 + 1e-9


def test_seeds_are_averaged_and_each_is_told():
    # One seed has 0.1 more, the other 0.3.
    levels = {"first": {1: 5, 2: 7}, "second": {1: 4, 2: 4}}
    written = [
        replace(flat(system, temperature, alike, (level,) * 4), seed=seed)
        for system, of in levels.items()
        for seed, level in of.items()
        for temperature, alike in ((1.0, 0.2), (0.5, 0.6))
    ]

    difference = bootstrap(written).compare("first", "second", "coverage")

    assert difference.mean == pytest.approx(0.2)
    assert difference.by_seed == (0.1, 0.3)


def test_curves_that_do_not_overlap_are_not_compared():
    first = [flat("first", 1.0, 0.1, (5,) * 4), flat("first", 0.5, 0.2, (5,) * 4)]
    second = [flat("second", 1.0, 0.3, (5,) * 4), flat("second", 0.5, 0.4, (5,) * 4)]

    assert bootstrap([*first, *second]).compare("first", "second", "coverage") is None


def test_what_the_critic_was_not_asked_is_not_compared():
    asked = replace(flat("first", 1.0, 0.1, (5,) * 4), fooled=torch.ones(4, dtype=torch.bool))
    written = [asked, replace(asked, temperature=0.5, alike=torch.full((4,), 0.4))]
    mute = [flat("mute", 1.0, 0.1, (5,) * 4), flat("mute", 0.5, 0.4, (5,) * 4)]

    found = bootstrap([*written, *mute])

    assert found.compare("first", "first", "fool_rate").mean == 0.0
    assert found.compare("first", "mute", "fool_rate") is None


def test_a_distance_is_that_of_all_seeds_texts_and_the_same_briefs_on_both_sides(found):
    some = [cell for cell in found.sweep.of("one") if cell.temperature == 1.0]

    distances = found.values(some, "frechet")

    ours = torch.cat([cell.features for cell in some])
    drawn = torch.repeat_interleave(torch.arange(BRIEFS), found.weights[7].long())
    again = frechet_distance(
        moments(torch.cat([cell.features[drawn] for cell in some])),
        moments(found.sweep.people.features[drawn]),
    )
    people = moments(found.sweep.people.features)
    assert distances[7].item() == pytest.approx(again)
    assert distances[0].item() == pytest.approx(frechet_distance(moments(ours), people))
    assert found.weights[1:].sum(1).tolist() == [BRIEFS] * 200


def test_a_figure_of_a_draw_is_that_of_the_texts_drawn():
    some = cases()[:6]
    chance = random.Random(4)
    texts = [imitation(case.references[0], 0.5, chance) for case in some]
    cell = comparison.measure(some, texts, seed=1, with_critic=False)
    often = [0, 0, 3, 3, 3, 5]
    weights = torch.tensor([[2.0, 0, 0, 3, 0, 1]])

    drawn = metrics.corpus_bleu(
        [metrics.tokens(texts[at], "zh") for at in often],
        [[metrics.tokens(some[at].references[0], "zh")] for at in often],
    )

    assert cell.figure("bleu_4", weights).item() == pytest.approx(drawn)
    made_up = replace(cell, made_up=torch.tensor([True, False, False, True, False, False]))
    assert made_up.figure("unsupported_rate", weights).item() == pytest.approx(5 / 6)
    assert cell.figure("self_bleu_4", torch.ones(1, 6)).item() == pytest.approx(
        metrics.self_bleu([metrics.tokens(text, "zh") for text in texts])
    )
