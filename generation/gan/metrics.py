"""Figures that say whether the writer is any good, and the alarm for one that repeats itself.

`docs/metrics.md` says every definition in words. Two are other people's to the letter, so that
published tables can be compared: `chatglm_bleu` and `rouge_l` are what ChatGLM-6B's
`compute_metrics` computes (NLTK's `sentence_bleu` with `SmoothingFunction().method3` on
characters; `rouge_chinese` on words that the caller cut).

Self-BLEU follows Zhu et al. 2018 (Texygen): BLEU-n of each text against the others, n-gram
precisions clipped as in Papineni et al. 2002, smoothed by adding one to both counts for n > 1
(Lin and Och 2004; NLTK's `method2`). What a text says of its product is `truth.py`'s business.
"""

from __future__ import annotations

import math
import random
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

Tokens = Sequence[str]
Gram = tuple[str, ...]

_STUTTER = re.compile(
    r"\b([a-z-]+(?: [a-z-]+){0,3})[,:]? \1\b|([\u4e00-\u9fff]{2,8})[，：]?\2", re.IGNORECASE
)
_WORD = re.compile(r"\w+(?:['.,/-]\w+)*|[^\w\s]")


def units(text: str, language: str) -> list[str]:
    """What n-grams are made of: characters in Chinese, lower-case words in English."""
    return list(text.replace(" ", "")) if language == "zh" else text.lower().split()


def tokens(text: str, language: str) -> list[str]:
    """What a comparison counts: characters in Chinese; in English words, and marks apart."""
    return [*re.sub(r"\s", "", text)] if language == "zh" else _WORD.findall(text.lower())


# --- likeness to references ---------------------------------------------------------------------


def bleu_counts(text: Tokens, references: Sequence[Tokens], n: int = 4) -> list[int]:
    """What corpus BLEU sums over texts, so that a corpus can be drawn anew without counting anew.

    Returns:
        Matched n-grams of each size (clipped at the most that one reference has), all n-grams of
        each size, the length of the text, and of the reference nearest in length, the shorter of
        two: 2 n + 2 numbers.
    """
    matched, whole = [], []
    for size in range(1, n + 1):
        counts = Counter(_grams(text, size))
        most: Counter[tuple[str, ...]] = Counter()
        for reference in references:
            most |= Counter(_grams(reference, size))
        matched.append(sum(min(count, most[gram]) for gram, count in counts.items()))
        whole.append(sum(counts.values()))
    nearest = min((abs(len(other) - len(text)), len(other)) for other in references)[1]
    return [*matched, *whole, len(text), nearest]


def bleu_of(counts: Sequence[float]) -> float:
    """BLEU of summed counts, 0 to 100, unsmoothed (Papineni et al. 2002, section 2.3)."""
    n = len(counts) // 2 - 1
    matched, whole, length, nearest = counts[:n], counts[n : 2 * n], counts[-2], counts[-1]
    if not all(matched):
        return 0.0
    logs = [math.log(match / total) for match, total in zip(matched, whole, strict=True)]
    return 100 * math.exp(sum(logs) / n + min(0.0, 1 - nearest / length))


def corpus_bleu(
    texts: Sequence[Tokens], references: Sequence[Sequence[Tokens]], n: int = 4
) -> float:
    """BLEU-n of a corpus with any number of references a text, 0 to 100."""
    counts = [bleu_counts(text, others, n) for text, others in zip(texts, references, strict=True)]
    return bleu_of([sum(column) for column in zip(*counts, strict=True)]) if counts else 0.0


def chatglm_bleu(texts: Sequence[str], references: Sequence[str]) -> float:
    """Mean BLEU-4 of texts on characters against one reference each, 0 to 100."""
    scores = [
        _geometric(bleu_counts(text, [other]))
        for text, other in zip(texts, references, strict=True)
    ]
    return 100 * sum(scores) / len(scores) if scores else 0.0


def _geometric(counts: Sequence[int]) -> float:
    """BLEU of one text; the k-th size that matches nothing counts for 1 / (2^k total)."""
    n = len(counts) // 2 - 1
    if not counts[0]:
        return 0.0
    logs, empty = [], 0
    for matched, total in zip(counts[:n], counts[n : 2 * n], strict=True):
        empty += not matched
        logs.append(math.log((matched or 0.5**empty) / max(total, 1)))
    return math.exp(sum(logs) / n + min(0.0, 1 - counts[-1] / counts[-2]))


def rouge_l(text: Tokens, references: Sequence[Tokens]) -> float:
    """F1 of the longest common subsequence (Lin 2004), 0 to 100, by the best reference."""
    return 100 * max((_lcs_f1(text, reference) for reference in references), default=0.0)


def _lcs_f1(text: Tokens, reference: Tokens) -> float:
    common = _lcs(text, reference)
    if not common:
        return 0.0
    precision, recall = common / len(text), common / len(reference)
    return 2 * precision * recall / (precision + recall)


