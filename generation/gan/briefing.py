"""What a brief may hold: facts short enough to be copied, in a language that the writer knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from generation.gan.languages import THIRD, language_of
from generation.gan.records import FOR_CHANNELS, kind_of

# Code points of a fact's name or value, of a title and of an audience: what a product feed may say
# in a title. Of the facts in real feeds one in two thousand is longer, and each is a paragraph.
MOST_FACT_CHARS = 255

_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3041-\u30ff]")
_CAPITALISED = re.compile(r"\b[A-Z\u00c0-\u00de]\w*")
_FEWEST_LETTERS = 4  # fewer are a unit or a sign: Ω, µm


def written_kind(name: str) -> str:
    """The kind of text to write where a brief calls it so; "" where nobody writes such a text."""
    kind = kind_of(name)
    return kind if kind in FOR_CHANNELS else ""


def is_in_third_language(title: str, values: Sequence[str]) -> bool:
    """Whether a brief's title and values are neither Chinese nor English.

    Names are no evidence: what is capitalised may not be all that speaks for a third language,
    nor may the title, unless the values have no letter to tell by; and a title with Chinese
    characters among its Latin ones is that of a Chinese brief. A few words in Latin script pass
    for English, as in `languages`.
    """
    told, every = "\n".join(values), "\n".join([title, *values])
    is_chinese = bool(_HAN.search(title)) and not _KANA.search(title)
    if is_chinese or sum(map(str.isalpha, every)) < _FEWEST_LETTERS:
        return False
    return (
        language_of(every) == THIRD
        and language_of(_CAPITALISED.sub("", every)) == THIRD
        and language_of(told) in {THIRD, ""}
    )


def is_too_long(name: str, value: str) -> bool:
    """Whether a fact is a paragraph, which no sentence of copy has room for."""
    return max(len(name), len(value)) > MOST_FACT_CHARS


def parted(
    facts: Iterable[tuple[str, str]],
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """The facts that can be written, and those that are too long, both in order."""
    kept, too_long = [], []
    for name, value in facts:
        (too_long if is_too_long(name, value) else kept).append((name, value))
    return tuple(kept), tuple(too_long)
