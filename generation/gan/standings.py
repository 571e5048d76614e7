"""A whole comparison from a plan in a file: load the systems, sweep them, say who stands where.

A plan is JSON; folders are meant from where the plan lies:

    {"temperatures": [0.2, 0.4, 0.6, 0.8, 1.0], "seeds": [1, 2, 3],
     "systems": [{"name": "likelihood", "checkpoint": "mle"},
                 {"name": "likelihood, best of 4", "checkpoint": "mle", "copies": 4},
                 {"name": "GAN, best of 4", "checkpoint": ["g1", "g2", "g3"], "copies": 4,
                  "judge": ["g1", "g2", "g3"]}],
     "pairs": [["GAN, best of 4", "likelihood, best of 4"]]}

Temperatures that reach from plain sampling to what is more careful than what ships (0.6 within a
nucleus is about 0.4 without one) compare systems where they are used; between two of them a curve
is a straight line. Several checkpoints are the same system trained with several seeds. Without
pairs every system is compared with the first. `"critic": false` leaves out the critic, which takes
most of the time.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from generation.gan import checkpoint as checkpoints
from generation.gan.comparison import Report, System, measure, sweep
from generation.gan.differences import QUALITIES, Bootstrap, Sweep
from generation.gan.evaluation import MEASURES
from generation.gan.figures import Case, Crowd, cases_of, halves
from generation.gan.records import corpus_name, read_records

FEWEST = 20  # briefs of a language and kind below which systems are not compared
_SAMPLES = 4


@dataclass(frozen=True)
class Plan:
    """What is compared, at which temperatures, with which seeds."""

    systems: tuple[System, ...]
    pairs: tuple[tuple[str, str], ...]
    temperatures: tuple[float, ...]
    seeds: tuple[int, ...]
    with_critic: bool = True


def read_plan(path: Path, *, backbone: Path | None = None) -> Plan:
    """Read a plan and load what it names, each checkpoint once.

    Args:
        path: of the plan.
        backbone: folder of the language model that some of the checkpoints write with.

    Raises:
        ValueError: it is no plan; the message says what is wrong.
        CheckpointDamaged: a checkpoint of it cannot be read.
    """
    load = lru_cache(maxsize=None)(partial(checkpoints.load, backbone=backbone))
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        systems = tuple(_system(item, path.parent, load) for item in fields["systems"])
        names = [system.name for system in systems]
        pairs = fields.get("pairs", [[name, names[0]] for name in names[1:]])
        plan = Plan(
            systems=systems,
            pairs=tuple((str(first), str(second)) for first, second in pairs),
            temperatures=tuple(float(value) for value in fields["temperatures"]),
            seeds=tuple(int(value) for value in fields["seeds"]),
            with_critic=bool(fields.get("critic", True)),
        )
    except (IndexError, KeyError, TypeError, json.JSONDecodeError) as reason:
        raise ValueError(f"{path.name} is not a plan ({reason!r}).") from reason
    if not systems:
        raise ValueError(f"{path.name} names no system.")
    unknown = {name for pair in plan.pairs for name in pair}.difference(names)
    if unknown:
        raise ValueError(f"{path.name} compares “{min(unknown)}”, which is none of its systems.")
    if not plan.temperatures or not plan.seeds:
        raise ValueError(f"{path.name} needs a temperature and a seed.")
    return plan


def _system(fields: dict[str, Any], root: Path, load: Callable) -> System:
    def loaded(names: str | list[str]) -> tuple:
        return tuple(load(root / name) for name in ([names] if isinstance(names, str) else names))

    return System(
        name=fields["name"],
        writers=loaded(fields["checkpoint"]),
        copies=fields.get("copies", 1),
        judges=tuple(judge.discriminator for judge in loaded(fields.get("judge", []))),
    )


def run(
    plan: Plan,
    data: Sequence[Path],
    *,
    seed: int,
    limit: int | None = None,
    held_out: Collection[str] | None = None,
    report: Report = lambda line: None,
) -> dict[str, Any]:
    """Sweep the systems over held-out briefs, each language and kind on its own.

    Args:
        plan: what is compared.
        data: files or folders of texts that nobody learnt from.
        seed: of the choice of briefs and of the draws of the bootstrap.
        limit: most briefs of each language and kind.
        held_out: the refs to compare on, where the files hold others too.
        report: hears the figures as they come.

    Raises:
        ValueError: no language and kind has enough briefs.
    """
    records = (record for path in data for record in read_records(path))
    kept = (record for record in records if held_out is None or record.ref in held_out)
    groups: dict[tuple[str, str], list[Case]] = {}
    for case in cases_of(kept):
        groups.setdefault(case.group, []).append(case)
    reports = []
    for _, cases in sorted(groups.items()):
        if len(cases) < FEWEST:
            continue
        chance = random.Random(seed)  # noqa: S311 - a measurement
        some = cases if limit is None or limit >= len(cases) else chance.sample(cases, limit)
        found = sweep(
            plan.systems,
            some,
            temperatures=plan.temperatures,
            seeds=plan.seeds,
            with_critic=plan.with_critic,
            report=report,
        )
        reports.append(report_of(plan.systems, some, found, pairs=plan.pairs, seed=seed))
    if not reports:
        raise ValueError(f"Nothing can be compared on fewer than {FEWEST} briefs of a kind.")
    return {
        "measures": MEASURES,
        "data": [corpus_name(path) for path in data],
        "seed": seed,
        "temperatures": list(plan.temperatures),
        "seeds": list(plan.seeds),
        "sweeps": reports,
    }


def human_row(cases: Sequence[Case], people: Crowd, *, seed: int) -> dict[str, Any]:
    """The same figures of people's first texts: what is likely to be the most anybody reaches.

    Where a brief has several texts, the first is held against the others, by BLEU and by the
    critic; so BLEU has a reference less than the systems have, on the briefs that have two. The
    distance is that of one half of the briefs from the other.
    """
    own = [case.references[0] for case in cases]
    row = measure(cases, own, seed=seed, with_critic=False).row(people.moments())
    for name in ("system", "temperature", "seed", "bleu_4"):
        del row[name]
    row["frechet"] = round(people.floor(halves(len(cases), seed)), 2)
    several = [
        (case.references[0], replace(case, references=case.references[1:]))
        for case in cases
        if len(case.references) > 1
    ]
    row["briefs_with_several"] = len(several)
    if several:
        texts, rest = zip(*several, strict=True)
        again = measure(rest, texts, seed=seed)
        row |= again.sums(("bleu_4", "fool_rate"))
    return row


def report_of(
    systems: Sequence[System],
    cases: Sequence[Case],
    found: Sweep,
    *,
    pairs: Sequence[tuple[str, str]],
    seed: int,
) -> dict[str, Any]:
    """All that is kept of a sweep: every figure, the differences, and a few texts of each.

    Args:
        systems: who wrote.
        cases: for which briefs.
        found: what came out.
        pairs: which system is compared with which.
        seed: of the draws of briefs.
    """
    people, bootstrap = found.people.moments(), Bootstrap(found, seed=seed)
    language, kind = cases[0].group
    return {
        "language": language,
        "kind": kind,
        "briefs": len(cases),
        "references": sum(len(case.references) for case in cases),
        "systems": [
            {
                "name": system.name,
                "decoding": system.decoding,
                "digests": [writer.digest for writer in system.writers],
            }
            for system in systems
        ],
        "cells": [cell.row(people) for cell in found.cells],
        "human": human_row(cases, found.people, seed=seed),
        "differences": [
            difference.to_dict()
            for first, second in pairs
            for figure in QUALITIES
            if (difference := bootstrap.compare(first, second, figure)) is not None
        ],
        "samples": _samples(cases, found, seed=seed),
    }


def _samples(cases: Sequence[Case], found: Sweep, *, seed: int) -> list[dict[str, Any]]:
    """What each system wrote for some briefs that nobody chose, at the temperature nearest to 1."""
    temperature = min((abs(cell.temperature - 1), cell.temperature) for cell in found.cells)[1]
    first = {}
    for cell in found.cells:
        if cell.temperature == temperature:
            first.setdefault(cell.system, cell)
    chance = random.Random(seed)  # noqa: S311 - a measurement
    return [
        {
            "title": cases[at].record.title,
            "attributes": [list(pair) for pair in cases[at].record.attributes],
            "human": cases[at].references[0],
            "texts": {system: cell.texts[at] for system, cell in first.items()},
        }
        for at in chance.sample(range(len(cases)), min(_SAMPLES, len(cases)))
    ]