def _lcs(text: Tokens, other: Tokens) -> int:
    """Length of the longest common subsequence, a bit for each token (Hyyrö 2004, figure 1)."""
    places: dict[str, int] = {}
    for at, token in enumerate(text):
        places[token] = places.get(token, 0) | 1 << at
    whole = (1 << len(text)) - 1
    row = whole
    for token in other:
        found = row & places.get(token, 0)
        row = ((row + found) | (row - found)) & whole
    return len(text) - row.bit_count()


# --- variety ------------------------------------------------------------------------------------


def distinct(texts: Sequence[Tokens], n: int) -> float:
    """Unique n-grams over all n-grams of a set of texts; 1.0 means that none occurs twice."""
    grams = Counter(gram for text in texts for gram in _grams(text, n))
    total = sum(grams.values())
    return len(grams) / total if total else 0.0


def repeats(text: Tokens, n: int = 4) -> bool:
    """Whether one text holds the same n-gram twice."""
    grams = _grams(text, n)
    return len(set(grams)) < len(grams)


def repetition(texts: Sequence[Tokens], n: int = 4) -> float:
    """Share of texts that hold the same n-gram twice."""
    return sum(repeats(text, n) for text in texts) / len(texts) if texts else 0.0


def repeated(texts: Sequence[Tokens], n: int = 4) -> float:
    """Share of n-grams that their own text holds already; unlike `repetition`, of any length."""
    grams = [_grams(text, n) for text in texts]
    whole = sum(map(len, grams))
    return 1 - sum(len(set(some)) for some in grams) / whole if whole else 0.0


def stutters(text: str) -> bool:
    """Whether a stretch is said twice in a row: "is simple is simple", 打理打理."""
    return _STUTTER.search(text) is not None


def self_bleu(
    texts: Sequence[Tokens], n: int = 4, *, size: int | None = None, seed: int = 0
) -> float:
    """Mean BLEU-n of each text against all the others; 1.0 means that all are the same.

    The figure grows with the number of texts: compare only where that is the same.

    Args:
        texts: as tokens.
        n: the longest n-gram.
        size: how many texts to take, chosen by the seed; all of them if there are fewer.
        seed: of that choice.
    """
    if size is not None and size < len(texts):
        texts = random.Random(seed).sample(list(texts), size)  # noqa: S311 - a measurement
    return sum(self_bleus(texts, n)) / max(len(texts), 1)


def self_bleus(texts: Sequence[Tokens], n: int = 4) -> list[float]:
    """BLEU-n of each text against all the others.

    The most and the second most of each n-gram are counted once for all, so that the time is
    linear in the texts.
    """
    if len(texts) < 2:
        return [0.0] * len(texts)
    lengths = sorted(map(len, texts))
    sizes = [[Counter(_grams(text, order)) for text in texts] for order in range(1, n + 1)]
    most = [_two_most(counts) for counts in sizes]
    return [
        _bleu_among(at, [counts[at] for counts in sizes], most, _nearest(lengths, len(text)))
        for at, text in enumerate(texts)
    ]


def _two_most(counts: Sequence[Counter[Gram]]) -> dict[Gram, tuple[int, int, int]]:
    """For each n-gram: which text holds it most often, how often, and the most of any other."""
    most: dict[Gram, tuple[int, int, int]] = {}
    for at, held in enumerate(counts):
        for gram, count in held.items():
            holder, first, second = most.get(gram, (-1, 0, 0))
            if count > first:
                most[gram] = (at, count, first)
            elif count > second:
                most[gram] = (holder, first, count)
    return most


def _bleu_among(
    at: int,
    counts: Sequence[Counter[Gram]],
    most: Sequence[dict[Gram, tuple[int, int, int]]],
    nearest: int,
) -> float:
    logs = []
    for order, (held, others) in enumerate(zip(counts, most, strict=True), start=1):
        total = sum(held.values())
        clipped = 0
        for gram, count in held.items():
            holder, first, second = others[gram]
            clipped += min(count, second if holder == at else first)
        add = 0 if order == 1 else 1
        if not total or not clipped + add:
            return 0.0
        logs.append(math.log((clipped + add) / (total + add)))
    return math.exp(sum(logs) / len(logs) + min(0.0, 1 - nearest / sum(counts[0].values())))


def _nearest(lengths: Sequence[int], length: int) -> int:
    """The other length nearest to one of a sorted list, the shorter of two."""
    at = bisect_left(lengths, length)
    others = [*lengths[max(0, at - 1) : at], *lengths[at + 1 : at + 2]]
    return min((abs(other - length), other) for other in others)[1]


# --- the judge ----------------------------------------------------------------------------------


def auc(better: Sequence[float], worse: Sequence[float]) -> float:
    """Chance that a better text outscores a worse one (Mann-Whitney U / (m n)); ties count half."""
    wins = sum((b > w) + 0.5 * (b == w) for b in better for w in worse)
    return wins / (len(better) * len(worse))


def collapsed(texts: Sequence[Tokens], reference: float) -> bool:
    """Whether distinct-2 fell below half of what the texts learnt from have."""
    return distinct(texts, 2) < 0.5 * reference


def _grams(text: Tokens, n: int) -> list[Gram]:
    return [tuple(text[at : at + n]) for at in range(len(text) - n + 1)]
