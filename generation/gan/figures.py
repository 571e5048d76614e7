"""Every figure of a set of texts: what `metrics`, `truth` and `features` say of briefs and copy.

Likeness is 0 to 100, every share 0 to 1. A figure is None, or missing, where there is nothing to
measure.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from generation.gan import features, metrics, slots, truth
from generation.gan.features import Moments, frechet_distance, moments
from generation.gan.records import Record

SELF_BLEU_TEXTS = 200
CAP = 64  # code points, where ChatGLM's script has as many tokens
FEWEST = 100  # briefs below which a Fréchet distance says more of their number than of the texts

# Cuts a text into the words of ROUGE-L.
Segment = Callable[[str], list[str]]


@dataclass(frozen=True)
class Case:
    """A brief without a text, and all that people wrote for it, in the order of the corpus."""

    record: Record
    references: tuple[str, ...]

    @property
    def group(self) -> tuple[str, str]:
        """What figures are taken over: its language and its kind."""
        return self.record.language, self.record.kind


def cases_of(records: Iterable[Record]) -> list[Case]:
    """Put together what was written for one brief: language, kind, title and facts alike.

    The register is the first text's: copy is judged by all that people wrote for its brief.
    """
    found: dict[tuple, tuple[Record, list[str]]] = {}
    for record in records:
        if not record.text.strip():
            continue
        brief = (record.language, record.kind, record.title, record.attributes)
        texts = found.setdefault(brief, (record.with_text(""), []))[1]
        if record.text not in texts:
            texts.append(record.text)
    return [Case(record, tuple(texts)) for record, texts in found.values()]


def likeness(
    texts: Sequence[str],
    references: Sequence[Sequence[str]],
    language: str,
    words: Segment,
) -> dict[str, float]:
    """BLEU-4 by all references and in ChatGLM's way, and ROUGE-L; nothing of no text."""
    if not texts:
        return {}
    split = [metrics.tokens(text, language) for text in texts]
    others = [[metrics.tokens(text, language) for text in some] for some in references]
    rouge = [
        metrics.rouge_l(words(text), [words(other) for other in some])
        for text, some in zip(texts, references, strict=True)
    ]
    first = [some[0] for some in references]
    figures = {
        "bleu_4": round(metrics.corpus_bleu(split, others), 2),
        "rouge_l": round(sum(rouge) / len(rouge), 2),
    }
    if language == "zh":
        short = [text[:CAP] for text in texts], [text[:CAP] for text in first]
        figures["chatglm_bleu_4"] = round(metrics.chatglm_bleu(texts, first), 2)
        figures["chatglm_bleu_4_capped"] = round(metrics.chatglm_bleu(*short), 2)
    return figures


def faithfulness(cases: Sequence[Case], texts: Sequence[str]) -> dict[str, float | int | None]:
    """What share of the given values is told, and what share of the texts makes a number up."""
    told = parts = numbers = in_words = value_count = part_count = 0
    texts_there = sum(map(bool, texts))
    for case, text in zip(cases, texts, strict=True):
        values, pieces = given(case.record)
        told += sum(truth.covered(text, values, case.record.language))
        parts += sum(truth.covered(text, pieces, case.record.language))
        value_count, part_count = value_count + len(values), part_count + len(pieces)
        facts = facts_told(case.record)
        numbers += bool(truth.unsupported(text, facts, case.record.language))
        in_words += bool(truth.unsupported_words(text, facts, case.record.language))
    return {
        "coverage": _share(told, value_count),
        "coverage_parts": _share(parts, part_count),
        "values": value_count,
        "unsupported_rate": _share(numbers, texts_there),
        "unsupported_words_rate": _share(in_words, texts_there),
    }


