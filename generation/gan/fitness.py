"""Whether a checkpoint is fit to write: what is asked of it before it takes another's place.

The same briefs of the base corpus for every checkpoint, each told all its facts in the lively
register, and the likelihood of what people wrote there. The loss is a character's, not a token's,
so that checkpoints with different vocabularies compare.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from generation.gan import metrics
from generation.gan.checkpoint import Checkpoint
from generation.gan.evaluation import written
from generation.gan.figures import Case, cases_of, faithfulness
from generation.gan.keeping import fingerprint
from generation.gan.likelihood import held_out_loss
from generation.gan.measuring import encoder_of
from generation.gan.records import Record

_BRIEFS = 48
_ASKED = 1  # of another number are other questions: their answers do not compare


def fitness(checkpoint: Checkpoint, records: Sequence[Record], *, seed: int) -> dict[str, Any]:
    """Figures of a checkpoint on held-out texts of the base corpus.

    Args:
        checkpoint: is asked.
        records: texts that no training of it learnt from.
        seed: of the choice of briefs and of the texts.

    Returns:
        `asked` names the questions: figures compare where it is the same. `loss` is in nats a
        character; `coverage` a share of `values` facts; `unsupported` the number of `texts` that
        make up a number; `distinct_2`, by language, of the texts and of people's.

    Raises:
        ValueError: no text can be asked about.
    """
    encoder = encoder_of(checkpoint)
    known = [(record, pair) for record in records if (pair := encoder.pair(record)) is not None]
    cases = _cases(records, seed=seed)
    if not known or not cases:
        raise ValueError("There is no held-out text to ask a checkpoint about.")
    tokens = sum(len(pair.target) for _, pair in known)
    characters = sum(len(record.text) for record, _ in known)
    loss = held_out_loss(checkpoint.generator, [pair for _, pair in known], seed=seed)
    texts, _ = written(checkpoint, cases, seed=seed)
    there = sum(map(bool, texts))
    told = faithfulness(cases, texts)
    return {
        "asked": fingerprint(_ASKED, seed, list(records)),
        "texts": there,
        "loss": round(loss * tokens / characters, 5),
        "coverage": told["coverage"],
        "values": told["values"],
        "unsupported": round((told["unsupported_rate"] or 0) * there),
        "distinct_2": {
            language: _variety(cases, texts, language)
            for language in sorted({case.record.language for case in cases})
        },
    }


def _cases(records: Sequence[Record], *, seed: int) -> list[Case]:
    """Briefs of descriptions, as many of each language, all to be told in the lively register."""
    chance = random.Random(seed)  # noqa: S311 - a measurement
    cases = [case for case in cases_of(records) if case.record.kind == "description"]
    languages = sorted({case.record.language for case in cases})
    chosen: list[Case] = []
    for language in languages:
        some = [case for case in cases if case.record.language == language]
        chosen += chance.sample(some, min(len(some), _BRIEFS // len(languages)))
    return [Case(replace(case.record, style="lively"), case.references) for case in chosen]


def _variety(cases: Sequence[Case], texts: Sequence[str], language: str) -> dict[str, float]:
    """Distinct bigrams of the texts in one language, and of people's for the same briefs."""
    pairs = [
        (text, case.references[0])
        for case, text in zip(cases, texts, strict=True)
        if text and case.record.language == language
    ]
    ours, theirs = ([metrics.tokens(item[at], language) for item in pairs] for at in (0, 1))
    return {
        "generated": round(metrics.distinct(ours, 2), 4),
        "human": round(metrics.distinct(theirs, 2), 4),
    }
