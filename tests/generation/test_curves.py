"""A training's curves say what was found, and draw nothing that was not measured."""

from __future__ import annotations

import json

import pytest

from generation import curves
from generation.models import Checkpoint

HISTORY = {
    "likelihood": {"step": [10, 20, 30], "held_out": [6.1, 5.0, 4.5], "loss": [6.0, 4.0, 3.0]},
    "discriminator": {"step": [0, 25], "accuracy": [0.5, 0.61]},
    "adversarial": {
        "step": [0, 5, 10],
        "discriminator_accuracy": [0.61, 0.6, 0.62],
        "reward": [None, -1.2, -1.4],
        "drift": [None, 0.1, 0.2],
    },
    "ranking": {"step": [0, 25], "accuracy": [0.55, 0.7]},
}


def test_titles_say_what_was_found():
    titles = [chart.title for chart in curves.charts({"history": HISTORY})]

    assert titles == [
        "The held-out loss fell from 6.10 to 4.50",
        "The judge ends right 70 times in 100",
        "In the game the reward fell from -1.20 to -1.40",
    ]


def test_the_judges_phases_follow_one_another():
    judge = curves.charts({"history": HISTORY})[1]

    assert judge.places == [0, 25, 26, 31, 36, 37, 62]
    assert [line.values for line in judge.series] == [
        [0.5, 0.61, None, None, None, None, None],
        [None, None, 0.61, 0.6, 0.62, None, None],
        [None, None, None, None, None, 0.55, 0.7],
    ]


def test_rounds_that_the_writer_sat_out_are_not_drawn():
    game = curves.charts({"history": HISTORY})[2]

    assert game.rows == [(5, [-1.2]), (10, [-1.4])]


@pytest.mark.parametrize(
    "metrics",
    [
        {},
        {"history": {}},
        {"history": {"likelihood": {"step": [10], "held_out": [6.1], "loss": [6.0]}}},
        {"history": {"ranking": {"step": [0], "accuracy": [0.5]}}},
    ],
)
def test_one_point_is_no_curve(metrics):
    assert curves.charts(metrics) == []


def test_the_training_page_holds_the_numbers_to_draw_and_to_read(client, editor, checkpoint):
    Checkpoint.objects.update(metrics={"history": HISTORY})
    client.force_login(editor)

    page = client.get("/training/").content.decode()

    data = json.loads(page.split('id="chart-likelihood" type="application/json">')[1].split("<")[0])
    assert data["places"] == [10, 20, 30]
    assert data["series"][0]["values"] == [6.1, 5.0, 4.5]
    assert "The held-out loss fell from 6.10 to 4.50" in page
    assert '<td class="num">4.50</td>' in page
