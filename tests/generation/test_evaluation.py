"""Evaluations are kept beside the checkpoint they are of; bad input is one sentence."""

from __future__ import annotations

import gzip
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from generation import evaluation
from generation.errors import NothingToMeasure
from generation.models import Checkpoint, Evaluation
from tests.generation.measured import compared

RECORD = {"id": "r1", "lang": "zh", "title": "榉木托盘", "text": "托盘放得下早餐。"}


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "kobe" / "dev.jsonl.gz"
    path.parent.mkdir()
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.write(json.dumps(RECORD, ensure_ascii=False) + "\n")
    return path


def printed(capsys) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_active_checkpoint_is_measured_and_the_figures_are_kept(checkpoint, corpus, capsys):
    call_command("evaluate", data=[corpus, corpus], limit=7, seed=3, json=True)

    first, second = printed(capsys)
    kept = Evaluation.objects.get(pk=first["evaluation"])
    assert kept.checkpoint == checkpoint
    assert kept.data == "kobe/dev.jsonl"
    assert kept.figures["digest"] == checkpoint.digest
    assert (first["checkpoint"], first["briefs"], first["seed"]) == ("first", 7, 3)
    assert first["groups"] == kept.figures["groups"]
    assert second["evaluation"] != first["evaluation"]


def test_another_checkpoint_is_measured_by_its_name(checkpoint, corpus, capsys):
    folder = checkpoint.directory.with_name("second")
    folder.mkdir()
    (folder / "card.json").write_text('{"digest": "e2f4"}')
    Checkpoint.objects.create(name="second", digest="e2f4", path="second")

    call_command("evaluate", "--checkpoint=e2", f"--data={corpus}", "--json")

    assert printed(capsys)[0]["digest"] == "e2f4"
    assert Evaluation.objects.get().checkpoint.name == "second"


def test_where_none_is_active_the_shipped_one_is_measured(db, tmp_path, settings, corpus, capsys):
    settings.GALLEY_STARTER_CHECKPOINT = tmp_path
    (tmp_path / "card.json").write_text('{"digest": "s1", "metrics": {}}')

    call_command("evaluate", data=[corpus])

    assert Evaluation.objects.get().checkpoint.digest == "s1"
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "kobe/dev.jsonl: Chinese descriptions"
    assert "  facts told: 95.4% (people: 40.0%)" in told


def test_a_plan_is_run_and_kept_without_a_checkpoint(checkpoint, corpus, tmp_path, capsys):
    call_command("evaluate", plan=tmp_path / "plan.json", data=[corpus], json=True)

    told = capsys.readouterr()
    kept = Evaluation.objects.comparisons().get()
    assert kept.data == "dev.jsonl"
    assert json.loads(told.out)["sweeps"] == kept.figures["sweeps"]
    assert json.loads(told.err) == {"system": "plain", "temperature": 1.0}
    assert not Evaluation.objects.of_checkpoints().exists()


