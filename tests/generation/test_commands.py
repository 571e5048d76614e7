"""The commands' interfaces: JSON only on standard output, one line when something is wrong."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from generation.models import Checkpoint, Draft, Run
from generation.writers import get_writer
from tests.generation.plain_writer import FITNESS, PlainWriter


@pytest.fixture
def shipped(tmp_path, settings) -> Path:
    """The folder of a checkpoint that ships with Galley."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    (folder / "card.json").write_text('{"digest": "d"}')
    settings.GALLEY_STARTER_CHECKPOINT = folder
    return folder


def spy(asked: list[Path]) -> Callable[[Path], PlainWriter]:
    """Give a `get_writer` that notes the folders it was asked for."""

    def get(path: Path) -> PlainWriter:
        asked.append(path)
        return get_writer(path)

    return get


def lines(capsys) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_product_is_written_for_in_both_languages(product, checkpoint, capsys):
    call_command("write", sku=product.sku, json=True)

    found = lines(capsys)
    assert [(line["id"], line["variant"], line["language"]) for line in found] == [
        ("LM-TST-001", 0, "zh-hans"),
        ("LM-TST-001", 0, "en"),
    ]
    assert Draft.objects.count() == 0


def test_a_campaign_is_written_in_the_foreground(campaign, checkpoint, capsys):
    call_command("write", campaign="spring", seed=3, json=True)

    found = lines(capsys)
    assert [line["language"] for line in found] == ["en", "zh-hans"]
    assert Run.objects.get().status == Run.Status.FINISHED
    assert Draft.objects.count() == 2


def test_briefs_are_written_without_the_database(tmp_path, shipped, capsys):
    file = tmp_path / "briefs.jsonl.gz"
    record = {
        "id": "r1",
        "lang": "en",
        "kind": "product_description",
        "title": "Oak tray for breakfast in bed",
        "attributes": [["material", "oak, oiled by hand"], ["price_inr", "99"]],
    }
    with gzip.open(file, "wt") as out:
        out.write(json.dumps(record) + "\n")

    call_command("write", briefs=file, variants=2, json=True)
    written = lines(capsys)
    call_command("score", briefs=file, json=True)

    assert [(line["id"], line["variant"]) for line in written] == [("r1", 0), ("r1", 1)]
    assert set(written[0]) >= {"id", "variant", "text", "score", "findings"}
    assert "99" not in written[0]["text"]
    assert lines(capsys) == [{"id": "r1", "score": 0.0}]


GOOD = '{"id": "x", "lang": "en", "title": "Oak tray"}\n'


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"id": "x"}', "it needs id, lang and title"),
        ("[]", "it needs id, lang and title"),
        ("{", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ('{"id": "x", "lang": 5, "title": "t"}', "its lang is not a text"),
        ('{"id": null, "lang": "en", "title": "t"}', "its id is not a text"),
        ('{"id": "x", "lang": "en", "title": null}', "its title is not a text"),
        ('{"id": "x", "lang": "en", "title": "t", "text": null}', "its text is not a text"),
        ('{"id": "x", "lang": "fr", "title": "t"}', "its language is “fr”, and only zh and en"),
        (
            '{"id": "x", "lang": "en", "title": "t", "attributes": {"a": "b"}}',
            "its attributes are not pairs of key and value",
        ),
        (
            '{"id": "x", "lang": "en", "title": "t", "title_attributes": [["a", ["b"]]]}',
            "its title_attributes are not pairs of key and value",
        ),
        ('{"id": "x", "lang": "en", "title": "\\ud800"}', "it is not UTF-8 text"),
    ],
)
@pytest.mark.parametrize("name", ["write", "score"])
def test_a_line_that_is_no_brief_is_named_with_the_reason(tmp_path, shipped, name, line, reason):
    file = tmp_path / "b.jsonl"
    file.write_text(GOOD + line + "\n")

    with pytest.raises(CommandError, match=rf"^b\.jsonl, line 2 is not a brief: {reason}") as told:
        call_command(name, briefs=file, json=True)

    assert "\n" not in str(told.value)


