"""A shop of lamps and chairs in plain ids, where people say one thing of each kind of product."""

from __future__ import annotations

import random

from generation.gan.batches import Pair
from generation.gan.vocabulary import END, KEY, SEPARATOR

LAMP, CHAIR = 60, 61  # kinds of product, in briefs
SHINES, SEATS = (20, 21, 22), (30, 31, 32)  # what people say of each
WORDS = range(40, 58)  # what they say of any


def brief(kind: int, title: int) -> list[int]:
    return [7, 8, SEPARATOR, kind, title, KEY, 9]


def text(said: tuple[int, ...], chance: random.Random, *, words: int = 9) -> list[int]:
    rest = [chance.choice(WORDS) for _ in range(words)]
    at = chance.randrange(words)
    return [*rest[:at], *said, *rest[at:], END]


def people(count: int = 60, *, seed: int = 1) -> list[Pair]:
    """Texts for as many lamps as chairs, each with a title of its own."""
    chance = random.Random(seed)
    return [
        Pair(brief(LAMP if at % 2 else CHAIR, 100 + at), text(SHINES if at % 2 else SEATS, chance))
        for at in range(count)
    ]
