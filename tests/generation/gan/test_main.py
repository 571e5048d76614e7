"""The library's own commands: a training survives a kill; what cannot be used is told."""

from __future__ import annotations

import json
import pickle
import signal
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest
import torch
from django.conf import settings
from safetensors.torch import save_file

from generation.gan import __main__ as program
from generation.gan import checkpoint as checkpoints
from generation.gan import digests
from generation.gan.practice import TEXTS
from tests.generation.gan.test_course import SHORT, assert_equal_weights
from tests.generation.gan.test_learning import SMALL
from tests.generation.gan.test_storing import no_file_larger_than

ROOT = Path(settings.BASE_DIR)
COMMAND = (sys.executable, "-m", "generation.gan", "train")


@pytest.fixture
def corpus(tmp_path):
    """A few products of the starter shop, with all their texts."""
    source = next(iter(sorted((ROOT / "catalog" / "starter_shop").glob("*.jsonl*"))))
    with source.open(encoding="utf-8") as lines:
        text = "".join(islice(lines, 4))
    return written(tmp_path / "shop.jsonl", text)


@pytest.fixture
def tiny(tmp_path):
    """Settings of a training that takes some seconds."""
    wanted = {
        "training": SHORT.to_dict(),
        "generator": {**SMALL, "max_target": 32},
    }
    return written(tmp_path / "tiny.json", json.dumps(wanted))


@pytest.fixture
def run(capsys):
    """Run a command in this process; give its code, its lines and its complaint."""

    def run(*arguments):
        code = program.main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return code, [json.loads(line) for line in out.splitlines()], err

    return run


def written(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def records(*records_):
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records_)


def record(**fields):
    text = "A plain lamp for a desk, a shelf or the quiet end of a long and busy sofa at home."
    return {"id": "x", "lang": "en", "title": "lamp", "attributes": [], "text": text, **fields}


def assert_refused(answer, *words):
    """One sentence says what is wrong, and nothing else comes out."""
    code, _, complaint = answer
    assert code == 1
    assert complaint.count("\n") == 1
    assert complaint.rstrip()[-1] == "."
    assert "Traceback" not in complaint
    assert all(word in complaint for word in words), complaint


@pytest.mark.slow
def test_a_training_that_was_killed_ends_in_the_same_weights(corpus, tiny, tmp_path):
    """The real thing: SIGKILL in the middle, the same command again."""

    def start(into, *more):
        return subprocess.Popen(  # noqa: S603 - our own command
            (*COMMAND, corpus, "--into", tmp_path / into, "--settings", tiny, *more),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )

    work = ("--work", tmp_path / "work", "--every", "0", "--minutes", "600")
    kept = ("--minutes", "600", "--keep-texts")
    with start("cut", *work) as killed:
        for line in killed.stdout:
            if json.loads(line)["phase"] == "adversarial":
                killed.send_signal(signal.SIGKILL)
                break
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "cut").exists()

    with start("cut", *work) as again, start("whole", *kept) as whole:
        phases = [json.loads(line)["phase"] for line in again.stdout]
        whole.communicate()

    assert (again.returncode, whole.returncode) == (0, 0)
    assert "likelihood" not in phases
    assert_equal_weights(*(checkpoints.load(tmp_path / name) for name in ("cut", "whole")))
    assert [(tmp_path / name / TEXTS).exists() for name in ("cut", "whole")] == [False, True]


@pytest.mark.slow
def test_torchrun_trains_one_checkpoint_with_two_processes(corpus, tiny, tmp_path):
    done = subprocess.run(  # noqa: S603 - our own command
        (
            *(sys.executable, "-m", "torch.distributed.run", "--standalone"),
            *("--nproc-per-node", "2", *COMMAND[1:], corpus, "--into", tmp_path / "made"),
            *("--settings", tiny, "--minutes", "600"),
        ),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["phase"] for line in lines].count("finished") == 1  # one process reports
    assert lines[-1]["digest"] == checkpoints.load(tmp_path / "made").digest


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_what_a_gpu_trained_is_read_by_a_processor(corpus, tiny, tmp_path, run):
    code, _, complaint = run(
        *("train", corpus, "--into", tmp_path / "made", "--settings", tiny, "--device", "cuda")
    )

    assert (code, complaint) == (0, "")
    loaded = checkpoints.load(tmp_path / "made")
    assert {value.device.type for value in loaded.generator.state_dict().values()} == {"cpu"}