def test_a_comparison_made_elsewhere_is_kept(db, tmp_path):
    path = tmp_path / "report.json"
    path.write_text(json.dumps(compared()))

    call_command("evaluate", report=path)

    kept = Evaluation.objects.comparisons().get()
    assert kept.data == "corpus/dev"
    assert kept.figures == compared()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "r.json is not the report of a comparison: make one with"),
        ('{"data": ["x"], "sweeps": []}', "r.json is not the report of a comparison"),
        ("[" * 100_000, "r.json is not the report of a comparison"),
        (None, "There is no file"),
    ],
)
def test_a_report_that_is_none_gets_one_sentence(db, tmp_path, content, sentence):
    path = tmp_path / "r.json"
    if content is not None:
        path.write_text(content)

    with pytest.raises(CommandError, match=sentence) as told:
        call_command("evaluate", report=path)

    assert "\n" not in str(told.value)
    assert not Evaluation.objects.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "dev.jsonl holds no briefs."),
        ('{"id": "x"}', "dev.jsonl, line 1 is not a brief: it needs id, lang and title."),
        (
            '{"id": "x", "lang": "zh", "title": "t", "text": " "}',
            "dev.jsonl holds no text to measure against: its records need a “text”.",
        ),
        (
            '{"id": "x", "lang": "fr", "title": "t", "text": "le"}',
            (
                "dev.jsonl, line 1 is not a brief: "
                "its language is “fr”, and only zh and en are written."
            ),
        ),
    ],
)
def test_texts_that_cannot_be_measured_against_get_one_sentence(
    checkpoint, tmp_path, content, sentence
):
    path = tmp_path / "dev.jsonl"
    path.write_text(content)

    for wish in ({}, {"plan": tmp_path / "plan.json"}):
        with pytest.raises(CommandError) as told:
            call_command("evaluate", data=[path], **wish)
        assert str(told.value) == sentence

    assert not Evaluation.objects.exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "Name the texts with --data, or a report with --report."),
        (["--report=r.json", "--data=d.jsonl"], "Name the texts with --data, or a report"),
        (["--data=d.jsonl", "--limit=0"], "it must be a whole number above 0, not '0'"),
        (["--data=d.jsonl", "--checkpoint=nope"], "There is no checkpoint “nope”."),
        (["--data=d.jsonl"], "There is no file d.jsonl."),
    ],
)
def test_a_wish_that_cannot_be_met_gets_one_sentence(checkpoint, words, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("evaluate", *words)

    assert not Evaluation.objects.exists()


def test_a_file_without_texts_never_wakes_a_writer(checkpoint, tmp_path, monkeypatch):
    path = tmp_path / "dev.jsonl"
    path.write_text('{"id": "x", "lang": "zh", "title": "t"}')
    monkeypatch.setattr(evaluation, "get_writer", lambda folder: pytest.fail("It was woken."))

    with pytest.raises(NothingToMeasure):
        evaluation.evaluate(checkpoint, path, limit=5, seed=1)


def test_an_evaluation_without_a_name_for_its_texts_cannot_be_kept(checkpoint):
    with pytest.raises(IntegrityError, match="evaluation_names_its_texts"):
        Evaluation.objects.create(checkpoint=checkpoint, data="", figures={})


def test_texts_may_be_written_in_one_style_and_are_not_compared_with_others(
    checkpoint, corpus, capsys
):
    call_command("evaluate", data=[corpus], style="calm")
    call_command("evaluate", data=[corpus])

    assert capsys.readouterr().out.count("written in the style “calm”") == 1
    assert sorted(Evaluation.objects.values_list("data", flat=True)) == [
        "kobe/dev.jsonl",
        "kobe/dev.jsonl (calm)",
    ]


def test_a_style_is_for_one_checkpoint(checkpoint, corpus, tmp_path):
    with pytest.raises(CommandError, match="a plan names the styles itself"):
        call_command("evaluate", data=[corpus], style="calm", plan=tmp_path / "plan.json")


def test_evaluations_are_read_through_the_api_by_those_who_manage_models(
    client, checkpoint, corpus, publisher, editor, django_assert_num_queries
):
    call_command("evaluate", data=[corpus, corpus])
    client.force_login(publisher)

    with django_assert_num_queries(5):
        answer = client.get("/api/v1/evaluations/", {"checkpoint__digest": checkpoint.digest})
    (newest, _) = answer.json()["results"]
    (alone,) = [client.get(f"/api/v1/evaluations/{newest['id']}/").json()]

    assert newest == alone
    assert (alone["checkpoint"], alone["data"]) == (checkpoint.digest, "kobe/dev.jsonl")
    assert alone["figures"] == Evaluation.objects.first().figures
    assert client.get("/api/v1/evaluations/", {"data": "none"}).json()["results"] == []
    assert client.post("/api/v1/evaluations/", {}).status_code == 405
    client.force_login(editor)
    assert client.get("/api/v1/evaluations/").status_code == 403