def brief_line(**fields) -> str:
    return json.dumps({"id": "x", "lang": "en", "title": "Oak tray", **fields}) + "\n"


def test_a_fact_as_long_as_a_title_may_be_is_written_and_a_longer_one_left_out(
    tmp_path, shipped, capsys
):
    facts = [["wood", "oak"], ["story", "o" * 255], ["brand", "b" * 256], ["k" * 256, "v"]]
    (tmp_path / "b.jsonl").write_text(brief_line(attributes=facts, audience="a" * 256))

    call_command("write", briefs=tmp_path / "b.jsonl", json=True)

    [line] = lines(capsys)
    left_out = [one["values"] for one in line["findings"] if one["code"] == "fact_left_out"]
    names = ["brand", "k" * 59 + "…", "audience"]
    assert left_out == [{"fact": name, "limit": 255} for name in names]
    assert "o" * 255 in line["text"]
    assert "bbb" not in line["text"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"title": "t" * 256}, "its title is longer than 255 characters: shorten it"),
        (
            {"attributes": [["story", "long. " * 20_000]]},
            "its fact “story” is longer than 255 characters: say it in shorter ones",
        ),
    ],
)
def test_a_brief_of_a_paragraph_alone_is_refused(tmp_path, shipped, fields, reason):
    (tmp_path / "b.jsonl").write_text(brief_line(**fields))

    with pytest.raises(CommandError) as told:
        call_command("write", briefs=tmp_path / "b.jsonl")

    assert str(told.value) == f"b.jsonl, line 1 is not a brief: {reason}."


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("description", "description"),
        ("product_description", "description"),
        ("short_copy", "ad"),
        ("seo", "seo"),
    ],
)
def test_a_kind_is_written_as_what_it_is(tmp_path, shipped, capsys, kind, written):
    (tmp_path / "b.jsonl").write_text(brief_line(kind=kind))

    call_command("write", briefs=tmp_path / "b.jsonl", json=True)

    assert [line["kind"] for line in lines(capsys)] == [written]


@pytest.mark.parametrize("kind", ["poem", "review"])
def test_a_kind_that_nobody_writes_is_refused_and_a_text_of_it_can_be_scored(
    tmp_path, shipped, capsys, kind
):
    (tmp_path / "b.jsonl").write_text(brief_line(kind=kind))

    with pytest.raises(CommandError) as told:
        call_command("write", briefs=tmp_path / "b.jsonl")
    call_command("score", briefs=tmp_path / "b.jsonl", json=True)

    assert str(told.value) == (
        f"b.jsonl, line 1 is not a brief: its kind is “{kind}”, and only these are written: "
        "description, ad, seo."
    )
    assert [line["id"] for line in lines(capsys)] == ["x"]


FRENCH = (
    '{"id": "x", "lang": "en", "title": "Bouilloire en acier inoxydable", "attributes": '
    '[["capacité", "1,5 l"], ["usage", "pour le thé et le café"]]}\n'
)


def test_a_brief_in_a_third_language_is_refused_and_a_text_of_it_can_be_scored(
    tmp_path, shipped, capsys
):
    (tmp_path / "b.jsonl").write_text(GOOD + FRENCH)

    with pytest.raises(CommandError) as told:
        call_command("write", briefs=tmp_path / "b.jsonl", json=True)
    call_command("score", briefs=tmp_path / "b.jsonl", json=True)

    assert str(told.value) == (
        "b.jsonl, line 2 is not a brief: its title and facts are neither Chinese nor English: "
        "translate them."
    )
    assert [line["id"] for line in lines(capsys)] == ["x", "x"]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("b.jsonl", b"", "b.jsonl holds no briefs."),
        ("b.jsonl", b"\n \n", "b.jsonl holds no briefs."),
        ("b.jsonl", b'{"id": "\xff"}', "b.jsonl, line 1 is not a brief: it is not UTF-8 text."),
        (
            "b.jsonl.gz",
            gzip.compress(GOOD.encode() * 9)[:-9],
            "b.jsonl.gz is cut short, damaged or not a gzip file.",
        ),
        ("b.jsonl.gz", GOOD.encode(), "b.jsonl.gz is cut short, damaged or not a gzip file."),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, shipped, name, content, sentence):
    (tmp_path / name).write_bytes(content)

    with pytest.raises(CommandError) as told:
        call_command("score", briefs=tmp_path / name)

    assert str(told.value) == sentence


