"""Systems side by side, with small untrained networks."""

from __future__ import annotations

import json

import pytest
import torch
from torch import nn

from generation.gan import __main__ as commands
from generation.gan import checkpoint as checkpoints
from generation.gan import comparison, figures, slots, standings, writing
from generation.gan.choosing import Chooser
from generation.gan.comparison import System


class Ruler(nn.Module):
    """Judges a text by its length, in tokens."""

    def __init__(self, sign: int) -> None:
        super().__init__()
        self.sign, self.chooser = sign, Chooser()  # which has learnt nothing

    def liking(self, source, text):
        """Nobody has decided anything."""
        return torch.zeros(len(text))

    def forward(self, source, text, rows=None):
        """More is better."""
        return self.sign * (text != 0).sum(1).float(), torch.zeros(text.shape)


@pytest.fixture
def cases(records):
    return [case for case in figures.cases_of(records) if case.record.language == "en"]


def write(system, cases, **wishes):
    return comparison.write(
        system, cases, **{"turn": 0, "temperature": 1.0, "seed": 5, "length": "short"} | wishes
    )


def test_a_seed_gives_one_text_for_each_brief(checkpoint, cases):
    system = System("plain", (checkpoint,))

    texts = write(system, cases)

    assert len(texts) == len(cases)
    assert texts == write(system, cases)
    assert texts != write(system, cases, seed=6)
    assert texts != write(system, cases, temperature=0.3)


def test_a_judge_chooses_among_texts_of_which_the_first_is_the_plain_one(checkpoint, cases):
    plain = write(System("plain", (checkpoint,)), cases)
    longest = write(System("long", (checkpoint,), 3, (Ruler(1),)), cases)
    shortest = write(System("short", (checkpoint,), 3, (Ruler(-1),)), cases)
    one = write(System("one", (checkpoint,), 2, (Ruler(-1),)), cases)

    sizes = [len(checkpoint.vocabulary.tokenizer.encode(text).ids) for text in longest]
    small = [len(checkpoint.vocabulary.tokenizer.encode(text).ids) for text in shortest]
    assert sum(sizes) > sum(small)
    assert any(a == b for a, b in zip(plain, one, strict=True))
    assert any(a != b for a, b in zip(plain, one, strict=True))


@pytest.mark.parametrize("judges", [(), (Ruler(0),), (Ruler(1),)])
def test_the_likelier_text_is_chosen_unless_a_judge_outweighs_that(
    checkpoint, cases, monkeypatch, judges
):
    drawn = []
    draw_texts = comparison.draw_texts

    def spy(*args, **wishes):
        drawn.append(draw_texts(*args, **wishes))
        return drawn[-1]

    monkeypatch.setattr(comparison, "draw_texts", spy)

    texts = write(System("best", (checkpoint,), 4, judges), cases[:3])

    ids, log_probs = drawn[0].texts, drawn[0].log_probs
    length = (ids != 0).sum(1)
    worth = log_probs.sum(1) / length
    if judges:
        worth = judges[0].sign * length + 5 * worth
    best = [ids[4 * brief + int(of.argmax())] for brief, of in enumerate(worth.view(3, 4))]
    assert texts == [as_copy(checkpoint, row, case) for row, case in zip(best, cases, strict=False)]
    assert not all(int(of.argmax()) == 0 for of in worth.view(3, 4))


def as_copy(checkpoint, ids, case):
    pieces = checkpoint.vocabulary.pieces(ids.tolist())
    return writing.render("".join(slots.fill(pieces, slots.facts_of(case.record), "en")), "en")


def test_each_run_writes_with_its_own_weights(checkpoint, cases, records):
    other = checkpoints.build(
        checkpoint.vocabulary, checkpoint.generator_config, checkpoint.discriminator_config
    )
    system = System("two", (checkpoint, other))

    assert write(system, cases) == write(System("a", (checkpoint,)), cases)
    assert write(system, cases, turn=1) == write(System("b", (other,)), cases)
    assert write(system, cases, turn=2) == write(system, cases)


def test_every_system_writes_at_every_temperature_with_every_seed(checkpoint, cases):
    systems = [System("plain", (checkpoint,)), System("best", (checkpoint,), 2)]
    heard = []

    found = comparison.sweep(
        systems,
        cases,
        temperatures=(0.5, 1.0),
        seeds=(1, 2),
        with_critic=False,
        report=heard.append,
    )

    wanted = [(n, t, s) for n in ("plain", "best") for s in (1, 2) for t in (0.5, 1.0)]
    assert [(cell.system, cell.temperature, cell.seed) for cell in found.cells] == wanted
    assert [(row["system"], row["temperature"], row["seed"]) for row in heard] == wanted
    assert found.people.size == len(cases)
    assert heard[0]["self_bleu_4"] != heard[1]["self_bleu_4"]
    assert "fool_rate" not in heard[0]


