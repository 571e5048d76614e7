"""The real writer with a language model: it is switched to and back, and says what it lacks."""

from __future__ import annotations

import json

import pytest

from generation.errors import CheckpointUnusable
from generation.gan import __main__ as program
from generation.gan import checkpoint as checkpoints
from generation.texts import Brief
from generation.writers import get_writer
from generation.writers.gan import GanWriter

BRIEF = Brief(
    product_ref="T-1",
    kind="description",
    language="en",
    title="oak lamp",
    brand="",
    category="lamps",
    attributes=(("material", "oak"), ("size", "40 cm")),
    audience="people at home",
    tone="",
    min_chars=10,
    max_chars=120,
    banned=("wool",),
)


@pytest.fixture
def folders(checkpoint, large, made_backbone, settings, tmp_path):
    """A compact and a large checkpoint of one vocabulary, and the language model at hand."""
    settings.GALLEY_WRITER = "generation.writers.gan.GanWriter"
    settings.GALLEY_BACKBONE = made_backbone
    for name, made in (("compact", checkpoint), ("large", large)):
        checkpoints.save(made, tmp_path / name)
    return tmp_path / "compact", tmp_path / "large"


def test_one_process_writes_with_either_and_the_same_again(folders):
    def text(folder):
        return get_writer(folder).write([BRIEF], variants=1, seeds=[3])[0][0]

    compact, large = map(text, folders)

    assert compact.text != large.text
    assert [text(folder) for folder in folders] == [compact, large]
    assert all(0 < item.score < 1 for item in (compact, large))
    assert "wool" not in large.text


def test_both_judge_a_text_alike_by_one_discriminator(folders):
    texts = ["A lamp of oak, 40 cm wide.", "Lamp lamp lamp."]

    scores = [get_writer(folder).score([BRIEF, BRIEF], texts) for folder in folders]

    assert scores[0] == scores[1]


def test_without_its_language_model_one_sentence_says_what_is_missing(folders, settings):
    settings.GALLEY_BACKBONE = None

    assert GanWriter.from_checkpoint(folders[0]).digest
    with pytest.raises(CheckpointUnusable, match=r"needs the language model “tiny-llama”: .*\.$"):
        GanWriter.from_checkpoint(folders[1])


def test_tuning_needs_a_language_model(folders, settings, tmp_path):
    writer = get_writer(folders[0])
    wishes = {"into": tmp_path / "new", "seed": 1, "minutes": 1, "report": print}

    settings.GALLEY_BACKBONE = None
    with pytest.raises(CheckpointUnusable, match=r"no language model to tune: set GALLEY_BACKBONE"):
        writer.tune([tmp_path], [], **wishes)

    assert not (tmp_path / "new").exists()


def run(capsys, *arguments):
    code = program.main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return code, [json.loads(line) for line in out.splitlines()], err


def test_the_program_writes_with_a_language_model_too(folders, made_backbone, tmp_path, capsys):
    brief = {"id": "b1", "lang": "en", "title": "oak lamp", "attributes": [["size", "40 cm"]]}
    (tmp_path / "briefs.jsonl").write_text(json.dumps(brief))
    wish = ("sample", folders[1], tmp_path / "briefs.jsonl")

    code, lines, _ = run(capsys, *wish, "--backbone", made_backbone)
    again = run(capsys, *wish, "--backbone", made_backbone)[1]
    refused = run(capsys, *wish)

    assert code == 0
    assert lines[0]["text"]
    assert lines == again
    assert refused[0] == 1
    assert refused[2].startswith("large cannot write: it needs the language model “tiny-llama”")
    assert refused[2].count("\n") == 1


def test_what_a_language_model_wrote_is_explained_by_the_judge(
    folders, made_backbone, tmp_path, capsys
):
    brief = {"id": "b1", "lang": "en", "title": "oak lamp", "attributes": [["size", "40 cm"]]}
    (tmp_path / "briefs.jsonl").write_text(json.dumps(brief))
    wish = ("explain", folders[1], "--briefs", tmp_path / "briefs.jsonl", "--steps", 4)

    code, lines, err = run(capsys, *wish, "--backbone", made_backbone)

    assert code == 0, err
    line = lines[0]
    pulled = sum(part["pull"] for part in line["pulls"]) + line["elsewhere"] + line["gap"]
    assert line["pulls"]
    assert pulled == pytest.approx(line["logit"] - line["baseline"], abs=0.01)


def test_a_language_model_is_tuned_against_a_judge(made_backbone, folders, tmp_path, capsys):
    corpus = tmp_path / "shop.jsonl"
    corpus.write_text(json.dumps({"id": "x", "lang": "en", "title": "lamp", "text": "A lamp." * 9}))

    wishes = ("train", corpus, "--into", tmp_path / "new", "--backbone", made_backbone)
    alone = run(capsys, *wishes)
    nowhere = run(capsys, *wishes[:-1], tmp_path / "gone", "--judge", folders[0])

    assert alone[0] == nowhere[0] == 1
    assert "give both, --backbone and --judge" in alone[2]
    assert "There is no folder" in nowhere[2]
    assert not (tmp_path / "new").exists()
