"""What the real writer cannot use is told in one sentence, and the active checkpoint writes on."""

from __future__ import annotations

import json
import pickle

import pytest
from django.core.management import CommandError, call_command

from generation import training
from generation.errors import CheckpointUnusable
from generation.gan import checkpoint as checkpoints
from generation.gan import fitness, learning
from generation.gan.practice import FILES, Practice
from generation.models import Checkpoint, Example
from generation.texts import Brief, Lesson
from generation.writers.gan import GanWriter
from tests.conftest import kept
from tests.generation.gan.conftest import checkpoint as untrained  # noqa: F401 - a fixture
from tests.generation.gan.conftest import records  # noqa: F401 - what it is made of
from tests.generation.gan.test_storing import no_file_larger_than

BRIEF = Brief(
    product_ref="A-1",
    kind="description",
    language="en",
    title="lamp",
    brand="",
    category="",
    attributes=(("material", "oak"),),
    audience="",
    tone="",
    min_chars=1,
    max_chars=200,
)
LESSON = Lesson(BRIEF, "A lamp of oak.", "approved")


@pytest.fixture
def active(checkpoint, settings, monkeypatch, tmp_path):
    """An active checkpoint of the real writer, in a shop without a corpus of its own."""
    settings.GALLEY_WRITER = "generation.writers.gan.GanWriter"
    shop = tmp_path / "shop"
    shop.mkdir()
    text = "A plain lamp for a desk, a shelf or the quiet end of a long and busy sofa at home."
    line = {"id": "y", "lang": "en", "title": "lamp", "audience": "all", "text": text}
    (shop / "shop.jsonl").write_text(json.dumps(line))
    monkeypatch.setattr(training, "BUNDLED_CORPUS", shop)
    return checkpoint


def assert_untouched(active):
    assert Checkpoint.objects.get() == active
    assert Checkpoint.objects.active().get() == active
    folder = active.directory.parent
    assert [part.name for part in folder.iterdir()] == [active.path]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "corpus.jsonl holds no text to learn from: it is empty"),
        ('{"id": "y", "lang": "ja", "text": "手仕事のランプです。"}', "1 read, none usable"),
        ('{"id": "y"', "corpus.jsonl, line 1: not a corpus record"),
        ('{"id": "y", "lang": "en", "text": "Mug."}', "1 read, none usable"),
    ],
)
def test_a_corpus_that_teaches_nothing_is_refused(active, tmp_path, text, words):
    path = tmp_path / "corpus.jsonl"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(CommandError, match=words):
        call_command("train", "--corpus", str(path))

    assert_untouched(active)


def test_one_text_is_too_little_to_learn_from(active):
    with pytest.raises(CommandError, match="at least 16 texts"):
        call_command("train")

    assert_untouched(active)


def test_a_full_disk_is_told_and_leaves_nothing(active, untrained, monkeypatch):  # noqa: F811
    def save(*_arguments, into, **_options):
        with no_file_larger_than(20_000):
            checkpoints.save(untrained, into)

    monkeypatch.setattr(learning, "train", save)

    with pytest.raises(CommandError, match="no room on the disk"):
        call_command("train")

    assert_untouched(active)


@pytest.mark.parametrize("command", ["write", "evaluate", "score"])
def test_a_damaged_checkpoint_is_refused_by_name(active, untrained, tmp_path, command):  # noqa: F811
    active.digest = checkpoints.save(untrained, active.directory)
    active.save(update_fields=["digest"])
    path = active.directory / "generator.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    data = tmp_path / "data.jsonl"
    data.write_text('{"id": "y", "lang": "en", "title": "lamp", "text": "A lamp."}')
    option = "data" if command == "evaluate" else "briefs"

    with pytest.raises(CommandError) as told:
        call_command(command, f"--{option}", str(data), "--checkpoint", active.name)

    assert str(told.value) == (
        "first was changed after it was written: restore it from a copy or take another checkpoint."
    )
    assert_untouched(active)


