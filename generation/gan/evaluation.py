"""What a checkpoint's texts are worth, against what people wrote for the same briefs.

One text for each brief, drawn as the checkpoint draws for a shop, and every figure of
`docs/metrics.md` for each language and kind, beside the same figures of people's own texts.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from generation.gan import metrics, writing
from generation.gan.checkpoint import Checkpoint
from generation.gan.critic import ask_critic
from generation.gan.figures import (
    Case,
    Segment,
    cases_of,
    distance_from_people,
    faithfulness,
    likeness,
    variety,
)
from generation.gan.records import Record

MEASURES = 2  # of another number are other definitions: their figures do not compare
_SAMPLES = 6
_BATCH = 16
_MOST_REQUIRED = 10  # attributes
_GREEDY = 12  # briefs for which many z's write
_NOISES = 16


def evaluate(
    checkpoint: Checkpoint,
    records: Iterable[Record],
    *,
    seed: int,
    limit: int | None = None,
    style: str | None = None,
    segment: Segment | None = None,
) -> dict[str, Any]:
    """Write for held-out briefs and measure what was written.

    Args:
        checkpoint: who writes, with its own sampling.
        records: held-out texts.
        seed: of the choice of briefs, of the texts and of the measures.
        limit: most briefs, chosen by the seed.
        style: the register to write in; that of each brief where none is given.
        segment: cuts Chinese into words for ROUGE-L; characters where there is none.

    Raises:
        ValueError: there is no text to measure against.
    """
    cases = cases_of(records)
    if not cases:
        raise ValueError("There is no text to measure against.")
    if limit is not None and limit < len(cases):
        cases = random.Random(seed).sample(cases, limit)  # noqa: S311 - a measurement
    if style is not None:
        cases = [Case(replace(case.record, style=style), case.references) for case in cases]
    texts, unsure = written(checkpoint, cases, seed=seed)
    groups = []
    for group in sorted({case.group for case in cases}):
        places = [at for at, case in enumerate(cases) if case.group == group]
        found = measured(
            [cases[at] for at in places],
            [texts[at] for at in places],
            seed=seed,
            segment=segment,
        )
        found["rows"]["generated"] |= greedy_variety(
            checkpoint, [cases[at] for at in places], seed=seed
        )
        groups.append({**found, "below_floor": sum(unsure[at] for at in places)})
    return {
        "measures": MEASURES,
        "digest": checkpoint.digest,
        "sampling": checkpoint.sampling.to_dict(),
        "seed": seed,
        "style": style or "",
        "briefs": len(cases),
        "groups": groups,
    }


def written(
    checkpoint: Checkpoint, cases: Sequence[Case], *, seed: int
) -> tuple[list[str], list[bool]]:
    """The best text for each brief, and whether a shop would not have been offered it.

    The writer's floors (`writing.fluency_floors`) are lifted: they would hide what the writer does
    with briefs that are unlike those it learnt from. A text is "" where nothing at all was drawn.
    """
    floors = checkpoint.metrics.get("fluency_floors", {})
    free = replace(checkpoint, metrics={**checkpoint.metrics, "fluency_floors": {}})
    texts: list[str] = []
    unsure: list[bool] = []
    for start in range(0, len(cases), _BATCH):
        wishes = _wishes(cases[start : start + _BATCH], seed=seed + start)
        for wish, offer in zip(wishes, writing.write(free, wishes, variants=1), strict=True):
            floor = floors.get(wish.record.style, -math.inf)
            texts.append(offer[0].text if offer else "")
            unsure.append(bool(offer) and offer[0].fluency < floor)
    return texts, unsure


def greedy_variety(
    checkpoint: Checkpoint, cases: Sequence[Case], *, seed: int
) -> dict[str, float | int]:
    """How many different texts 16 z's give for one brief where each token is the likeliest.

    Args:
        checkpoint: who writes.
        cases: briefs of one language and kind; twelve of them are taken.
        seed: of the choice of briefs, and of z.

    Returns:
        The mean over briefs, and that of the brief with the fewest.
    """
    some = random.Random(seed).sample(cases, min(_GREEDY, len(cases)))  # noqa: S311 - a measurement
    drawn = writing.greedy(checkpoint, _wishes(some, seed=seed), copies=_NOISES)
    counts = [len(set(texts)) for texts in drawn]
    return {
        "greedy_distinct": round(sum(counts) / len(counts), 2),
        "greedy_distinct_fewest": min(counts),
    }


def _wishes(cases: Sequence[Case], *, seed: int) -> list[writing.Wish]:
    """What is asked for of each brief: its usual length, and what it states."""
    return [
        writing.Wish(
            case.record,
            *writing.USUAL_BOUNDS[case.group],
            seed=seed + at,
            required=stated(case.record),
        )
        for at, case in enumerate(cases)
    ]


def stated(record: Record) -> tuple[str, ...]:
    """What a text has to tell: all that a brief of few facts states, but not calmly and at length.

    Calm copy tells facts until its room is used up; a dozen of them leave none for anything else.
    """
    keys = tuple(key for key, _ in record.attributes if key != "brand")
    wanted = record.kind == "description" and record.style != "calm" and len(keys) <= _MOST_REQUIRED
    return keys if wanted else ()


def measured(
    cases: Sequence[Case], texts: Sequence[str], *, seed: int, segment: Segment | None = None
) -> dict[str, Any]:
    """Every figure of the texts of one language and kind, beside those of people's texts.

    A brief without a text counts as an empty one where likeness and coverage are taken; where
    sets of texts are compared, it is left out of both.
    """
    language, kind = cases[0].group
    there = [at for at, text in enumerate(texts) if text]
    own = [case.references[0] for case in cases]
    ours, theirs = [texts[at] for at in there], [own[at] for at in there]
    words = (segment if language == "zh" else None) or (lambda text: metrics.tokens(text, language))
    several = [at for at, case in enumerate(cases) if len(case.references) > 1]
    others = [cases[at].references[1:] for at in several]
    rows = {
        "generated": {
            **likeness(texts, [case.references for case in cases], language, words),
            **faithfulness(cases, texts),
            **variety(ours, language, seed=seed),
            "frechet": distance_from_people(ours, theirs, language, seed=seed),
            "fool_rate": _fool_rate(theirs, ours, seed),
        },
        "human": {
            **faithfulness(cases, own),
            **variety(theirs, language, seed=seed),
            "frechet": distance_from_people(theirs, theirs, language, seed=seed),
            "fool_rate": _fool_rate(
                [own[at] for at in several], [some[0] for some in others], seed
            ),
        },
    }
    return {
        "language": language,
        "kind": kind,
        "briefs": len(cases),
        "unwritten": len(cases) - len(there),
        "references": sum(len(case.references) for case in cases),
        "rouge_words": "characters" if language == "zh" and segment is None else "words",
        "rows": rows,
        # People's first texts against their others, and the writer against the same: fewer
        # references than above, so neither compares with the row above.
        "ceiling": {
            "briefs": len(several),
            "human": likeness([own[at] for at in several], others, language, words),
            "generated": likeness([texts[at] for at in several], others, language, words),
        },
        "samples": _samples(cases, texts, seed=seed),
    }


def _fool_rate(real: Sequence[str], texts: Sequence[str], seed: int) -> float | None:
    verdict = ask_critic(real, texts, seed=seed)
    return None if verdict is None else round(verdict.fool_rate, 4)


def _samples(cases: Sequence[Case], texts: Sequence[str], *, seed: int) -> list[dict[str, Any]]:
    """Some texts that nobody chose."""
    chance = random.Random(seed)  # noqa: S311 - a measurement
    return [
        {
            "title": cases[at].record.title,
            "attributes": [list(pair) for pair in cases[at].record.attributes],
            "text": texts[at],
            "human": cases[at].references[0],
        }
        for at in chance.sample(range(len(cases)), min(_SAMPLES, len(cases)))
    ]
