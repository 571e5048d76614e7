"""What the texts of some briefs keep to, besides what every text does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Limits of the texts that are drawn for some briefs.

    Args:
        minimum: of each brief, fewest tokens of a text.
        maximum: most tokens of any text.
        required: of each brief, the attributes that its texts must tell, by their index.
        words: of each brief, words that its texts may not hold.
        repeats: the shortest stretch that no text but calm copy may hold twice; 0 allows all.
    """

    minimum: Sequence[int]
    maximum: int
    required: Sequence[Sequence[int]] = ()
    words: Sequence[Sequence[str]] = ()
    repeats: int = 0
