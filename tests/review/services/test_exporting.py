"""An export is what was decided, each line whole, and can be gone on with."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from review.models import Decision
from review.services import (
    Circumstances,
    Fault,
    approve_draft,
    edit_draft,
    reject_draft,
    signals,
    undo_decision,
)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr("review.tasks.deliver.delay", lambda pk: None)


def test_a_line_says_what_the_editor_saw_and_meant(draft, editor, checkpoint):
    reject_draft(
        draft,
        editor=editor,
        reason="dull",
        note="Flat.",
        fault=Fault(3, [(0, 6)]),
        given=Circumstances(source="desk", active_seconds=4.5),
    )

    (line,) = signals()

    assert json.loads(json.dumps(line)) == line
    wanted = {
        "schema": 1,
        "verdict": "rejected",
        "reason": "dull",
        "severity": 3,
        "spans": [[0, 6]],
        "note": "Flat.",
        "weight": 1.0,
        "text": draft.text,
        "brief": draft.brief,
        "checkpoint": checkpoint.digest,
        "seed": draft.seed,
        "score": draft.score,
        "rank": draft.rank,
        "by_chance": draft.is_random,
        "duplicate_of": None,
        "source": "desk",
        "editor": editor.pk,
        "active_seconds": 4.5,
    }
    assert {name: line[name] for name in wanted} == wanted


def test_what_was_taken_back_is_left_out_and_what_is_not_needed_weighs_nothing(drafts, editor):
    undone = approve_draft(drafts[0], editor=editor)
    undo_decision(undone, editor=editor)
    reject_draft(drafts[1], editor=editor, reason="not_needed")

    (line,) = signals()

    assert (line["draft"], line["weight"]) == (drafts[1].pk, 0.0)


def test_an_export_is_gone_on_with_and_says_what_was_taken_back_since(drafts, editor, tmp_path):
    file = tmp_path / "decisions.jsonl"
    first = approve_draft(drafts[0], editor=editor)
    call_command("export_decisions", file)
    undo_decision(first, editor=editor)
    second = edit_draft(drafts[1], editor=editor, text=f"{drafts[1].text}好用。")
    with file.open("a", encoding="utf-8") as lines:
        lines.write('{"id": 99')  # cut off

    call_command("export_decisions", file)
    call_command("export_decisions", file)

    found = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [line["verdict"] for line in found] == ["approved", "undone", "edited"]
    assert found[1]["undoes"] == found[0]["id"] == first.pk
    assert found[2]["id"] == second.pk
    assert found[2]["final_text"] == f"{drafts[1].text}好用。"


def test_what_was_taken_back_before_the_last_line_is_taken_back_once(drafts, editor):
    undone = approve_draft(drafts[0], editor=editor)
    last = approve_draft(drafts[1], editor=editor)
    undo_decision(undone, editor=editor)

    (line,) = signals()
    later = list(signals(line["id"]))

    assert line["id"] == last.pk
    assert [(item["verdict"], item["undoes"]) for item in later] == [("undone", undone.pk)]
    assert list(signals(later[-1]["id"])) == []


def test_pages_of_an_export_meet(draft, editor, monkeypatch):
    monkeypatch.setattr("review.services.exporting._AT_ONCE", 2)
    for _ in range(3):
        draft.refresh_from_db()
        undo_decision(approve_draft(draft, editor=editor), editor=editor)
    draft.refresh_from_db()
    last = approve_draft(draft, editor=editor)

    assert [line["id"] for line in signals()] == [last.pk]
    assert Decision.objects.count() == 7


def test_another_file_is_left_as_it_is(draft, editor, tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("buy milk\n")

    with pytest.raises(CommandError, match="is no export of decisions: name another file"):
        call_command("export_decisions", file)
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_decisions", tmp_path)

    assert file.read_text() == "buy milk\n"


def test_who_is_deciding_is_waited_for_where_numbers_are_given_before_the_commit(drafts, editor):
    approve_draft(drafts[0], editor=editor)

    with CaptureQueriesContext(connection) as asked:
        (line,) = signals()

    assert line["draft"] == drafts[0].pk
    waits = [each["sql"] for each in asked if each["sql"].startswith("LOCK TABLE review_decision")]
    assert len(waits) == {"sqlite": 0, "postgresql": 1}[connection.vendor]
