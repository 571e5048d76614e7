"""Names in a comment: `@lin`, and `@小林` with or without a mark behind it."""

import re
from collections.abc import Container
from typing import NamedTuple

MOST_NAMES = 50  # of one comment; what comes after them is plain text

# What Django lets a user be called. An address like lin@example.com names nobody, but Chinese
# stands right before a name. Chinese input methods write the @ in full width.
_NAMES = re.compile(r"(?<![A-Za-z0-9_.+-])[@\uff20](?=([\w.@+-]{1,150}))")
_SPACED_SCRIPTS_END = 0x2E80  # characters below it are of scripts that put spaces between words


class Name(NamedTuple):
    """Where an @ is, and the names that may be meant by it, the longest first."""

    start: int
    candidates: list[str]


def names_in(text: str) -> list[Name]:
    """Find who may be meant. `@小林看一下` may name 小林, and `@linda` never lin."""
    places = list(_NAMES.finditer(text))[:MOST_NAMES]
    return [Name(place.start(), _candidates(place[1])) for place in places]


def resolve(names: list[Name], known: Container[str]) -> tuple[list[list[int]], list[str]]:
    """Tell the names that are known from the others.

    Returns:
        The places of the known ones as start and end, the @ included; the names of nobody.
    """
    places, unknown = [], []
    for start, candidates in names:
        name = next((name for name in candidates if name in known), None)
        if name:
            places.append([start, start + 1 + len(name)])
        elif bare := candidates[0].rstrip(".@+-"):
            unknown.append(bare)
    return places, unknown


def _candidates(run: str) -> list[str]:
    """The beginnings of a run of name characters that may be a name by themselves."""
    ends = range(len(run), 0, -1)
    return [run[:end] for end in ends if end == len(run) or not _in_a_word(run[end - 1], run[end])]


def _in_a_word(before: str, after: str) -> bool:
    """Whether two neighbours belong to one word of a script that puts spaces between words."""
    return all(
        (letter.isalnum() or letter == "_") and ord(letter) < _SPACED_SCRIPTS_END
        for letter in (before, after)
    )
