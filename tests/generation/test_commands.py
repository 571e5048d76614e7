"""The commands' interfaces: JSON only on standard output, one line when something is wrong."""

from __future__ import annotations

import gzip
import json

import pytest
from django.core.management import CommandError, call_command

from generation.models import Draft, Run


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


def test_briefs_are_written_without_the_database(tmp_path, settings, capsys):
    settings.GALLEY_STARTER_CHECKPOINT = tmp_path
    (tmp_path / "card.json").write_text('{"digest": "d"}')
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


def test_a_line_that_is_no_brief_is_named(tmp_path, settings):
    settings.GALLEY_STARTER_CHECKPOINT = tmp_path
    (tmp_path / "card.json").write_text('{"digest": "d"}')
    (tmp_path / "b.jsonl").write_text('{"id": "x"}\n')

    with pytest.raises(CommandError, match=r"b\.jsonl, line 1 is not a brief"):
        call_command("write", briefs=tmp_path / "b.jsonl", json=True)


def test_an_unknown_product_gets_one_sentence(db, checkpoint):
    with pytest.raises(CommandError, match="There is no product “nope”"):
        call_command("write", sku="nope")


def test_training_reports_json_lines(checkpoint, capsys):
    call_command("train", minutes=1, json=True)

    found = lines(capsys)
    assert found[-1]["phase"] == "finished"
    assert found[-1]["metrics"] == {"corpus": ["starter_shop"]}
