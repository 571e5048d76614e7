"""A shop's own texts stay beside its checkpoint, and what goes on from it rehearses them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from generation.gan import checkpoint as checkpoints
from generation.gan import learning
from generation.gan.learning import Lesson
from generation.gan.practice import FILES, Practice
from tests.generation.gan.conftest import shop
from tests.generation.gan.test_course import train

QUICK = {"minutes": 1, "seed": 1, "report": lambda _: None}


@pytest.fixture
def practice(records):
    return Practice(tuple(records[:20]), tuple(records[20:30]))


def test_texts_come_back_as_they_were(checkpoint, records, tmp_path):
    guessed = replace(
        records[0], guessed=(("size", "10 cm"),), brand="Norr", category="lamps", style="market"
    )
    search = replace(records[1], kind="seo", style="market", audience="")
    kept = Practice((guessed, search, *records[2:9]), (replace(records[9], kind="ad"),))

    checkpoints.save(checkpoint, tmp_path / "made", practice=kept)

    assert Practice.beside(tmp_path / "made") == kept


def test_no_register_crowds_out_another():
    texts = shop(9000)
    rare = [replace(text, kind="ad", style="lively") for text in shop(30)]
    reviews = [replace(text, kind="review") for text in shop(500)]

    drawn = Practice.drawn([*texts, *reviews, *rare], [*rare, *texts], seed=4)

    kinds = Counter((text.language, text.kind) for text in drawn.texts)
    assert kinds.pop(("en", "ad")) == kinds.pop(("zh", "ad")) == 15
    assert kinds == {("en", "description"): 1185, ("zh", "description"): 1185}
    assert len(drawn.held_out) == 400
    assert drawn == Practice.drawn([*texts, *reviews, *rare], [*rare, *texts], seed=4)
    assert drawn != Practice.drawn([*texts, *reviews, *rare], [*rare, *texts], seed=5)


def test_half_of_it_is_none(checkpoint, practice, tmp_path):
    folder = tmp_path / "made"
    checkpoints.save(checkpoint, folder, practice=practice)
    (folder / FILES[1]).unlink()

    assert Practice.beside(folder) is None


def test_a_damaged_file_is_named(checkpoint, practice, tmp_path):
    folder = tmp_path / "made"
    checkpoints.save(checkpoint, folder, practice=practice)
    (folder / FILES[0]).write_bytes((folder / FILES[0]).read_bytes()[:-20])

    with pytest.raises(ValueError, match=r"texts\.jsonl\.gz cannot be read"):
        Practice.beside(folder)


def test_a_copy_takes_it_along_and_weights_alone_stay_alone(checkpoint, practice, tmp_path):
    checkpoints.save(checkpoint, tmp_path / "made", practice=practice)
    checkpoints.save(checkpoint, tmp_path / "bare")

    for name in ("made", "bare"):
        checkpoints.copy(tmp_path / name, tmp_path / "copies" / name)

    assert Practice.beside(tmp_path / "copies" / "made") == practice
    assert Practice.beside(tmp_path / "copies" / "bare") is None


@pytest.mark.parametrize("keeps_texts", [True, False])
def test_a_training_keeps_its_texts_only_where_it_shall(records, tmp_path, keeps_texts):
    train(records, tmp_path / "made", keeps_texts=keeps_texts)

    kept = Practice.beside(tmp_path / "made")
    assert kept == (Practice(tuple(records[:40]), tuple(records[40:])) if keeps_texts else None)


def test_a_training_into_an_old_folder_leaves_nothing_of_the_old_texts(
    checkpoint, practice, records, tmp_path
):
    checkpoints.save(checkpoint, tmp_path / "made", practice=practice)

    train(records, tmp_path / "made")

    assert Practice.beside(tmp_path / "made") is None


def test_what_goes_on_from_it_keeps_the_same(checkpoint, practice, records, tmp_path):
    learning.learn(
        checkpoint,
        [Lesson(records[40], "edited", draft=records[42].text)],
        practice.texts,
        practice.held_out,
        into=tmp_path / "made",
        rounds=1,
        steps=1,
        keeps_texts=True,
        **QUICK,
    )

    assert Practice.beside(tmp_path / "made") == practice
