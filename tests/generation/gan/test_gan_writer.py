"""The real writer measures itself: words, names, and refusals in the application's terms."""

from __future__ import annotations

import json
from math import exp

import pytest

from generation.errors import NothingToMeasure, ReportUnreadable
from generation.gan import checkpoint as checkpoints
from generation.texts import Brief
from generation.writers.gan import GanWriter

LINE = {"lang": "zh", "kind": "product_description", "text": "榉木做的托盘，放得下早餐。"}


@pytest.fixture
def weights(checkpoint, tmp_path):
    checkpoints.save(checkpoint, tmp_path / "weights")
    return tmp_path / "weights"


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "kobe" / "dev.jsonl"
    path.parent.mkdir()
    lines = [json.dumps(LINE | {"id": str(at), "title": f"托盘{at}"}) for at in range(3)]
    path.write_text("\n".join(lines))
    return path


def test_a_checkpoint_is_measured_with_chinese_cut_into_words(weights, corpus):
    writer = GanWriter.from_checkpoint(weights)

    found = writer.evaluate(corpus, limit=2, seed=1)

    assert found["data"] == "kobe/dev"
    assert found["digest"] == writer.digest
    assert found["briefs"] == 2
    assert found["groups"][0]["rouge_words"] == "words"
    assert found == writer.evaluate(corpus, limit=2, seed=1)


def test_texts_to_measure_against_are_asked_for(weights, corpus):
    corpus.write_text(json.dumps(LINE | {"title": "托盘", "text": ""}))

    with pytest.raises(NothingToMeasure, match="no text to measure against"):
        GanWriter.from_checkpoint(weights).evaluate(corpus, limit=2, seed=1)


def test_a_comparison_needs_a_plan_and_enough_briefs(weights, corpus, tmp_path):
    plan = tmp_path / "plan.json"
    wishes = {"limit": 5, "seed": 1, "report": print}

    with pytest.raises(ReportUnreadable, match=r"plan\.json"):
        GanWriter.compare(plan, [corpus], **wishes)
    plan.write_text("{}")
    with pytest.raises(ReportUnreadable, match="is not a plan"):
        GanWriter.compare(plan, [corpus], **wishes)
    systems = [{"name": "plain", "checkpoint": "weights"}]
    plan.write_text(json.dumps({"temperatures": [1], "seeds": [1], "systems": systems}))
    with pytest.raises(NothingToMeasure, match="fewer than 20 briefs"):
        GanWriter.compare(plan, [corpus], **wishes)


def test_a_candidate_is_explained_in_the_application_s_terms(weights):
    writer = GanWriter.from_checkpoint(weights)
    brief = Brief(
        product_ref="T-1",
        kind="description",
        language="en",
        title="oak lamp",
        brand="",
        category="",
        attributes=(("material", "oak"), ("price", "9"), ("size", "24 cm")),
        audience="people at home",
        tone="",
        min_chars=5,
        max_chars=90,
    )
    offers = writer.write([brief, brief], variants=1, seeds=[1, 2])
    best = [candidates[0] for candidates in offers]

    found = writer.explain([brief, brief], best)

    assert [json.loads(json.dumps(each.to_dict()))["logit"] for each in found] == [
        round(each.logit, 4) for each in found
    ]
    for candidate, explanation in zip(best, found, strict=True):
        assert 1 / (1 + exp(-explanation.logit)) == pytest.approx(candidate.score, abs=0.02)
        assert all(pull.end <= len(candidate.text) for pull in explanation.pulls)
        told = {
            (each.key, each.value) for each in explanation.phrases if each.field == "attributes"
        }
        assert told <= {("material", "oak"), ("size", "24 cm")}


@pytest.mark.parametrize("kind", ["description", "ad"])
def test_what_a_kind_of_copy_has_to_tell_is_told(settings, kind):
    writer = GanWriter.from_checkpoint(settings.GALLEY_STARTER_CHECKPOINT)
    brief = Brief(
        product_ref="T-1",
        kind=kind,
        language="en",
        title="Slow Oak Tray",
        brand="",
        category="kitchen",
        attributes=(
            *(("material", "oak"), ("colour", "natural"), ("edge", "rounded")),
            *(("care", "wipe dry"), ("finish", "oiled")),
        ),
        audience="",
        tone="",
        min_chars=10,
        max_chars={"description": 300, "ad": 60}[kind],
        required=("finish",),
    )

    (offered,) = writer.write([brief], variants=6, seeds=[1])

    assert len(offered) >= 3
    assert all("oiled" in candidate.text.lower() for candidate in offered)
