"""Figures of a few texts against arithmetic done by hand."""

from __future__ import annotations

import pytest
import torch

from generation.gan import features, figures
from generation.gan.features import frechet_distance, moments
from generation.gan.figures import Case
from generation.gan.records import Record

TRAY = Record(
    ref="t1",
    language="zh",
    kind="description",
    style="market",
    title="榉木托盘",
    attributes=(("材质", "榉木"), ("边", "榉木"), ("尺寸", "24厘米"), ("特点", "轻、圆润、轻")),
)


def case(*references: str, record: Record = TRAY) -> Case:
    return Case(record, references)


def test_texts_of_one_brief_are_one_case_and_a_text_counts_once():
    other = Record(**{**vars(TRAY), "ref": "t2", "style": "lively"})
    ad = Record(**{**vars(TRAY), "kind": "ad"})

    cases = figures.cases_of(
        [
            TRAY.with_text("甲"),
            other.with_text("乙"),
            other.with_text("甲"),
            ad.with_text("丙"),
            TRAY.with_text(" "),
        ]
    )

    assert cases == [case("甲", "乙"), case("丙", record=ad)]
    assert cases[0].group == ("zh", "description")


def test_likeness_is_taken_by_all_references_and_in_chatglms_way_by_the_first():
    found = figures.likeness(["轻轻放下托盘"], [["不是一样的话", "轻轻放下托盘"]], "zh", list)

    assert found == {
        "bleu_4": 100.0,
        "rouge_l": 100.0,
        "chatglm_bleu_4": 0.0,
        "chatglm_bleu_4_capped": 0.0,
    }
    assert figures.likeness([], [], "zh", list) == {}


def test_the_cap_cuts_text_and_reference_alike():
    text = "托盘" * 32

    found = figures.likeness([text + "甲" * 9], [[text + "乙" * 30]], "zh", list)

    assert found["chatglm_bleu_4_capped"] == 100.0
    assert found["chatglm_bleu_4"] < 90


def test_english_has_no_figure_that_is_chinas_alone():
    found = figures.likeness(["a b c d"], [["A b c d"]], "en", str.split)

    assert found["bleu_4"] == 100.0
    assert set(found) == {"bleu_4", "rouge_l"}


def test_coverage_counts_the_values_that_were_given_and_their_parts():
    # Values, each once: 榉木, 24厘米, 轻、圆润、轻; parts: 榉木, 24厘米, 轻, 圆润.
    found = figures.faithfulness(
        [case("甲"), case("甲"), case("甲")],
        ["榉木的托盘，圆润，宽24厘米。", "重3千克，两层。", ""],
    )

    assert found == {
        "coverage": round(2 / 9, 4),
        "coverage_parts": round(3 / 12, 4),
        "values": 9,
        "unsupported_rate": 0.5,  # of the two texts that are there
        "unsupported_words_rate": 0.5,
    }


def test_what_the_title_and_the_audience_say_is_no_invention():
    record = Record(**{**vars(TRAY), "title": "3层托盘", "audience": "6岁以上的孩子"})

    found = figures.faithfulness([case("甲", record=record)], ["3层，6岁以上。"])

    assert found["unsupported_rate"] == 0.0


def test_variety_of_nothing_is_said_to_be_of_nothing():
    assert figures.variety([], "zh", seed=1) == {"texts": 0}
    assert figures.variety(["托盘托盘托盘", "灯"], "zh", seed=1) == {
        "texts": 2,
        "mean_length": 3.5,
        "distinct_2": 0.4,  # 托盘 x3, 盘托 x2
        "distinct_4": round(2 / 3, 4),
        "repetition_4": 0.5,
        "self_bleu_4": 0.0,
    }


def test_a_distance_is_taken_from_one_half_to_the_other_and_back():
    chance = torch.Generator().manual_seed(1)
    ours, theirs = torch.randn(2, 12, 3, generator=chance)
    first, second = parts = figures.halves(12, seed=2)
    there = frechet_distance(moments(ours[first]), moments(theirs[second]))
    back = frechet_distance(moments(ours[second]), moments(theirs[first]))
    assert figures.across(ours, theirs, parts) == pytest.approx((there + back) / 2)


def test_halves_are_of_one_size():
    first, second = figures.halves(13, seed=2)

    assert len(first) == len(second) == 6
    assert len({*first, *second}) == 12


def test_a_distance_of_few_texts_is_not_given():
    assert figures.distance_from_people(["托盘"] * 99, ["灯"] * 99, "zh", seed=1) is None
    assert figures.distance_from_people(["托盘"] * 100, ["灯"] * 100, "zh", seed=1) > 0


def test_a_brief_with_several_texts_counts_once_among_people():
    texts = [["托盘很轻"], ["杯子薄", "杯子耐洗", "灯光很暖"], ["书很旧"]]
    crowd = figures.Crowd.of([[list(text) for text in some] for some in texts])
    own = [features.features([list(text) for text in some]).double() for some in texts]

    mean = crowd.moments().mean
    drawn = crowd.moments(torch.tensor([2.0, 1.0, 0.0])).mean

    assert torch.allclose(mean, sum(some.mean(0) for some in own) / 3)
    assert torch.allclose(drawn, (2 * own[0].mean(0) + own[1].mean(0)) / 3)
