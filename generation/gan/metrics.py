"""Figures that say whether the writer is any good, and the alarm for one that repeats itself.

Self-BLEU follows Zhu et al. 2018 (Texygen): BLEU-n of each text against the others, n-gram
precisions clipped as in Papineni et al. 2002, smoothed by adding one to both counts for n > 1.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

_STUTTER = re.compile(
    r"\b([a-z-]+(?: [a-z-]+){0,3})[,:]? \1\b|([\u4e00-\u9fff]{2,8})[，：]?\2", re.IGNORECASE
)


def units(text: str, language: str) -> list[str]:
    """What n-grams are made of: characters in Chinese, lower-case words in English."""
    return list(text.replace(" ", "")) if language == "zh" else text.lower().split()


def distinct(texts: Sequence[Sequence[str]], n: int) -> float:
    """Unique n-grams over all n-grams of a set of texts; 1.0 means that none occurs twice."""
    grams = Counter(gram for text in texts for gram in _grams(text, n))
    total = sum(grams.values())
    return len(grams) / total if total else 0.0


def repeats(text: Sequence[str], n: int = 4) -> bool:
    """Whether one text holds the same n-gram twice."""
    grams = _grams(text, n)
    return len(set(grams)) < len(grams)


def stutters(text: str) -> bool:
    """Whether a stretch is said twice in a row: "is simple is simple", 打理打理."""
    return _STUTTER.search(text) is not None


def self_bleu(texts: Sequence[Sequence[str]], n: int = 4) -> float:
    """Mean BLEU-n of each text against all the others; 1.0 means that all are the same."""
    if len(texts) < 2:
        return 0.0
    return sum(
        _bleu(text, [*texts[:at], *texts[at + 1 :]], n) for at, text in enumerate(texts)
    ) / len(texts)


def auc(better: Sequence[float], worse: Sequence[float]) -> float:
    """Chance that a better text outscores a worse one (Mann-Whitney U / (m n)); ties count half."""
    wins = sum((b > w) + 0.5 * (b == w) for b in better for w in worse)
    return wins / (len(better) * len(worse))


def collapsed(texts: Sequence[Sequence[str]], reference: float) -> bool:
    """Whether distinct-2 fell below half of what the texts learnt from have."""
    return distinct(texts, 2) < 0.5 * reference


def _grams(text: Sequence[str], n: int) -> list[tuple[str, ...]]:
    return [tuple(text[at : at + n]) for at in range(len(text) - n + 1)]


def _bleu(text: Sequence[str], others: Sequence[Sequence[str]], n: int) -> float:
    logs = []
    for size in range(1, n + 1):
        counts = Counter(_grams(text, size))
        if not counts:
            return 0.0
        most: Counter[tuple[str, ...]] = Counter()
        for other in others:
            most |= Counter(_grams(other, size))
        clipped = sum(min(count, most[gram]) for gram, count in counts.items())
        add = 0 if size == 1 else 1
        if not clipped + add:
            return 0.0
        logs.append(math.log((clipped + add) / (sum(counts.values()) + add)))
    nearest = min((abs(len(other) - len(text)), len(other)) for other in others)[1]
    brevity = min(0.0, 1 - nearest / len(text))
    return math.exp(sum(logs) / n + brevity)
