"""Trainings end in a checkpoint that is better, or in nothing; rejections teach the judge."""

from __future__ import annotations

import json

import pytest

from generation.errors import TrainingCollapsed
from generation.gan import checkpoint as checkpoints
from generation.gan import learning, writing
from generation.gan.config import TrainingConfig
from generation.gan.learning import Lesson
from generation.gan.training import Collapsed
from generation.texts import Brief
from generation.texts import Lesson as GalleyLesson
from generation.writers.gan import GanWriter
from tests.generation.gan.conftest import shop

SLOGAN = " Hurry, buy it now!"
SMALL = {
    "width": 32,
    "heads": 2,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "feedforward": 64,
    "noise_width": 4,
    "dropout": 0.0,
    "max_source": 64,
    "max_target": 48,
}


def test_a_training_from_nothing_ends_in_a_checkpoint_with_its_figures(records, tmp_path):
    heard = []
    config = TrainingConfig(
        vocab_size=420,
        batch_tokens=800,
        pretrain_epochs=2,
        discriminator_steps=4,
        adversarial_rounds=3,
        briefs_per_round=4,
        samples_per_brief=2,
    )

    learning.train(
        records[:40],
        records[40:],
        into=tmp_path,
        seed=3,
        minutes=2,
        report=heard.append,
        config=config,
        generator=SMALL,
        prepared={"shop.jsonl": {"read": 50, "kept": 48, "too short": 2}},
    )

    loaded = checkpoints.load(tmp_path)
    assert loaded.metrics["prepared"] == {"shop.jsonl": {"read": 50, "kept": 48, "too short": 2}}
    phases = {"likelihood", "discriminator", "adversarial", "ranking"}
    assert {line["phase"] for line in heard} == phases
    curves = loaded.metrics["history"]
    assert set(curves) == phases
    assert len(curves["likelihood"]["step"]) > 1
    assert all(0 < value < 7 for value in curves["likelihood"]["held_out"])
    assert loaded.metrics["held_out_texts"] == 8
    assert loaded.metrics["corpus"] == 40
    assert 0 < loaded.metrics["held_out_nll"] < 7


def refused(record):
    """A text of the kind that the editors of this shop refuse."""
    return record.with_text(record.text.removesuffix(".") + SLOGAN)


@pytest.mark.slow
def test_the_judge_marks_down_the_refused_kind_of_text_where_it_never_saw_it(checkpoint, tmp_path):
    english = [record for record in shop(120) if record.language == "en"]
    seen, unseen = english[:40], english[40:]
    approvals = [Lesson(record, "approved") for record in seen]
    rejections = [Lesson(refused(record), "rejected", weight=2.0) for record in seen]
    slogans, plain = [refused(record) for record in unseen], unseen
    before = writing.score(checkpoint, slogans)

    learnt = learning.learn(
        checkpoint,
        approvals + rejections,
        seen,
        unseen[:10],
        into=tmp_path,
        seed=1,
        minutes=3,
        report=lambda _: None,
        rounds=2,
        steps=120,
    )

    after = writing.score(learnt, slogans)
    assert sum(after) / len(after) < sum(before) / len(before) - 0.1
    assert sum(writing.score(learnt, plain)) / len(plain) > sum(after) / len(after) + 0.2


def test_learning_leaves_the_checkpoint_in_use_as_it_was(checkpoint, records, tmp_path):
    weights = {name: value.clone() for name, value in checkpoint.generator.state_dict().items()}

    learning.learn(
        checkpoint,
        [Lesson(records[0], "edited", draft=records[2].text)],
        records[:12],
        records[12:16],
        into=tmp_path,
        seed=1,
        minutes=1,
        report=lambda _: None,
        rounds=1,
        steps=2,
    )

    assert all(
        value.equal(weights[name]) for name, value in checkpoint.generator.state_dict().items()
    )
    assert checkpoints.load(tmp_path).metrics["lessons"] == {
        "approved": 0,
        "rejected": 0,
        "edited": 1,
    }


def test_refusals_alone_are_not_enough_to_learn_from(checkpoint, records, tmp_path):
    with pytest.raises(ValueError, match="no approved text"):
        learning.learn(
            checkpoint,
            [Lesson(records[0], "rejected")],
            [],
            [],
            into=tmp_path,
            seed=1,
            minutes=1,
            report=lambda _: None,
        )
    assert not (tmp_path / "card.json").exists()


def test_products_set_aside_for_tests_are_never_read(tmp_path, records):
    corpus = tmp_path / "shop.jsonl"
    texts = {
        "oak": "A plain lamp for a desk, a shelf or the quiet end of a long and busy sofa.",
        "elm": "This tray carries breakfast upstairs without a rattle, rain or shine, every day.",
        "ash": "Pull the scarf up when the ferry turns into the wind and keep both hands dry.",
    }
    lines = [
        {"id": ref, "lang": "en", "title": ref, "attributes": [], "audience": "all", "text": text}
        for ref, text in texts.items()
    ]
    corpus.write_text("\n".join(map(json.dumps, lines)))

    learn, check, _ = learning.read_corpus(
        [corpus],
        split={"train": ["oak"], "dev": ["elm"], "test": ["ash"]},
        weights={"oa": 0.15, "el": 0.5},
    )

    assert [(record.ref, record.weight) for record in learn] == [("oak", 0.15)]
    assert [record.ref for record in check] == ["elm"]


def test_a_collapsed_training_is_told_in_one_sentence_and_keeps_nothing(
    checkpoint, tmp_path, monkeypatch
):
    def collapse(*_args, **_options):
        raise Collapsed("alike")

    monkeypatch.setattr(learning, "learn", collapse)
    brief = Brief("T-1", "description", "en", "Lamp", "", "", (), "", "", 10, 90)
    lesson = GalleyLesson(brief=brief, text="A lamp.", label="approved")

    with pytest.raises(TrainingCollapsed, match="became alike in training"):
        GanWriter(checkpoint, tmp_path).learn(
            [lesson], into=tmp_path / "new", seed=1, minutes=1, report=lambda _: None
        )

    assert not (tmp_path / "new").exists()