def test_a_device_that_is_not_there_is_refused(corpus, tiny, tmp_path, run, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)

    answer = run("train", corpus, "--into", tmp_path / "made", "--device", "cuda")

    assert_refused(answer, "no CUDA device", "cpu")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["corpus.jsonl", "it is empty"]),
        (records(record(lang="ja", text="手仕事で仕上げたランプです。" * 4)), ["none usable"]),
        (records(record(lang="ru", text="Лампа из дуба для тихого вечера. " * 3)), ["none usable"]),
        (records(record()), ["at least 16 texts"]),
        (records(record(text=7)), ["line 1", "text is no text"]),
        (records(record(style="baroque")), ["line 1", "baroque", "calm"]),
        ('"just words"\n', ["line 1", "not a corpus record"]),
        ("[" * 100_000, ["line 1", "not a corpus record"]),
        ("{broken", ["line 1", "not a corpus record"]),
    ],
)
def test_a_corpus_that_teaches_nothing_is_refused(tmp_path, run, text, words):
    path = written(tmp_path / "corpus.jsonl", text)

    answer = run("train", path, "--into", tmp_path / "made")

    assert_refused(answer, *words)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("gone.jsonl", None, ["gone.jsonl cannot be read", "No such file"]),
        ("torn.jsonl.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab", ["cannot be read"]),
        ("plain.jsonl.gz", b"no archive at all", ["cannot be read", "Not a gzipped file"]),
        ("latin.jsonl", b'{"id": "\xe9"}', ["cannot be read", "not UTF-8"]),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, run, name, content, words):
    if content is not None:
        (tmp_path / name).write_bytes(content)

    assert_refused(run("train", tmp_path / name, "--into", tmp_path / "made"), *words)


def test_a_text_of_a_hundred_thousand_letters_is_cut_and_not_choked_on(corpus, tmp_path, run):
    """Its title, one value of a great many parts, and its text are all far too long."""
    big = record(
        title="oak lamp " * 11_000,
        attributes=[["parts", "oak, " * 20_000], ["care", "(wipe, " * 14_000]],
        text="This lamp stands on a desk and gives a warm light to read by. " * 1_600,
    )
    with corpus.open("a", encoding="utf-8") as lines:
        lines.write(records(big))

    code, lines, complaint = run("prepare", corpus)

    assert (code, complaint) == (0, "")
    (found,) = lines
    left_out = sum(told["texts"] for told in found["dropped"].values())
    assert found["read"] == found["kept"] + left_out


def test_settings_that_are_not_known_are_refused_by_name(corpus, tmp_path, run):
    settings_ = written(tmp_path / "settings.json", '{"training": {"speed": 9}}')

    answer = run("train", corpus, "--into", tmp_path / "made", "--settings", settings_)

    assert_refused(answer, "TrainingConfig does not know speed")


def test_a_place_of_another_training_is_refused(corpus, tiny, tmp_path, run):
    state = tmp_path / "work" / "state-000001"
    state.mkdir(parents=True)
    save_file({}, state / "tensors.safetensors")
    written(state / "state.json", "{}")

    answer = run(
        *("train", corpus, "--into", tmp_path / "made", "--settings", tiny),
        *("--work", tmp_path / "work"),
    )

    assert_refused(answer, "No state in", "begin again")
    assert state.exists()


@pytest.fixture
def folder(checkpoint, tmp_path):
    """A checkpoint's folder."""
    checkpoints.save(checkpoint, tmp_path / "active")
    return tmp_path / "active"


def resign(folder):
    """Give a changed folder the digest of what it now holds, as a forger would."""
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    card["digest"] = digests.digest_of(folder)
    written(folder / "card.json", json.dumps(card))


def foreign_weights(folder):
    save_file({"model.embed": torch.zeros(3)}, folder / "generator.safetensors")
    resign(folder)


def pickled_weights(folder):
    (folder / "generator.safetensors").write_bytes(pickle.dumps({"weights": [1.0]}))
    resign(folder)


def torn_weights(folder):
    path = folder / "generator.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def infinite_weights(folder):
    made = checkpoints.load(folder)
    made.generator.embed.weight.data[3, 3] = torch.inf
    checkpoints.save(made, folder)


