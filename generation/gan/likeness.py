"""Finding nearly the same text again among very many, in memory that is known beforehand.

MinHash (Broder 1997) keeps of each text the least value that each of many hash functions takes
on its shingles; two texts agree in a value as often as their shingles do (Jaccard). Bands of
values (Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, section 3.4) lead from a text to
the few that may be like it, and those are compared shingle by shingle.

    S  shingles of a text    P  hash functions    B  bands of P / B values
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from generation.gan import metrics

Words = Callable[[str, str], list[str]]  # of a text and its language

LIKE = 0.8  # share of common shingles from which on two texts are nearly the same
_SHINGLE = {"zh": 5, "en": 3}  # words, or characters where Chinese is not cut into words
_HASHES, _BANDS = 126, 21  # a band leads to 998 of 1,000 that share 0.8, and to 15 that share 0.3
_PRIME = (1 << 32) + 15
_PLACES = 1 << 22  # of the table that leads from a band to the first text that had it


class Likenesses:
    """The texts so far, by what they are made of.

    A text costs about 40 bytes beside itself and its shingles are made anew when they are needed;
    the table has its full size from the beginning. Where two bands fall on one place of it, the
    first text stays: a likeness may be overlooked for it, never made up.

    Args:
        words: cuts a text into what shingles are made of.
        sizes: how many of those make a shingle, by language.
    """

    def __init__(self, words: Words = metrics.tokens, sizes: dict[str, int] | None = None) -> None:
        self._words, self._sizes = words, sizes or _SHINGLE
        chance = torch.Generator().manual_seed(7)
        self._factors, self._terms = torch.randint(
            1, 1 << 30, (2, _HASHES, 1), generator=chance
        )  # each (P, 1)
        self._mixers = torch.randint(1, 1 << 30, (_HASHES // _BANDS,), generator=chance) * 2 + 1
        self._table = torch.full((_BANDS, _PLACES // _BANDS), -1, dtype=torch.int32)
        self._rows = torch.arange(_BANDS)
        self._texts: list[tuple[str, str]] = []

    def like(self, text: str, language: str) -> int | None:
        """Give the number of the text before that this one is nearly the same as, or add it.

        Texts are numbered as they are added, from 0.
        """
        shingles = self._shingles(text, language)
        places = self._places(shingles)
        first = self._table[self._rows, places]
        for number in sorted({at for at in first.tolist() if at >= 0}):
            other = self._shingles(*self._texts[number])
            if len(shingles & other) >= LIKE * len(shingles | other):
                return number
        free = first < 0
        self._table[self._rows[free], places[free]] = len(self._texts)
        self._texts.append((text, language))
        return None

    def _shingles(self, text: str, language: str) -> set[int]:
        words, size = self._words(text, language), self._sizes[language]
        runs = range(max(1, len(words) - size + 1))
        return {zlib.crc32("\0".join(words[at : at + size]).encode()) for at in runs}

    def _places(self, shingles: Sequence[int] | set[int]) -> Tensor:
        """Where each band of a text stands in the table, shape (B,)."""
        hashed = torch.tensor(sorted(shingles))  # (S,)
        least = ((self._factors * hashed + self._terms) % _PRIME).amin(dim=1)  # (P,)
        bands = (least.view(_BANDS, -1) * self._mixers).sum(dim=1)  # (B,), wraps around
        return (bands ^ (bands >> 29)) % (_PLACES // _BANDS)
