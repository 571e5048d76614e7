"""A training in charts, samples and rows; what is set is what the library really has."""

from __future__ import annotations

import inspect

from generation.choices import REASONS, SETTINGS, all_settings, plain
from generation.gan import learning
from generation.gan.config import TrainingConfig
from generation.models import Checkpoint, TrainingRun
from generation.reports import trainings
from review.models import Decision

POINTS = [
    ("discriminator", 0, {"discriminator_loss": 2.0, "gradient_norm": 3.0, "accuracy": 0.5}),
    ("discriminator", 25, {"discriminator_loss": 1.5, "held_out_accuracy": 0.6}),
    ("adversarial", 1, {"discriminator_loss": 1.2, "generator_loss": 0.9, "gradient_norm": 0.4}),
    (
        "adversarial",
        4,
        {
            "discriminator_loss": 1.1,
            "generator_loss": 0.7,
            "gradient_norm": 0.3,
            "held_out": 4.1,
            "held_out_accuracy": 0.75,
            "distinct_4": 0.9,
            "self_bleu_4": 0.2,
            "samples": [
                {"ref": "A", "language": "en", "text": "An oak lamp."},
                {"ref": "B", "language": "en", "text": "A mug."},
                {"ref": "C", "language": "zh", "text": "橡木灯。"},
            ],
        },
    ),
]


def test_usual_settings_are_the_librarys_own():
    library = TrainingConfig()
    usual = {setting.name: setting.usual for setting in SETTINGS}

    assert usual == {name: getattr(library, name) for name in usual}
    assert [type(value) for value in usual.values()] == [
        type(getattr(library, name)) for name in usual
    ]
    given = inspect.signature(learning.learn).parameters
    large = TrainingConfig.for_backbones()
    assert all_settings({}, "large") == {name: getattr(large, name) for name in usual}
    assert all_settings({}, "feedback") == {
        name: value
        for name, value in {
            **usual,
            "adversarial_rounds": given["rounds"].default,
            "discriminator_steps": given["steps"].default,
            "precedent_weight": given["precedent_weight"].default,
        }.items()
        if name not in {"learning_rate", "pretrain_epochs"}
    }


def test_reasons_are_called_what_review_calls_them():
    assert [(code, str(name)) for code, name in REASONS.items()] == [
        (code, str(name)) for code, name in Decision.Reason.choices
    ]


def test_numbers_are_written_as_people_write_them():
    assert [plain(value) for value in (1e-6, 8e-4, 450, 20.0, 0.0)] == [
        "0.000001",
        "0.0008",
        "450",
        "20",
        "0",
    ]


def test_phases_stand_one_behind_the_other_and_titles_say_what_was_found():
    losses, accuracy, gradient = trainings.charts(POINTS)

    assert losses.title == "The judge's loss went from 2.00 to 1.10"
    assert losses.places == [1, 26, 27, 30]
    assert [list(line.values) for line in losses.series] == [
        [2.0, 1.5, 1.2, 1.1],
        [None, None, 0.9, 0.7],
    ]
    assert accuracy.title == "The judge gets 75 in 100 held-out texts right, 60 at first"
    assert (gradient.title, gradient.places) == (
        "The gradient's norm went from 0.40 to 0.30",
        [1, 27, 30],
    )


def test_nothing_is_drawn_of_one_point():
    assert trainings.charts(POINTS[:1]) == []


def test_a_brief_of_each_language_is_shown_and_not_every_step():
    many = [("adversarial", step, POINTS[3][2]) for step in range(4, 84, 4)]

    shown = trainings.samples(many)

    assert [step for _phase, step, _texts in shown] == [4, 20, 36, 48, 64, 80]
    assert [text["text"] for text in shown[0][2]] == ["橡木灯。", "An oak lamp."]


def test_a_checkpoints_curves_are_points_again():
    history = {"adversarial": {"step": [1, 4], "discriminator_loss": [1.2, 1.1]}}

    assert trainings.points_of(history) == [
        ("adversarial", 1, {"discriminator_loss": 1.2}),
        ("adversarial", 4, {"discriminator_loss": 1.1}),
    ]


def test_settings_side_by_side_say_which_differ():
    orders = [
        TrainingRun(is_feedback=True, minutes=10, seed=1, settings={"generator_rate": 2e-4}),
        TrainingRun(is_feedback=False, minutes=10, seed=1),
    ]

    rows = {row.name: row for row in trainings.setting_rows(orders)}

    assert rows["the writer's learning rate in the game"].values == ("0.0002", "0.0001")
    assert rows["likelihood learning rate"].values == ("—", "0.001")
    assert {name for name, row in rows.items() if row.differs} == {
        "what",
        "likelihood learning rate",
        "likelihood epochs",
        "the writer's learning rate in the game",
        "steps of the judge alone",
        "rounds of the game",
        "weight of precedents and repetition in the game",
    }


def test_what_a_card_says_counts_more_than_what_is_usual():
    checkpoint = Checkpoint(metrics={"training": {"generator_rate": 3e-5, "pool": 96}})
    order = TrainingRun(is_feedback=True, minutes=10, seed=1, checkpoint=checkpoint)

    rows = {row.name: row.values for row in trainings.setting_rows([order])}

    assert rows["the writer's learning rate in the game"] == ("0.00003",)
    assert rows["the judge's learning rate"] == ("0.0002",)
