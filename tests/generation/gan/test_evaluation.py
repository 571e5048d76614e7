"""A whole evaluation of an untrained pair of small networks."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from generation.gan import __main__ as commands
from generation.gan import checkpoint as checkpoints
from generation.gan import evaluation, figures, truth


@pytest.fixture
def held_out(records):
    """Six English and six Chinese briefs, the first with a second text."""
    some = records[:12]
    return [*some, some[0].with_text("A lamp of oak that is 10 cm wide, in fog blue.")]


def test_every_language_and_kind_is_measured_beside_peoples_own_texts(checkpoint, held_out):
    found = evaluation.evaluate(checkpoint, held_out, seed=3)

    assert [(group["language"], group["briefs"]) for group in found["groups"]] == [
        ("en", 6),
        ("zh", 6),
    ]
    english = found["groups"][0]
    cases = [case for case in figures.cases_of(held_out) if case.record.language == "en"]
    own = [case.references[0] for case in cases]
    assert english["references"] == 7
    assert english["rows"]["human"] == {
        **figures.faithfulness(cases, own),
        **figures.variety(own, "en", seed=3),
        "frechet": None,
        "fool_rate": None,
    }
    assert english["rows"]["human"]["unsupported_rate"] == 0.0
    # One brief has two texts: "a lamp of oak ... 10 cm wide ... in fog blue" stands in both.
    assert english["ceiling"]["briefs"] == 1
    assert english["ceiling"]["human"]["rouge_l"] > 60 > english["ceiling"]["generated"]["rouge_l"]
    assert len(english["samples"]) == 6
    assert found["briefs"] == 12
    assert json.loads(json.dumps(found)) == found


def test_the_texts_are_those_that_a_shop_would_get_without_the_floor(checkpoint, held_out):
    checkpoint.metrics = {"fluency_floors": {"calm": 0.0}}  # no text is as sure as this
    cases = figures.cases_of(held_out)

    texts, unsure = evaluation.written(checkpoint, cases, seed=3)
    group = evaluation.evaluate(checkpoint, held_out, seed=3)["groups"][0]

    assert all(texts)
    assert all(unsure)
    assert group["below_floor"] == 6
    assert group["unwritten"] == 0
    assert checkpoint.metrics == {"fluency_floors": {"calm": 0.0}}
    for case, text in zip(cases, texts, strict=True):
        facts = figures.facts_told(case.record)
        assert not truth.unsupported(text, facts, case.record.language)


def test_a_seed_gives_one_evaluation_and_one_choice_of_briefs(checkpoint, held_out):
    first = evaluation.evaluate(checkpoint, held_out, seed=3, limit=2)

    assert evaluation.evaluate(checkpoint, held_out, seed=3, limit=2) == first
    assert sum(group["briefs"] for group in first["groups"]) == 2
    assert evaluation.evaluate(checkpoint, held_out, seed=4, limit=2) != first


def test_a_register_may_be_asked_for(checkpoint, held_out, monkeypatch):
    asked = []

    def write(_checkpoint, wishes, *, variants):
        asked.extend((wish.record.style, wish.record.text) for wish in wishes)
        return [[] for _ in wishes]

    monkeypatch.setattr(evaluation.writing, "write", write)

    found = evaluation.evaluate(checkpoint, held_out, seed=3, style="market")

    assert set(asked) == {("market", "")}
    assert found["groups"][0]["unwritten"] == 6
    assert found["groups"][0]["rows"]["generated"]["bleu_4"] == 0.0
    assert found["groups"][0]["rows"]["generated"]["unsupported_rate"] is None


def test_words_are_cut_by_whoever_knows_how(checkpoint, held_out):
    chinese = [record for record in held_out if record.language == "zh"]

    found = evaluation.evaluate(checkpoint, chinese, seed=3, segment=lambda text: [text])

    group = found["groups"][0]
    assert group["rouge_words"] == "words"
    assert group["rows"]["generated"]["rouge_l"] == 0.0  # no whole text is the same


def test_the_critic_reads_peoples_texts_beside_the_writers_and_beside_each_other(records):
    chinese = [record for record in records if record.language == "zh"][:8]
    cases = [
        figures.Case(record, (record.text, record.text[::-1])) for record in chinese
    ]  # a second text that nobody could take for the first

    found = evaluation.measured(cases, [case.references[0] for case in cases], seed=1)
    lost = evaluation.measured(cases, [*(case.references[0] for case in cases[:7]), ""], seed=1)

    assert found["rows"]["generated"]["fool_rate"] == 0.5
    assert found["rows"]["human"]["fool_rate"] < 0.5
    assert found["rows"]["generated"]["bleu_4"] == 100.0
    assert found["ceiling"]["briefs"] == 8
    assert lost["unwritten"] == 1
    assert lost["rows"]["generated"]["fool_rate"] is None  # seven are too few to learn from
    assert lost["rows"]["generated"]["texts"] == lost["rows"]["human"]["texts"] == 7
    assert lost["rows"]["generated"]["bleu_4"] < 100


def test_nothing_to_measure_against_is_said(checkpoint, records):
    bare = [replace(record, text="") for record in records]

    with pytest.raises(ValueError, match="no text to measure against"):
        evaluation.evaluate(checkpoint, bare, seed=1)


def test_the_command_evaluates_the_held_out_part_alone(checkpoint, tmp_path, capsys):
    folder, corpus, split = (tmp_path / name for name in ("c", "corpus.jsonl", "split.json"))
    checkpoints.save(checkpoint, folder)
    text = "A tray of oak that holds a breakfast and a book, with rounded edges in fog blue."
    line = {"lang": "en", "kind": "product_description", "title": "oak tray", "attributes": []}
    corpus.write_text(
        "\n".join(
            json.dumps(line | {"id": ref, "text": text, "title": ref}) for ref in ("a", "b", "c")
        )
    )
    split.write_text('{"train": ["a"], "dev": ["b", "c"], "test": []}')

    words = ["evaluate", str(folder), str(corpus), "--split", str(split), "--limit", "1"]
    assert commands.main(words) == 0

    _, found = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert found["briefs"] == 1
    assert found["groups"][0]["samples"][0]["title"] in {"b", "c"}


def test_what_sixteen_noises_change_is_counted_where_every_token_is_the_likeliest(
    checkpoint, held_out
):
    cases = [case for case in figures.cases_of(held_out) if case.record.language == "en"]
    channel = checkpoint.generator.noise_in

    with torch.no_grad():
        channel.weight.zero_()
        deaf = evaluation.greedy_variety(checkpoint, cases, seed=3)
        channel.weight.normal_()
        heard = evaluation.greedy_variety(checkpoint, cases, seed=3)

    assert deaf == {"greedy_distinct": 1.0, "greedy_distinct_fewest": 1}
    assert heard["greedy_distinct"] >= heard["greedy_distinct_fewest"] > 1
    assert evaluation.greedy_variety(checkpoint, cases, seed=3) == heard
    english = evaluation.evaluate(checkpoint, held_out, seed=3)["groups"][0]
    assert english["rows"]["generated"]["greedy_distinct"] == heard["greedy_distinct"]
