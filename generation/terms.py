"""Texts as terms that a full-text index of any database keeps apart: for searching, never for copy.

Each Chinese character is a term, so that a word of two characters is found, which an index of
trigrams cannot do; a word is a phrase of them. Other words are terms in lower case. What is not
ASCII is spelt as its bytes: whether a database takes a character for part of a word depends on
where it was installed.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TERM = re.compile(rf"[{_HAN}]|[^\W_{_HAN}]+")
_BETWEEN = "0x"  # stands between two texts, so that no phrase is found across them; no term


def terms(text: str) -> list[str]:
    """The terms of a text, in their order."""
    return [_ascii(term) for term in _TERM.findall(text.lower())]


def spelt(*texts: str) -> str:
    """Texts as an index keeps them."""
    return f" {_BETWEEN} ".join(" ".join(terms(text)) for text in texts)


class Phrase(NamedTuple):
    """Terms that stand side by side; the last one may go on, as a word that is being typed."""

    terms: list[str]
    goes_on: bool


def phrases(words: str) -> list[Phrase]:
    """What somebody searches for: each stretch without a blank is a phrase."""
    stretches = [_TERM.findall(part.lower()) for part in words.split()]
    return [
        Phrase(list(map(_ascii, found)), goes_on=found[-1].isascii() and len(found[-1]) > 1)
        for found in stretches
        if found
    ]


def _ascii(term: str) -> str:
    return term if term.isascii() else f"x{term.encode().hex()}"
