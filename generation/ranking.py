"""Which run comes first, which of its drafts, and which chance places to judge the ranking.

An editor gains most by a draft that is approved as it is, so the likelier that is, the earlier it
comes; the writer gains most by a verdict that the discriminator could not foresee. One draft in
twenty is placed without regard to either: whether it is ever read does not depend on how good it
looked, so what editors make of those is an unbiased sample, which what was ranked is not. A date
moves whole runs, so it leaves that share of each what it is.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from hashlib import sha256

RANDOM_SHARE = 0.05  # of the drafts, placed by chance
_TEACHES = 0.25  # what the least certain verdict is worth, beside an approval
_FINDING = 0.8  # of the chance of an approval that is left with each finding
_RUNS = 2**31  # more than there will be: a minute of urgency weighs more than any run's number
_MINUTES = 2**32 - 1  # from 1970 to after the last year that a date can have


class Why(StrEnum):
    """What placed a draft where it is."""

    LIKELY = "likely"
    UNSURE = "unsure"
    QUERIED = "queried"
    UNLIKELY = "unlikely"
    RANDOM = "random"


def is_placed_by_chance(run_seed: int, ordinal: int) -> bool:
    """Say whether a slot's draft is placed by chance; the same for the same run and place."""
    return _chance(run_seed, ordinal, "whether") < RANDOM_SHARE


def rank_of(score: float, findings: int, *, run_seed: int, ordinal: int) -> float:
    """Where a draft stands in its run: the higher, the earlier.

    That is the chance of an approval, less for each finding, and a quarter of how uncertain the
    verdict is: 4p(1 - p), the variance of a yes or no with chance p, 1 at the most.

    Args:
        score: the discriminator's, from 0 to 1.
        findings: how many queries the checks have about it.
        run_seed: with `ordinal`, decides which drafts chance places, and where.
        ordinal: of the slot in its run.
    """
    if is_placed_by_chance(run_seed, ordinal):
        return _chance(run_seed, ordinal, "where")
    return score * _FINDING**findings + _TEACHES * 4 * score * (1 - score)


def urgency(due_at: datetime | None) -> int:
    """How far the runs of a campaign that is wanted by a moment stand before those of the others.

    With the number of a run it is the run's turn, and the higher that is, the earlier its drafts
    are: the sooner they are wanted, to the minute, and of those that are wanted alike the newer
    run's. What nobody has named a moment for is wanted after all that somebody has.
    """
    if due_at is None:
        return 0
    minutes = max(0, int(due_at.timestamp() // 60))
    return (_MINUTES - minutes) * _RUNS


def why(score: float, findings: int, *, is_random: bool) -> Why:
    """Say in a word why a draft stands where it does."""
    if is_random:
        return Why.RANDOM
    if findings:
        return Why.QUERIED
    if score >= 0.75:
        return Why.LIKELY
    return Why.UNSURE if score >= 0.25 else Why.UNLIKELY


def _chance(run_seed: int, ordinal: int, what: str) -> float:
    digest = sha256(f"{what}/{run_seed}/{ordinal}".encode()).digest()
    return int.from_bytes(digest[:7]) / 2**56
