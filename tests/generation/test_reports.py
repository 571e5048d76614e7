"""What evaluations found, as people read it."""

from __future__ import annotations

import copy
from types import SimpleNamespace

import pytest

from generation.reports import comparisons, document, evaluations, terminal
from tests.generation.measured import compared, evaluated


def evaluation(pk: int, *, whose: int = 1, data: str = "kobe/dev", **changes: float):
    return SimpleNamespace(pk=pk, checkpoint_id=whose, data=data, figures=evaluated(**changes))


def test_a_table_says_the_writers_figures_beside_peoples():
    (table,) = evaluations.tables(evaluated())

    assert table.name == "Chinese descriptions"
    assert table.language == "zh-hans"
    assert table.remarks == [
        "briefs: 4, people's texts for them: 9",
        "2 texts of which the writer is less sure than it offers to a shop",
    ]
    assert table.rows[0] == ("BLEU-4, all references", "4.04", "—")
    assert ("facts told", "95.4%", "40.0%") in table.rows
    assert ("Fréchet distance", "—", "30.5") in table.rows
    assert table.ceiling == [
        ("BLEU-4, all references", "6.00", "30.27"),
        ("ROUGE-L", "21.79", "31.30"),
    ]
    assert table.ceiling_briefs == 36


def test_people_are_not_held_against_each_other_on_next_to_nothing():
    few = evaluation(1)
    few.figures["groups"][0]["ceiling"]["briefs"] = 1

    (board,) = evaluations.boards([few])

    assert board.people[0] == "—"
    assert evaluations.tables(few.figures)[0].ceiling == []


def test_remarks_say_what_was_not_as_it_should_be():
    figures = evaluated()
    figures["groups"][0] |= {"below_floor": 0, "unwritten": 3, "rouge_words": "characters"}

    (table,) = evaluations.tables(figures)

    assert table.remarks[1:] == ["3 briefs without a text", "ROUGE-L on characters"]


def test_a_board_holds_the_newest_evaluation_of_each_checkpoint_on_the_same_texts():
    found = evaluations.boards(
        [
            evaluation(5, whose=2, bleu_4=5.0),
            evaluation(4, whose=1, bleu_4=4.0),
            evaluation(3, whose=2, bleu_4=1.0),
            evaluation(2, whose=1, data="adgen/dev"),
        ]
    )

    assert [(board.data, board.name) for board in found] == [
        ("adgen/dev", "Chinese descriptions"),
        ("kobe/dev", "Chinese descriptions"),
    ]
    assert [(row.pk, briefs, cells[0]) for row, briefs, cells in found[1].rows] == [
        (5, 4, "5.00"),
        (4, 4, "4.00"),
    ]
    assert found[1].heads[:2] == ["BLEU-4, all references", "BLEU-4 as ChatGLM takes it"]
    assert found[1].people[0] == "30.27"
    assert found[1].people[3] == "40.0%"


def test_what_was_measured_twice_is_drawn():
    (chart,) = evaluations.charts([evaluation(2, bleu_4=3.0), evaluation(7, bleu_4=4.5)])

    assert chart.title == "Chinese descriptions: BLEU-4 went from 3.00 to 4.50"
    assert chart.rows == [(2, [3.0]), (7, [4.5])]
    assert evaluations.charts([evaluation(2)]) == []


def test_a_difference_is_better_or_worse_only_where_its_interval_leaves_nought_out():
    better, unsure, worse = comparisons.verdicts(compared()["sweeps"][0])

    assert (better.mean, better.interval, better.is_better) == ("+0.80", "+0.30 … +1.20", True)
    assert (unsure.figure, unsure.is_better) == ("Fréchet distance", None)
    assert (worse.mean, worse.is_better) == ("+2.0%", False)  # more numbers are made up
    assert (better.by_seed, better.overlap) == ("+0.80, —", "0.200 … 0.300")