def test_a_file_that_is_not_there_and_a_folder_are_named(tmp_path, shipped):
    missing, folder = tmp_path / "none.jsonl", tmp_path

    with pytest.raises(CommandError) as of_missing:
        call_command("write", briefs=missing)
    with pytest.raises(CommandError) as of_folder:
        call_command("write", briefs=folder)

    assert str(of_missing.value) == f"There is no file {missing}."
    assert str(of_folder.value) == f"{folder} cannot be read: Is a directory."


def test_another_checkpoint_is_chosen_by_its_name_or_its_digest(
    tmp_path, shipped, checkpoint, product, capsys, monkeypatch
):
    asked = []
    monkeypatch.setattr("generation.management.commands.write.get_writer", spy(asked))
    monkeypatch.setattr("generation.management.commands.score.get_writer", spy(asked))
    folder = checkpoint.directory.with_name("second")
    folder.mkdir()
    (folder / "card.json").write_text('{"digest": "e2f4"}')
    Checkpoint.objects.create(name="second", digest="e2f4", path="second")
    file = tmp_path / "b.jsonl"
    file.write_text(GOOD)

    call_command("write", briefs=file, checkpoint="second")
    call_command("score", briefs=file, checkpoint="e2")
    call_command("write", sku=product.sku, checkpoint="second")
    call_command("write", sku=product.sku)
    call_command("write", briefs=file)

    assert [path.name for path in asked] == ["second"] * 3 + ["first", shipped.name]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("nope", "There is no checkpoint “nope”."),
        ("", "There is no checkpoint “”."),
        ("d", "The digests of several checkpoints begin with “d”."),
        ("third", "The files of the checkpoint “third” are gone: activate another one."),
    ],
)
def test_a_checkpoint_that_cannot_be_chosen_gets_one_sentence(
    tmp_path, shipped, checkpoint, name, sentence
):
    Checkpoint.objects.create(name="third", digest="d3", path="third")
    Checkpoint.objects.create(name="fourth", digest="d4", path="fourth")
    (tmp_path / "b.jsonl").write_text(GOOD)

    with pytest.raises(CommandError) as told:
        call_command("score", briefs=tmp_path / "b.jsonl", checkpoint=name)

    assert str(told.value) == sentence


def test_a_campaign_takes_no_other_checkpoint(campaign, checkpoint):
    with pytest.raises(CommandError, match="by the active checkpoint alone"):
        call_command("write", campaign="spring", checkpoint="first")

    assert Run.objects.count() == 0


def test_what_is_missing_of_many_variants_is_said_beside_the_json(
    tmp_path, shipped, capsys, monkeypatch
):
    write = PlainWriter.write
    monkeypatch.setattr(
        PlainWriter, "write", lambda self, *a, **k: [some[:3] for some in write(self, *a, **k)]
    )
    (tmp_path / "b.jsonl").write_text(GOOD * 2)

    call_command("write", briefs=tmp_path / "b.jsonl", variants=8, json=True)

    told = capsys.readouterr()
    assert [json.loads(line)["variant"] for line in told.out.splitlines()] == [0, 1, 2] * 2
    assert told.err.splitlines() == [
        (
            "10 of 16 texts are missing, for 2 of 2 briefs: "
            "no more texts were found that differ from each other."
        )
    ]


def test_an_unknown_product_gets_one_sentence(db, checkpoint):
    with pytest.raises(CommandError, match="There is no product “nope”"):
        call_command("write", sku="nope")


