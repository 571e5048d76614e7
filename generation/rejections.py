"""The shop's earlier rejections: which of them a new text is like.

A draft that was merely not needed is no rejection of its text, and none is kept as an example.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import Any

from generation.models import Example
from generation.similarity import Index

REMEMBERED = 2_000  # newest rejections of a kind and language that a text is compared with
NEAREST = 3  # that are kept for the editor
LEAST = 0.3  # cosine under which two texts have little but their kind in common
_WORD = re.compile(r"[^\W_]+")


class Rejections:
    """What editors refused until now; each kind and language is read once, when first asked for."""

    def __init__(self) -> None:
        self._known = cache(_read)

    def nearest(self, text: str, *, kind_id: int, language: str) -> list[dict[str, Any]]:
        """The rejections that a text is most like: JSON-ready, nearest first.

        Returns:
            For each, the `draft` that was refused, the `reason`, and the `similarity`, 0 to 1.
        """
        index, rows = self._known(kind_id, language)
        found = index.nearest(terms(text, language), count=NEAREST, least=LEAST)
        return [
            {"draft": rows[at][0], "reason": rows[at][1], "similarity": round(similarity, 3)}
            for at, similarity in found
        ]


def terms(text: str, language: str) -> list[str]:
    """What a text is compared by: pairs of Chinese characters, or English words."""
    if language == "en":
        return _WORD.findall(text.lower())
    letters = [letter for letter in text.lower() if letter.isalnum()]
    return [first + second for first, second in pairwise(letters)]


def _read(kind_id: int, language: str) -> tuple[Index, list[tuple[int, str]]]:
    rows = Example.objects.rejections_of(kind_id, language)[:REMEMBERED]
    found = list(rows.values_list("draft_id", "reason", "text"))
    return Index(terms(text, language) for _, _, text in found), [row[:2] for row in found]
