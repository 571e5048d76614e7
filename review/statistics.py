"""How the work on drafts goes: plain arithmetic over counts of decisions.

Rows are mappings with `verdict`, `count`, and where time is asked about `timed` and `taken` (in
seconds), as the queries of decisions give them.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import astuple, dataclass
from typing import Any

from generation.statistics import Share

VERDICTS = ("approved", "edited", "rejected")
FEWEST = 20  # decisions from which on a pace is told
_FEWEST_DAYS = 3  # with decisions, from which on days are told

Rows = Iterable[Mapping[str, Any]]


@dataclass(frozen=True)
class Tally:
    """What was decided of some drafts, and in how much time.

    Args:
        approved: as they were.
        edited: approved in an editor's words.
        rejected: refused.
        timed: how many of these have a known length.
        seconds: that those took together, of active work.
        undone: decisions that were taken back, none of which is counted above.
    """

    approved: int = 0
    edited: int = 0
    rejected: int = 0
    timed: int = 0
    seconds: float = 0.0
    undone: int = 0

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Tally:
        """What one row says."""
        counted = {row["verdict"]: row["count"]}
        return cls(**counted, timed=row.get("timed", 0), seconds=row.get("taken") or 0.0)

    def __add__(self, other: Tally) -> Tally:
        """Both together."""
        return Tally(*map(operator.add, astuple(self), astuple(other)))

    @property
    def n(self) -> int:
        """All that was decided and stands."""
        return self.approved + self.edited + self.rejected

    @property
    def shares(self) -> list[Share]:
        """The share of each verdict, in the order of `VERDICTS`."""
        return [Share(getattr(self, verdict), self.n) for verdict in VERDICTS]

    @property
    def undone_share(self) -> Share:
        """How many of all verdicts were taken back."""
        return Share(self.undone, self.n + self.undone)

    @property
    def per_hour(self) -> float | None:
        """Decisions in an hour of active work; None where too few have a known length."""
        if self.timed < FEWEST or not self.seconds:
            return None
        return 3600 * self.timed / self.seconds


def tallies(rows: Rows, name: str) -> dict[Hashable, Tally]:
    """Add up the rows that hold the same under a name."""
    found: dict[Hashable, Tally] = {}
    for row in rows:
        found[row[name]] = found.get(row[name], Tally()) + Tally.of(row)
    return found


@dataclass(frozen=True)
class Median:
    """The length of decisions: as many took longer as took less.

    Args:
        n: decisions of known length.
        seconds: of active work.
    """

    n: int
    seconds: float


def medians(rows: Rows) -> dict[str, Median]:
    """The median of each verdict, from rows in the middle: the mean of two, where there are two."""
    middle: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        middle.setdefault(row["verdict"], []).append(row)
    return {
        verdict: Median(some[0]["timed"], sum(row["active_seconds"] for row in some) / len(some))
        for verdict, some in middle.items()
    }


@dataclass(frozen=True)
class Forecast:
    """How much work a queue still is, at the pace of late and if nothing is written in between.

    Args:
        waiting: drafts.
        hours: of active work; None where too few decisions have a known length to say.
        days: like those on which somebody decided; None where there are too few of them to say.
    """

    waiting: int
    hours: float | None
    days: int | None


def forecast(waiting: int, done: Tally, days: int) -> Forecast:
    """Say how long a queue lasts.

    Args:
        waiting: drafts in it.
        done: what was decided of late.
        days: on how many days that was.
    """
    per_hour = done.per_hour
    is_known = done.n >= FEWEST and days >= _FEWEST_DAYS
    return Forecast(
        waiting,
        hours=waiting / per_hour if per_hour else None,
        days=math.ceil(waiting * days / done.n) if is_known else None,
    )


@dataclass(frozen=True)
class Agreement:
    """How far two people who judged the same drafts said the same.

    Args:
        same: the share of pairs of equal verdicts, with its interval.
        by_chance: the share that would be equal if each had given as many of each verdict, but to
            drafts picked blindly; None without a pair.
    """

    same: Share
    by_chance: float | None

    @property
    def kappa(self) -> float | None:
        """Agreement beyond chance: 1 is always, 0 is no more than chance, below it is less.

        (p_o - p_c) / (1 - p_c), equation 1 of J. Cohen, "A coefficient of agreement for nominal
        scales", Educational and Psychological Measurement 20 (1960), p. 40. None without a pair,
        and where both only ever gave one and the same verdict: chance alone agrees always then.
        """
        if self.by_chance is None or self.by_chance == 1:
            return None
        return (self.same.value - self.by_chance) / (1 - self.by_chance)


def agreement(pairs: Mapping[tuple[str, str], int]) -> Agreement:
    """Hold first verdicts against second ones.

    Args:
        pairs: how many drafts had each pair of verdicts, the first person's first.
    """
    n = sum(pairs.values())
    same = Share(sum(count for (first, second), count in pairs.items() if first == second), n)
    if not n:
        return Agreement(same, None)
    verdicts = {verdict for pair in pairs for verdict in pair}
    chances = (
        sum(count for pair, count in pairs.items() if pair[0] == verdict)
        * sum(count for pair, count in pairs.items() if pair[1] == verdict)
        for verdict in verdicts
    )
    return Agreement(same, sum(chances) / n**2)