def test_a_style_that_there_is_not_is_refused_with_those_there_are(
    active,
    untrained,  # noqa: F811
    tmp_path,
):
    active.digest = checkpoints.save(untrained, active.directory)
    active.save(update_fields=["digest"])
    data = tmp_path / "data.jsonl"
    data.write_text('{"id": "y", "lang": "en", "title": "lamp", "text": "A lamp."}')

    with pytest.raises(CommandError, match="“loud”; it knows: calm, lively, market"):
        call_command("evaluate", "--data", str(data), "--style", "loud")

    assert_untouched(active)


@pytest.mark.parametrize("card", ["[1]", "no JSON", "[" * 100_000, '{"digest": "other"}'])
def test_a_card_that_is_no_card_is_refused(active, tmp_path, card):
    (active.directory / "card.json").write_text(card)
    data = tmp_path / "data.jsonl"
    data.write_text('{"id": "y", "lang": "en", "title": "lamp", "text": "A lamp."}')

    with pytest.raises(CommandError, match="“first” are gone: activate another one"):
        call_command("evaluate", "--data", str(data))

    assert_untouched(active)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it is empty, add texts to it"),
        ('{"id": "y", "lang": "en", "text": "Une lampe avec des pieds."}', "none usable"),
        ("[]", "line 1: not a corpus record"),
    ],
)
def test_a_corpus_that_teaches_nothing_is_not_prepared(active, tmp_path, text, words):
    path = tmp_path / "corpus.jsonl"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(CommandError, match=words) as told:
        call_command("prepare", str(path), "--into", str(tmp_path / "made.jsonl"))

    assert "\n" not in str(told.value)
    assert not (tmp_path / "made.jsonl").exists()


def test_a_full_disk_is_told_when_prepared_texts_are_kept(active, tmp_path, capsys):
    path, into = tmp_path / "corpus.jsonl", tmp_path / "made.jsonl"
    into.write_text("before")
    text = "A plain lamp for a desk, a shelf or the quiet end of a long and busy sofa at home."
    path.write_text(json.dumps({"id": "y", "lang": "en", "title": "lamp", "text": text}))

    with no_file_larger_than(20), pytest.raises(CommandError, match="no room on the disk"):
        call_command("prepare", str(path), "--into", str(into))

    assert into.read_text() == "before"


def test_a_pickle_in_the_active_checkpoint_is_refused(draft, active, untrained):  # noqa: F811
    checkpoints.save(untrained, active.directory)
    (active.directory / "generator.safetensors").write_bytes(pickle.dumps({"weights": 1}))
    kept(Example.positive(draft, "A good text."))
    Example.objects.update(is_held_out=False)

    with pytest.raises(CommandError, match="first was changed after it was written"):
        call_command("train", "--feedback")

    assert_untouched(active)


def test_a_preparation_compares_texts_by_the_words_that_carry_their_meaning(
    active, tmp_path, capsys
):
    """Other stop words, another number of things: the same text for a reader, not for a letter."""
    texts = {
        "a": ("en", "These lamps stand on desks and light the readers of books in quiet houses."),
        "b": (
            "en",
            "This lamp stands on a desk, and lights a reader of the book in a quiet house.",
        ),
        "c": ("en", "A wool scarf, long enough for two turns, woven by hand in a town on a river."),
        "d": (
            "zh-hans",
            "榉木做的托盘，放得下早餐和一本书，边沿磨得圆润，端起来很稳，洗过也不变形。",
        ),
        "e": (
            "zh-hans",
            "榉木做的托盘，放得下早餐与一本书，边沿磨得圆润，端起来很稳，洗过都不变形呢。",
        ),
    }
    path = tmp_path / "corpus.jsonl"
    path.write_text(
        "\n".join(
            json.dumps({"id": ref, "lang": language, "title": "x", "text": text})
            for ref, (language, text) in texts.items()
        )
    )

    call_command("prepare", path, json=True)

    found = json.loads(capsys.readouterr().out)
    near = found["dropped"]["near duplicate"]
    assert [(shown["id"], shown["like"]) for shown in near["examples"]] == [("b", "a"), ("e", "d")]
    assert found["kept"] == 3