def another_vocabulary(folder):
    written(folder / "tokenizer.json", '{"model": "none"}')
    resign(folder)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (foreign_weights, ["do not fit its card", "generator.safetensors"]),
        (pickled_weights, ["no file of safetensors"]),
        (torn_weights, ["changed after it was written"]),
        (infinite_weights, ["not finite"]),
        (another_vocabulary, ["no vocabulary"]),
        (lambda folder: (folder / "card.json").unlink(), ["card.json cannot be found"]),
        (lambda folder: written(folder / "card.json", "[1]"), ["cannot be read"]),
        (lambda folder: written(folder / "card.json", '{"a": 1}'), ["lacks 'format'"]),
        (lambda folder: written(folder / "card.json", "no JSON"), ["cannot be read"]),
    ],
)
def test_a_damaged_or_foreign_checkpoint_is_refused(folder, corpus, run, damage, words):
    damage(folder)

    assert_refused(run("sample", folder, corpus, "--limit", 1), "active", "restore it", *words)


def test_a_model_of_somebody_else_is_no_checkpoint(tmp_path, corpus, run):
    (tmp_path / "llama").mkdir()
    save_file({"weights": torch.zeros(3)}, tmp_path / "llama" / "model.safetensors")
    written(tmp_path / "llama" / "config.json", "{}")

    answer = run("sample", tmp_path / "llama", corpus)

    assert_refused(answer, "llama is no checkpoint of Galley", "card.json")


def test_a_full_disk_ends_a_training_in_a_sentence(corpus, tiny, tmp_path, run):
    with no_file_larger_than(40_000):
        answer = run(
            *("train", corpus, "--into", tmp_path / "made", "--settings", tiny),
            *("--work", tmp_path / "work", "--every", 0, "--minutes", 600),
        )

    assert_refused(answer, "no room on the disk")
    assert not (tmp_path / "made").exists()
    assert list((tmp_path / "work").iterdir()) == []


@pytest.mark.parametrize(
    ("brief", "words"),
    [
        ({"lang": "fr"}, ["x", "fr", "zh and en"]),
        ({"title": "", "text": ""}, ["x", "a title or attributes"]),
        ({"title": "t" * 256}, ["x", "title", "longer than 255 characters"]),
        ({"title": "Чайник", "attributes": [["a", "сталь"]]}, ["x", "neither Chinese nor English"]),
    ],
)
def test_a_brief_that_nothing_can_be_written_for_is_refused(folder, tmp_path, run, brief, words):
    path = written(tmp_path / "briefs.jsonl", records(record(**brief)))

    assert_refused(run("sample", folder, path), *words)


def test_a_paragraph_is_left_out_of_a_brief_and_named(folder, tmp_path, run, monkeypatch):
    asked = []
    monkeypatch.setattr(
        program.writing, "write", lambda made, wishes, **how: asked.extend(wishes) or [[]]
    )
    facts = [["wood", "oak"], ["story", "long. " * 9_000], ["brand", "b" * 256]]
    path = written(tmp_path / "briefs.jsonl", records(record(attributes=facts, audience="a" * 256)))

    _, _, complaint = run("sample", folder, path)

    [wish] = asked
    assert wish.record.attributes == (("wood", "oak"),)
    assert (wish.record.brand, wish.record.audience) == ("", "")
    assert [line.split("”")[0] for line in complaint.splitlines()[:3]] == [
        "The fact “story",
        "The fact “brand",
        "The fact “audience",
    ]
    assert all("longer than 255 characters" in line for line in complaint.splitlines()[:3])


@pytest.mark.parametrize("command", ["prepare", "sample"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ["briefs.jsonl holds no", "add"]),
        (bytes(range(256)), ["not UTF-8 text", "save it as such"]),
        (b'{"id": "x"}', ["briefs.jsonl, line 1: not a corpus record", "it needs id, lang, title"]),
        (
            b'{"id": "x", "lang": "en", "title": "t", "attributes": {"a": 1}}',
            ["line 1", "attributes as pairs"],
        ),
    ],
)
def test_a_file_that_holds_nothing_to_read_is_refused(
    folder, tmp_path, run, command, content, words
):
    (tmp_path / "briefs.jsonl").write_bytes(content)
    before = [folder] if command == "sample" else []

    assert_refused(run(command, *before, tmp_path / "briefs.jsonl"), *words)


def test_a_measurement_on_nothing_does_not_speak_of_learning(folder, tmp_path, run):
    path = written(tmp_path / "corpus.jsonl", "")

    answer = run("evaluate", folder, path)

    assert_refused(answer, "corpus.jsonl holds no text to measure against: it is empty")