def variety(texts: Sequence[str], language: str, *, seed: int) -> dict[str, float | int]:
    """How much the texts differ from each other and within themselves, and their length."""
    if not texts:
        return {"texts": 0}
    split = [metrics.tokens(text, language) for text in texts]
    return {
        "texts": len(texts),
        "mean_length": round(sum(map(len, texts)) / len(texts), 1),
        "distinct_2": round(metrics.distinct(split, 2), 4),
        "distinct_4": round(metrics.distinct(split, 4), 4),
        "repetition_4": round(metrics.repetition(split), 4),
        "self_bleu_4": round(metrics.self_bleu(split, size=SELF_BLEU_TEXTS, seed=seed), 4),
    }


def distance_from_people(
    texts: Sequence[str], human: Sequence[str], language: str, *, seed: int
) -> float | None:
    """The Fréchet distance across the halves of the briefs; None where there are too few."""
    if len(texts) < FEWEST:
        return None
    ours, theirs = (
        features.features([metrics.tokens(text, language) for text in some])
        for some in (texts, human)
    )
    return round(across(ours, theirs, halves(len(texts), seed)), 2)


Halves = tuple[list[int], list[int]]


def halves(size: int, seed: int) -> Halves:
    """Two halves of so many briefs, of the same size (of an odd number one is left out)."""
    order = random.Random(seed).sample(range(size), size - size % 2)  # noqa: S311 - a measurement
    return order[: size // 2], order[size // 2 :]


def across(ours: Tensor, theirs: Tensor, parts: Halves) -> float:
    """Mean Fréchet distance of our features of one half of the briefs and theirs of the other.

    So people's own texts have a distance that is not nought, and it is the floor.

    Args:
        ours: features of one text for each brief, (N, P, F).
        theirs: the same of people's texts.
        parts: the halves.
    """
    first, second = parts
    there = frechet_distance(moments(ours[first]), moments(theirs[second]))
    back = frechet_distance(moments(ours[second]), moments(theirs[first]))
    return (there + back) / 2


@dataclass(frozen=True, eq=False)
class Crowd:
    """The features of all that people wrote for some briefs, to hold a writer's against.

    A brief counts once, however many texts it has. The same briefs stand on both sides: what a
    product is does not tell them apart, how it is written of does.

    Args:
        features: of the texts, (M, P, F).
        briefs: which brief each is for, (M,).
    """

    features: Tensor
    briefs: Tensor

    @classmethod
    def of(cls, texts: Sequence[Sequence[metrics.Tokens]]) -> Crowd:
        """Take the features of each brief's texts."""
        briefs = [at for at, some in enumerate(texts) for _ in some]
        every = [text for some in texts for text in some]
        return cls(features.features(every), torch.tensor(briefs, dtype=torch.long))

    @property
    def size(self) -> int:
        """How many briefs there are."""
        return int(self.briefs.max()) + 1 if len(self.briefs) else 0

    def moments(self, weights: Tensor | None = None) -> Moments:
        """The moments where each brief counts as `weights` (N,) say; once where nobody says it."""
        weights = torch.ones(self.size) if weights is None else weights
        shares = weights.double() / torch.bincount(self.briefs, minlength=self.size)
        return moments(self.features, shares[self.briefs])

    def floor(self, parts: Halves) -> float:
        """The distance of people's texts of one half of the briefs from those of the other.

        People have fewer texts on either side of that than a writer has, and other products.
        """
        weights = torch.zeros(2, self.size)
        for row, part in enumerate(parts):
            weights[row, part] = 1
        return frechet_distance(self.moments(weights[0]), self.moments(weights[1]))


def given(record: Record) -> tuple[list[str], list[str]]:
    """The values that a brief gives, each once, and the parts of those that list several."""
    values = list(dict.fromkeys(value for _, value in record.attributes))
    return values, list(dict.fromkeys(part for value in values for part in slots.parts_of(value)))


def facts_told(record: Record) -> list[str]:
    """All that a brief says."""
    facts = [record.title, record.brand, record.category, record.audience]
    return [*facts, *(word for pair in record.attributes for word in pair)]


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