@pytest.fixture
def own(active, untrained, records):  # noqa: F811
    """The active checkpoint was trained on a shop's own texts, and holds them."""
    practice = Practice(tuple(records[:20]), tuple(records[20:30]))
    active.digest = checkpoints.save(untrained, active.directory, practice=practice)
    active.save(update_fields=["digest"])
    return practice


def rehearsed(monkeypatch) -> dict:
    """What the next training from decisions is told to rehearse and to keep."""
    told: dict = {}

    def learn(checkpoint, lessons, texts, held_out, *, into, keeps_texts, **_options):
        told.update(texts=tuple(texts), held_out=tuple(held_out), keeps_texts=keeps_texts)
        checkpoints.save(checkpoint, into)
        return checkpoint

    monkeypatch.setattr(learning, "learn", learn)
    return told


def test_a_shop_rehearses_its_own_texts(active, own, tmp_path, monkeypatch):
    told = rehearsed(monkeypatch)
    writer = GanWriter.from_checkpoint(active.directory)

    writer.learn([LESSON], into=tmp_path / "next", seed=1, minutes=1, report=lambda _: None)

    assert told == {"texts": own.texts, "held_out": own.held_out, "keeps_texts": True}


def test_who_holds_no_texts_rehearses_the_sample_shops(active, untrained, tmp_path, monkeypatch):  # noqa: F811
    checkpoints.save(untrained, active.directory)
    told = rehearsed(monkeypatch)
    writer = GanWriter.from_checkpoint(active.directory)

    writer.learn([LESSON], into=tmp_path / "next", seed=1, minutes=1, report=lambda _: None)

    assert {text.ref[:3] for text in told["texts"]} == {"HB-", "LM-"}
    assert not told["keeps_texts"]


def test_a_training_on_a_shops_corpora_keeps_some_of_them(active, untrained, tmp_path, monkeypatch):  # noqa: F811
    told: dict = {}

    def train(*_texts, keeps_texts, **_options):
        told["keeps_texts"] = keeps_texts
        return untrained

    monkeypatch.setattr(learning, "train", train)

    GanWriter.train(
        [training.BUNDLED_CORPUS], [], into=tmp_path, seed=1, minutes=1, report=lambda _: None
    )

    assert told == {"keeps_texts": True}


def test_a_checkpoint_is_asked_about_its_own_texts_or_about_anothers(
    active,
    own,
    untrained,  # noqa: F811
    monkeypatch,
):
    asked: list[tuple] = []

    def ask(_checkpoint, texts, *, seed):
        asked.append(tuple(texts))
        return {"asked": str(seed)}

    monkeypatch.setattr(fitness, "fitness", ask)
    bare = active.directory.parent.parent / "bare"
    checkpoints.save(untrained, bare)

    GanWriter.from_checkpoint(active.directory).fitness()
    GanWriter.from_checkpoint(bare).fitness(like=active.directory)
    GanWriter.from_checkpoint(bare).fitness()

    assert asked[:2] == [own.held_out, own.held_out]
    assert {text.ref[:3] for text in asked[2]} == {"HB-", "LM-"}


def test_damaged_texts_beside_it_are_told_in_one_sentence(active, own, tmp_path):
    path = active.directory / "texts.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-20])
    writer = GanWriter.from_checkpoint(active.directory)

    with pytest.raises(
        CheckpointUnusable, match="restore them from a copy, or delete them"
    ) as told:
        writer.learn([LESSON], into=tmp_path / "next", seed=1, minutes=1, report=lambda _: None)

    assert "\n" not in str(told.value)
    assert not (tmp_path / "next").exists()


def test_the_checkpoint_that_ships_holds_nobodys_texts(settings):
    there = {path.name for path in settings.GALLEY_STARTER_CHECKPOINT.iterdir()}

    assert "generator.safetensors" in there
    assert not there.intersection(FILES)