def test_training_reports_json_lines(checkpoint, capsys):
    call_command("train", minutes=1, json=True)

    found = lines(capsys)
    assert found[-1]["phase"] == "finished"
    assert found[-1]["metrics"]["corpus"] == ["starter_shop"]
    assert found[-1]["metrics"]["fitness"] == FITNESS


def test_a_language_model_is_tuned_against_the_active_checkpoints_judge(checkpoint, capsys):
    call_command("train", minutes=1, json=True, large=True)

    found = lines(capsys)
    assert found[-1]["metrics"]["judge"] == checkpoint.digest
    assert Checkpoint.objects.active().get() == checkpoint
    assert Checkpoint.objects.exclude(pk=checkpoint.pk).get().parent is None


def test_a_language_model_does_not_learn_from_feedback_and_from_nothing_at_once(checkpoint):
    with pytest.raises(CommandError, match="not allowed with argument"):
        call_command("train", "--large", "--feedback")


@pytest.mark.parametrize("words", ["--minutes 0", "--minutes=-1", "--minutes nan", "--minutes inf"])
def test_a_training_of_no_time_or_of_endless_time_is_refused(checkpoint, words):
    with pytest.raises(CommandError, match="it must be a number of minutes above 0"):
        call_command("train", *words.split())

    assert Checkpoint.objects.count() == 1


@pytest.mark.parametrize("seed", ["-1", "1.5", str(2**63)])
def test_a_seed_that_no_row_has_room_for_is_refused(campaign, checkpoint, seed):
    with pytest.raises(CommandError, match="it must be a whole number from 0"):
        call_command("write", "--campaign", "spring", f"--seed={seed}")

    assert Run.objects.count() == 0


def test_a_wrong_argument_is_one_line_in_the_shell():
    answer = subprocess.run(
        [sys.executable, "manage.py", "train", "--minutes", "nan"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 2
    assert answer.stdout == ""
    assert answer.stderr == (
        "manage.py train: argument --minutes: it must be a number of minutes above 0, not 'nan'.\n"
    )


def test_a_preparation_says_what_was_left_out_and_keeps_the_rest(tmp_path, capsys):
    corpus = tmp_path / "shop.jsonl"
    corpus.write_text("short\none\ntwo\n", encoding="utf-8")

    call_command("prepare", corpus, into=tmp_path / "made.jsonl", json=True)
    (found,) = lines(capsys)
    call_command("prepare", corpus)

    assert found["dropped"] == {
        "too short": {"texts": 1, "examples": [{"id": "r1", "text": "short"}]}
    }
    assert (tmp_path / "made.jsonl").read_text(encoding="utf-8") == "one\ntwo"
    assert capsys.readouterr().out.splitlines() == [
        "shop.jsonl: 2 of 3 texts are worth learning from",
        "  cleaned: 0; shortened: 0",
        "  too short, or too short without its claims: 1",
        "    r1: short",
    ]


def test_prepared_texts_that_cannot_be_kept_are_a_sentence(tmp_path):
    corpus = tmp_path / "shop.jsonl"
    corpus.write_text("short\none\n", encoding="utf-8")

    with pytest.raises(CommandError) as told:
        call_command("prepare", corpus, into=tmp_path / "none" / "made.jsonl")

    assert (
        str(told.value)
        == f"{tmp_path / 'none' / 'made.jsonl'} cannot be written: name another file."
    )


def test_briefs_for_which_nothing_is_written_end_the_command_with_one_sentence(
    tmp_path, shipped, monkeypatch, capsys
):
    monkeypatch.setattr(PlainWriter, "write", lambda self, briefs, **wish: [[] for _ in briefs])
    file = tmp_path / "b.jsonl"
    file.write_text(GOOD * 2)

    with pytest.raises(CommandError) as told:
        call_command("write", briefs=file)

    assert str(told.value) == (
        "No text was written for any of 2 briefs: the writer is sure of none, so give it more "
        "facts than a title."
    )
    assert capsys.readouterr() == ("", "")