def test_half_a_character_is_no_reason_to_break_off(folder, tmp_path, run):
    path = written(
        tmp_path / "briefs.jsonl",
        '{"id": "\\ud83d", "lang": "en", "title": "lamp \\ud83d", "attributes": [["a", "\\ud83d"]],'
        ' "text": "oak \\ud83d"}',
    )

    code, lines, _ = run("sample", folder, path)

    assert code == 0
    assert {line["id"] for line in lines} == {"\ufffd"}
    assert_refused(run("prepare", path), "1 read, none usable (unreadable)")


def test_a_comparison_that_cannot_be_kept_is_refused_before_it_is_made(
    folder, corpus, tmp_path, run
):
    plan = written(
        tmp_path / "plan.json",
        json.dumps(
            {
                "temperatures": [1.0],
                "seeds": [1],
                "systems": [{"name": name, "checkpoint": str(folder)} for name in ("one", "two")],
            }
        ),
    )
    (tmp_path / "file").write_text("")

    answer = run("compare", plan, corpus, "--into", tmp_path / "file" / "found.json")

    assert_refused(answer, "found.json cannot be written")
    assert answer[1] == []


def test_a_full_disk_leaves_no_half_of_the_prepared_texts(corpus, tmp_path, run):
    with no_file_larger_than(1_000):
        answer = run("prepare", corpus, "--into", tmp_path / "made.jsonl")

    assert_refused(answer, "no room on the disk", "make some")
    assert [part.name for part in tmp_path.iterdir()] == [corpus.name]


def test_a_brief_without_attributes_gets_a_text_or_the_reason_why_not(folder, tmp_path, run):
    path = written(tmp_path / "briefs.jsonl", records(record(text="")))
    made = checkpoints.load(folder)
    made.metrics["fluency_floors"] = {"market": 0.0, "calm": 0.0}  # surer than anybody is
    checkpoints.save(made, folder)

    answer = run("sample", folder, path)

    assert_refused(
        answer,
        "No text was written for any of 1 briefs: the writer is sure of none, so give it more "
        "facts than a title.",
    )
    assert answer[1] == [{"id": "x", "variant": 0, "text": "", "reason": program.UNSURE}]


@pytest.mark.parametrize(
    ("fields", "style"),
    [
        ({}, "calm"),
        ({"kind": "ad"}, "lively"),
        ({"kind": "seo"}, "calm"),
        ({"style": "market"}, "market"),
    ],
)
def test_a_brief_without_a_style_is_written_in_the_usual_one_of_its_kind(
    folder, tmp_path, run, monkeypatch, fields, style
):
    asked = []
    monkeypatch.setattr(
        program.writing, "write", lambda made, wishes, **how: asked.extend(wishes) or [[]]
    )

    run("sample", folder, written(tmp_path / "briefs.jsonl", records(record(**fields))))

    assert [wish.record.style for wish in asked] == [style]


def test_texts_are_explained_where_they_stand_and_written_for_briefs(run, corpus, tmp_path):
    starter = settings.GALLEY_STARTER_CHECKPOINT

    code, stood, _ = run("explain", starter, "--data", corpus, "--limit", 3)
    again, wrote, _ = run("explain", starter, "--briefs", corpus, "--limit", 2, "--steps", 4)

    assert (code, again, len(stood), len(wrote)) == (0, 0, 3, 2)
    first = json.loads(corpus.read_text(encoding="utf-8").splitlines()[0])
    assert stood[0]["text"] == first["descriptions"]["zh"][0]
    for line in stood + wrote:
        pulled = sum(part["pull"] for part in line["pulls"]) + line["elsewhere"] + line["gap"]
        assert pulled == pytest.approx(line["logit"] - line["baseline"], abs=0.01)
        assert all(
            part["text"] == line["text"][part["start"] : part["end"]]
            for part in line["pulls"] + line["phrases"]
        )
    assert all(part["is_exact"] for part in wrote[0]["phrases"])
    assert {part["field"] for part in wrote[0]["phrases"]} >= {"attributes", "audience"}


def test_a_record_without_a_text_is_explained_as_a_brief_alone(run, tmp_path):
    line = {"id": "y", "lang": "en", "title": "lamp", "text": ""}
    briefs = written(tmp_path / "briefs.jsonl", json.dumps(line))

    code, lines, refusal = run("explain", settings.GALLEY_STARTER_CHECKPOINT, "--data", briefs)

    assert (code, lines) == (1, [])
    assert refusal == "The record y holds no text: give it as --briefs.\n"
