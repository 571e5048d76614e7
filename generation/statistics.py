"""How sure a share or a ranking is: plain arithmetic over counts and scores."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_Z = 1.959964  # of a two-sided 95 % interval


@dataclass(frozen=True)
class Share:
    """A share of a number of trials, with its 95 % interval.

    Args:
        count: trials that succeeded.
        n: all of them.
    """

    count: int
    n: int

    @property
    def value(self) -> float | None:
        """The share itself, 0 to 1; None without a trial."""
        return self.count / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's score interval (Wilson 1927); None without a trial."""
        if not self.n:
            return None
        share, spread = self.count / self.n, _Z * _Z / self.n
        middle = (share + spread / 2) / (1 + spread)
        half = _Z * math.sqrt(share * (1 - share) / self.n + spread / (4 * self.n)) / (1 + spread)
        return max(0.0, middle - half), min(1.0, middle + half)

    @property
    def per_cent(self) -> tuple[str, str, str] | None:
        """The share and the ends of its interval in hundredths, to be read and drawn alike."""
        if not self.n:
            return None
        return tuple(f"{100 * part:.1f}" for part in (self.value, *self.interval))


def auc(better: Sequence[float], worse: Sequence[float]) -> float | None:
    """Chance that a better text outscores a worse one (Mann-Whitney U / (m n)); ties count half.

    None where one side is empty.
    """
    if not better or not worse:
        return None
    ranked = sorted(worse)
    wins = sum((bisect_left(ranked, b) + bisect_right(ranked, b)) / 2 for b in better)
    return wins / (len(better) * len(worse))


def agreement(
    scores: Mapping[str, tuple[Sequence[float], Sequence[float]]], reasons: Sequence[str]
) -> dict[str, Any]:
    """How well judges tell approved from rejected texts: the areas of all, and for each reason.

    Args:
        scores: by the judge's name, its scores of the approved and of the rejected texts.
        reasons: why each of the rejected ones was.

    Returns:
        JSON-ready: "approved" and "rejected" are numbers of texts, each judge's name has its area
        (None where one side is empty), and "reasons" the same of each reason's rejections, held
        against all that was approved.
    """

    def areas(places: Sequence[int]) -> dict[str, Any]:
        found = {
            name: auc(better, [worse[at] for at in places])
            for name, (better, worse) in scores.items()
        }
        return {"rejected": len(places)} | {
            name: None if area is None else round(area, 4) for name, area in found.items()
        }

    approved = {len(better) for better, _worse in scores.values()}
    return {
        "approved": max(approved),
        **areas(range(len(reasons))),
        "reasons": [
            {"reason": reason, **areas([at for at, own in enumerate(reasons) if own == reason])}
            for reason in sorted(set(reasons))
        ],
    }


def sample_to_accept(lot: int, *, share: float = 0.1, risk: float = 0.05) -> int:
    """How many of a lot to look at, so that a bad one is hardly accepted where none is found bad.

    The smallest sample of a zero-acceptance plan: of a lot in which at least a `share` is bad, a
    sample without replacement shows none of these with a chance of `risk` at most. That chance is
    hypergeometric, C(lot - bad, n) / C(lot, n) (Dodge and Romig 1959).

    Args:
        lot: how many there are.
        share: of the lot, from which on it should not be accepted.
        risk: of accepting such a lot all the same.
    """
    bad = math.ceil(share * lot)
    missed, sample = 1.0, 0
    while missed > risk and sample < lot:
        missed *= (lot - bad - sample) / (lot - sample)
        sample += 1
    return sample
