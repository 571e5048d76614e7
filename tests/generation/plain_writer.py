"""A writer without weights: deterministic, quick, and honest about its facts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from generation.errors import CheckpointUnusable
from generation.gan import digests
from generation.texts import Brief, Candidate, Explanation, Learnt, Lesson, Phrase, Pull, Span
from tests.generation.measured import compared, evaluated

FITNESS = {
    "asked": "plain",
    "texts": 8,
    "loss": 1.2,
    "coverage": 0.95,
    "values": 40,
    "unsupported": 0,
    "distinct_2": {"en": {"generated": 0.8, "human": 0.9}},
}


class PlainWriter:
    """States a brief's facts in an order that depends on the seed."""

    def __init__(self, digest: str, path: Path | None = None) -> None:
        self.digest, self.path = digest, path

    @classmethod
    def from_checkpoint(cls, path: Path) -> Self:
        """Read the digest of a checkpoint's card."""
        try:
            return cls(json.loads((path / "card.json").read_text())["digest"], path)
        except OSError as reason:
            raise CheckpointUnusable(f"{path.name} cannot be read.") from reason

    def write(
        self, briefs: Sequence[Brief], *, variants: int, seeds: Sequence[int]
    ) -> list[list[Candidate]]:
        """Offer texts that differ with the seed, best first."""
        return [
            [_candidate(brief, seed + variant) for variant in range(variants)]
            for brief, seed in zip(briefs, seeds, strict=True)
        ]

    def explain(
        self, briefs: Sequence[Brief], candidates: Sequence[Candidate]
    ) -> list[Explanation]:
        """Every candidate's title pulled it up, its end down; each value is told as it stands."""
        return [_explanation(*pair) for pair in zip(briefs, candidates, strict=True)]

    def score(self, briefs: Sequence[Brief], texts: Sequence[str]) -> list[float]:
        """A score that depends on the text alone."""
        return [len(text) % 10 / 10 for text in texts]

    def learn(
        self,
        lessons: Sequence[Lesson],
        *,
        into: Path,
        seed: int,
        minutes: float,
        report: Callable[[dict], None],
        settings: Mapping[str, float] | None = None,
        work: Path | None = None,
    ) -> Learnt:
        """Leave a card that says what was learnt."""
        report({"phase": "learning", "lessons": len(lessons)})
        return _learnt(into, f"{self.digest}/{len(lessons)}/{seed}", {"lessons": len(lessons)})

    def tune(
        self,
        corpus: Sequence[Path],
        lessons: Sequence[Lesson],
        *,
        into: Path,
        seed: int,
        minutes: float,
        report: Callable[[dict], None],
        settings: Mapping[str, float] | None = None,
        work: Path | None = None,
    ) -> Learnt:
        """Leave a card that names the corpora and the judge."""
        return _learnt(into, f"large/{seed}", {"corpus": len(corpus), "judge": self.digest})

    def copy_into(self, folder: Path) -> None:
        """Copy its files."""
        shutil.copytree(self.path, folder, dirs_exist_ok=True)

    def fitness(self, *, like: Path | None = None) -> dict:
        """The same figures for every digest: no plain writer is fitter than another.

        The questions are those of the file `questions` beside a checkpoint, where there is one.
        """
        questions = (like or self.path or Path()) / "questions"
        return FITNESS | ({"asked": questions.read_text()} if questions.is_file() else {})

    def evaluate(self, data: Path, *, limit: int, seed: int, style: str | None = None) -> dict:
        """Figures that depend on nothing but the digest and the wish."""
        figures = evaluated(texts=limit)
        return {"data": f"{data.parent.name}/{data.stem}", "digest": self.digest, **figures} | {
            "seed": seed,
            "style": style or "",
        }

    @classmethod
    def compare(
        cls,
        plan: Path,
        data: Sequence[Path],
        *,
        limit: int,
        seed: int,
        report: Callable[[dict], None],
    ) -> dict:
        """Report one cell, and give a comparison of two systems."""
        report({"system": "plain", "temperature": 1.0})
        return compared() | {"data": [path.stem for path in data], "seed": seed}

    @classmethod
    def prepare(cls, corpus: Sequence[Path], *, into: Path | None) -> Iterator[dict]:
        """Keep every text but the first of each corpus, which is too short."""
        for path in corpus:
            first, *others = path.read_text(encoding="utf-8").splitlines()
            if into is not None:
                into.write_text("\n".join(others), encoding="utf-8")
            example = {"id": "r1", "text": first[:20]}
            yield {
                "corpus": path.name,
                "read": 1 + len(others),
                "kept": len(others),
                "cleaned": 0,
                "shortened": 0,
                "dropped": {"too short": {"texts": 1, "examples": [example]}},
            }

    @classmethod
    def train(
        cls,
        corpus: Sequence[Path],
        lessons: Sequence[Lesson],
        *,
        into: Path,
        seed: int,
        minutes: float,
        report: Callable[[dict], None],
        settings: Mapping[str, float] | None = None,
        work: Path | None = None,
    ) -> Learnt:
        """Leave a card that names the corpora."""
        return _learnt(into, f"{seed}", {"corpus": [path.name for path in corpus]})


def lay_files(folder: Path, words: str, **metrics: Any) -> str:
    """Leave the files of a checkpoint, of a few bytes, in a new folder; give their digest."""
    folder.mkdir(parents=True)
    for name in ("generator.safetensors", "discriminator.safetensors", "tokenizer.json"):
        (folder / name).write_text(f"{name} of {words}")
    digest = digests.digest_of(folder)
    (folder / "card.json").write_text(json.dumps({"digest": digest, "metrics": metrics}))
    return digest


def _learnt(into: Path, words: str, metrics: dict) -> Learnt:
    digest = lay_files(into, words, **metrics)
    return Learnt(path=into, digest=digest, metrics=metrics)


def _candidate(brief: Brief, seed: int) -> Candidate:
    facts = list(brief.attributes)
    turn = seed % max(len(facts), 1)
    facts = facts[turn:] + facts[:turn]
    if brief.language == "en":
        text = f"{brief.title} number {_letters(seed)}: " + ", ".join(v for _, v in facts) + "."
        text = text + " Made for mornings." * (len(text) < brief.min_chars)
    else:
        text = f"{brief.title}{_letters(seed)}：" + "，".join(value for _, value in facts) + "。"
    score = 0.9 - seed % 7 / 10
    return Candidate(text=text[: brief.max_chars], score=score, spans=(Span(0, 4, score),))


def _letters(seed: int) -> str:
    return (
        sha256(str(seed).encode())
        .hexdigest()
        .translate(str.maketrans("0123456789", "ghijklmnop"))[:24]
    )


def _explanation(brief: Brief, candidate: Candidate) -> Explanation:
    text, size = candidate.text, len(candidate.text)
    phrases = [
        Phrase(at, at + len(value), "attributes", key, value, is_exact=True)
        for key, value in brief.attributes
        if (at := text.find(value)) >= 0
    ]
    return Explanation(
        logit=0.5,
        baseline=0.4,
        pulls=(Pull(0, len(brief.title), 0.3), Pull(size - 3, size, -0.25)),
        elsewhere=0.03,
        gap=0.02,
        phrases=tuple(sorted(phrases, key=lambda phrase: phrase.start)),
    )