def test_what_cannot_be_compared_is_refused(checkpoint, cases, records):
    plain = System("plain", (checkpoint,))
    mixed = figures.cases_of(records)

    with pytest.raises(ValueError, match="one language and kind at a time"):
        comparison.sweep([plain], mixed, temperatures=(1.0,), seeds=(1,))
    with pytest.raises(ValueError, match="Two systems have the same name"):
        comparison.sweep([plain, plain], cases, temperatures=(1.0,), seeds=(1,))


@pytest.mark.parametrize(
    ("wishes", "reason"),
    [
        ({"writers": ()}, "needs weights and 1 to 64 texts"),
        ({"copies": 0}, "needs weights and 1 to 64 texts"),
        ({"copies": 65}, "needs weights and 1 to 64 texts"),
        ({"copies": 2, "judges": (Ruler(1), Ruler(1))}, "needs one judge for each"),
        ({"judges": (Ruler(1),)}, "has a judge, but one text"),
    ],
)
def test_a_system_that_makes_no_sense_is_refused(checkpoint, wishes, reason):
    with pytest.raises(ValueError, match=reason):
        System(**{"name": "odd", "writers": (checkpoint,)} | wishes)


def test_people_are_measured_as_the_systems_are(cases):
    longer = " It is new."
    twice = [
        figures.Case(case.record, (*case.references, case.references[0] + longer))
        for case in cases[:4]
    ]
    some = [*twice, *cases[4:8]]
    found = comparison.sweep([], some, temperatures=(), seeds=(1,))
    people = found.people

    row = standings.human_row(some, people, seed=1)

    assert row["briefs_with_several"] == 4
    # The longer text holds the first whole: all n-grams match, but it is short of its length.
    assert 60 < row["bleu_4"] < 100
    assert row["frechet"] == round(people.floor(figures.halves(len(some), 1)), 2)
    assert row["unsupported_rate"] == 0.0
    assert "fool_rate" not in row  # four briefs are too few for a critic


PLAN = {
    "temperatures": [0.4, 1.2],
    "seeds": [1, 2],
    "systems": [
        {"name": "plain", "checkpoint": "weights"},
        {
            "name": "best",
            "checkpoint": ["weights", "weights"],
            "copies": 2,
            "judge": ["weights"] * 2,
        },
    ],
}


@pytest.fixture
def plan(checkpoint, tmp_path):
    checkpoints.save(checkpoint, tmp_path / "weights")
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(PLAN))
    return path


def test_a_plan_is_run_from_the_shell_and_all_figures_are_kept(plan, records, tmp_path, capsys):
    corpus, into = tmp_path / "corpus.jsonl", tmp_path / "report.json"
    lines = [
        {
            "id": record.ref,
            "lang": record.language,
            "kind": "product_description",
            "title": record.title + str(at),
            "attributes": [list(pair) for pair in record.attributes],
            "text": record.text,
        }
        for at, record in enumerate([*records[::2], *records[1:20:2]])
    ]  # 24 in English, and ten in Chinese, too few
    corpus.write_text("\n".join(json.dumps(line) for line in lines))
    words = [str(plan), str(corpus), "--into", str(into), "--limit", "20", "--no-critic"]

    assert commands.main(["compare", *words]) == 0

    found = json.loads(into.read_text())
    assert [(part["language"], part["briefs"]) for part in found["sweeps"]] == [("en", 20)]
    sweep = found["sweeps"][0]
    assert found["data"] == [f"{tmp_path.name}/corpus"]
    assert len(sweep["cells"]) == 2 * 2 * 2
    assert {(d["first"], d["second"]) for d in sweep["differences"]} <= {("best", "plain")}
    assert [(s["name"], s["decoding"]) for s in sweep["systems"]] == [
        ("plain", "plain"),
        ("best", "best of 2 by a judge"),
    ]
    assert set(sweep["samples"][0]["texts"]) == {"plain", "best"}
    assert sweep["human"]["unsupported_rate"] == 0.0
    heard = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert heard[:8] == sweep["cells"]
    assert heard[8:] == sweep["differences"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"systems": []}, "names no system"),
        ({"seeds": "x"}, "is not a plan|invalid literal"),
        ({"seeds": []}, "needs a temperature and a seed"),
        ({"pairs": [["plain", "nobody"]]}, "compares “nobody”, which is none of its systems"),
        ({"systems": [{"checkpoint": "weights"}]}, "is not a plan"),
        ({"systems": [{"name": "x", "checkpoint": "gone"}]}, "gone is no checkpoint"),
    ],
)
def test_a_plan_that_cannot_be_run_gets_one_sentence(plan, capsys, change, sentence):
    plan.write_text(json.dumps(PLAN | change))

    assert commands.main(["compare", str(plan), "none.jsonl", "--into", "x.json"]) == 1

    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert any(part in told for part in sentence.split("|"))


def test_too_few_briefs_are_not_compared(plan, tmp_path):
    corpus = tmp_path / "corpus.jsonl"
    line = {"lang": "en", "title": "oak tray", "text": "A tray of oak."}
    corpus.write_text("\n".join(json.dumps(line | {"title": f"tray {at}"}) for at in range(19)))

    with pytest.raises(ValueError, match="fewer than 20 briefs"):
        standings.run(standings.read_plan(plan), [corpus], seed=1)