def test_a_nearer_distance_is_better():
    sweep = compared()["sweeps"][0]
    sweep["differences"][1]["high"] = -0.1

    assert comparisons.verdicts(sweep)[1].is_better


def test_seeds_are_averaged_and_people_stand_beneath():
    rows = comparisons.cell_rows(compared()["sweeps"][0])

    assert [row[:2] for row in rows] == [
        ("plain", "0.6"),
        ("plain", "1"),
        ("judged", "0.6"),
        ("judged", "1"),
        ("people, held out", ""),
    ]
    assert rows[0][2] == ["0.310", "5.10", "54.9", "—", "90.0%", "0.0%", "0.900", "88"]
    assert rows[4][2][:2] == ["0.100", "12.00"]


def test_a_sweep_is_drawn_as_quality_over_self_bleu():
    bleu, distance = comparisons.charts(compared()["sweeps"][0])

    assert bleu.title == "judged does better than plain"
    assert bleu.places == [0.1, 0.21, 0.25, 0.31, 0.35]
    assert [(line.name, line.colour, line.is_dashed, line.values) for line in bleu.series] == [
        ("plain", "ink", False, [None, 4.1, None, 5.1, None]),
        ("judged", "ink", True, [None, None, 5.0, None, 6.0]),
        ("people, held out", "green", False, [12.0, None, None, None, None]),
    ]
    assert bleu.data["sparse"]
    assert distance.title == "No difference between judged and plain is sure"


def test_six_systems_of_four_weights_are_told_apart():
    sweep = compared()["sweeps"][0]
    wanted = [("a", 1), ("b", 1), ("b", 4), ("b", 4), ("c", 1), ("c", 4)]
    sweep["systems"] = [
        {"name": str(at), "decoding": "plain" if copies == 1 else "best", "digests": [weights]}
        for at, (weights, copies) in enumerate(wanted)
    ]
    sweep["cells"] = [
        {**sweep["cells"][0], "system": str(at), "self_bleu_4": at / 10} for at in range(6)
    ]

    looks = [(line.colour, line.is_dashed) for line in comparisons.charts(sweep)[0].series]

    assert len(set(looks)) == 7
    assert looks[1][0] == looks[2][0] != looks[3][0]
    assert looks[4][0] == looks[5][0]


@pytest.mark.parametrize("path", [["data"], ["sweeps"], ["sweeps", 0, "cells"], ["sweeps", 0]])
def test_a_report_in_which_something_is_missing_is_refused(path):
    comparisons.require_comparison(compared())
    broken = copy.deepcopy(compared())
    *way, last = path
    place = broken
    for step in way:
        place = place[step]
    place[last] = [] if isinstance(place[last], list) else {}

    with pytest.raises(ValueError, match=r"Something is missing|Nothing was compared"):
        comparisons.require_comparison(broken)


@pytest.mark.parametrize("found", [None, [], "x", {"sweeps": 5, "data": ["x"]}])
def test_what_is_no_report_is_refused(found):
    with pytest.raises(ValueError, match="Something is missing"):
        comparisons.require_comparison(found)


def test_a_terminal_gets_a_line_for_each_figure():
    told = list(terminal.lines({"data": "kobe/dev", **evaluated()}))

    assert told[0] == "kobe/dev: Chinese descriptions"
    assert "  facts told: 95.4% (people: 40.0%)" in told
    assert list(terminal.lines(compared()))[1] == (
        "  judged / plain: BLEU-4, all references +0.80 (+0.30 … +1.20)"
    )


def test_a_document_is_cut_into_headings_paragraphs_items_and_code():
    text = "# Title\n\nWords and\nmore `code` here.\n\n## Part\n\n- one\n- `two`: x\n"

    assert [(part.tag, part.runs) for part in document.parts(text)] == [
        ("h1", [("Title", False)]),
        ("p", [("Words and more ", False), ("code", True), (" here.", False)]),
        ("h2", [("Part", False)]),
        ("li", [("one", False)]),
        ("li", [("two", True), (": x", False)]),
    ]
