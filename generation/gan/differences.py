"""Which of two systems is better where they are equally various, and how sure that is.

Over temperature a system draws a curve: a figure of quality over Self-BLEU. Two curves are
compared where both have a value, and the briefs are drawn anew, the same for both, to see how the
difference would have turned out with others. Letters: N briefs,
F features in each of P projections, R draws of N briefs.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from generation.gan import metrics
from generation.gan.features import Moments, frechet_distance, moments
from generation.gan.figures import Crowd

QUALITIES = ("bleu_4", "frechet", "fool_rate", "coverage", "unsupported_rate")
RESAMPLES = 1000
DISTANCE_RESAMPLES = 200  # a distance takes milliseconds where the others take none
_PLACES = 21  # Self-BLEU values at which two curves are compared
_INTERVAL = (0.025, 0.975)


@dataclass(frozen=True, eq=False)
class Cell:
    """What one system wrote at one temperature with one seed, counted for each brief.

    Args:
        system: who wrote.
        temperature: of the sampling.
        seed: of the texts.
        texts: one for each brief.
        tokens: the same, cut.
        counts: what BLEU sums, (N, 10): see `metrics.bleu_counts`.
        alike: BLEU-4 of each text against all the others, (N,).
        told: given values that the text tells, and given values, (N, 2).
        made_up: whether the text holds a number that the brief lacks, (N,).
        features: (N, P, F).
        fooled: whether the critic took the text for a person's, (N,); None if nobody asked.
    """

    system: str
    temperature: float
    seed: int
    texts: tuple[str, ...]
    tokens: tuple[tuple[str, ...], ...]
    counts: Tensor
    alike: Tensor
    told: Tensor
    made_up: Tensor
    features: Tensor
    fooled: Tensor | None = None

    def figure(self, name: str, weights: Tensor) -> Tensor:
        """One of the figures that are sums over briefs, for draws of briefs (R, N): (R,)."""
        weights = weights.double()
        if name == "bleu_4":
            sums = weights @ self.counts.double()
            return torch.tensor([metrics.bleu_of(row) for row in sums.tolist()], dtype=torch.double)
        if name == "coverage":
            told, given = (weights @ self.told.double()).unbind(1)
            return told / given
        each = {
            "self_bleu_4": self.alike,
            "unsupported_rate": self.made_up,
            "fool_rate": self.fooled,
        }[name]
        return weights @ each.double() / weights.sum(1)

    def sums(self, names: Sequence[str]) -> dict[str, float]:
        """These figures over all briefs, rounded; without the critic's if nobody asked it."""
        once = torch.ones(1, len(self.texts))
        return {
            name: round(float(self.figure(name, once)[0]), 4)
            for name in names
            if name != "fool_rate" or self.fooled is not None
        }

    def row(self, people: Moments) -> dict[str, Any]:
        """Every figure, rounded."""
        return {
            "system": self.system,
            "temperature": self.temperature,
            "seed": self.seed,
            **self.sums(("bleu_4", "self_bleu_4", "coverage", "unsupported_rate", "fool_rate")),
            "frechet": round(frechet_distance(moments(self.features), people), 2),
            "distinct_4": round(metrics.distinct(self.tokens, 4), 4),
            "mean_length": round(sum(map(len, self.texts)) / len(self.texts), 1),
        }


@dataclass(frozen=True, eq=False)
class Sweep:
    """All that several systems wrote for the same briefs, and people's features beside it.

    Args:
        people: of all that people wrote for the briefs.
        cells: what was written.
    """

    people: Crowd
    cells: Sequence[Cell]

    def of(self, system: str) -> list[Cell]:
        """What one system wrote."""
        return [cell for cell in self.cells if cell.system == system]


@dataclass(frozen=True)
class Difference:
    """How much more the first system has of a figure than the second, at equal Self-BLEU.

    Args:
        first: name of a system.
        second: name of the one that it is compared with.
        figure: what is compared.
        mean: over the Self-BLEU values that both reach.
        low: the interval's lower end, 2.5 of 100 draws are below it.
        high: the upper one.
        start: the least Self-BLEU that both reach.
        end: the most.
        by_seed: the same mean for each seed alone; None where its curves do not overlap.
        resamples: how many draws the interval rests on.
    """

    first: str
    second: str
    figure: str
    mean: float
    low: float
    high: float
    start: float
    end: float
    by_seed: tuple[float | None, ...]
    resamples: int

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON-ready data, rounded."""
        return {
            name: round(value, 4) if isinstance(value, float) else value
            for name, value in {**vars(self), "by_seed": list(self.by_seed)}.items()
        }


Curve = list[tuple[float, float]]  # (Self-BLEU, figure), by Self-BLEU


@dataclass(eq=False)
class Bootstrap:
    """The briefs drawn anew, the same for every system (Efron and Tibshirani 1993, chapter 13).

    A draw counts what a brief weighs; nothing is written or counted again. A text's own Self-BLEU
    stays what it is among all the texts: a brief that is drawn twice is not two texts alike.

    `weights` (1 + R, N) says how often each brief counts: once, and then in each draw.
    """

    sweep: Sweep
    seed: int
    resamples: int = RESAMPLES
    distance_resamples: int = DISTANCE_RESAMPLES
    weights: Tensor = field(init=False)
    _values: dict[tuple[str | int, ...], Tensor] = field(default_factory=dict)
    _people: list[Moments] = field(default_factory=list)

    def __post_init__(self) -> None:
        size = self.sweep.people.size
        chance = torch.Generator().manual_seed(self.seed)
        drawn = torch.randint(size, (self.resamples, size), generator=chance)
        counts = torch.zeros(self.resamples, size).scatter_add_(1, drawn, torch.ones(drawn.shape))
        self.weights = torch.cat([torch.ones(1, size), counts])

    def values(self, cells: Sequence[Cell], figure: str, *, is_drawn: bool = True) -> Tensor:
        """A figure over the briefs as they are, and then over each draw: (1 + R,).

        Of several cells it is the mean; of the distance, that of all their texts as one set: a
        distance falls with the number of texts, and what a few happened to say falls out of it.

        Args:
            cells: texts for the same briefs.
            figure: which.
            is_drawn: whether the draws are asked for, or the first value alone.
        """
        key = (figure, is_drawn, *map(id, cells))
        if key not in self._values:
            weights = self.weights if is_drawn else self.weights[:1]
            self._values[key] = (
                self._distances(cells, weights[: 1 + self.distance_resamples])
                if figure == "frechet"
                else torch.stack([cell.figure(figure, weights) for cell in cells]).mean(0)
            )
        return self._values[key]

    def compare(self, first: str, second: str, figure: str) -> Difference | None:
        """Compare two systems; None where their curves do not overlap or nobody measured."""
        ours, theirs = self.sweep.of(first), self.sweep.of(second)
        if figure == "fool_rate" and any(cell.fooled is None for cell in [*ours, *theirs]):
            return None
        found = _between(*self._curves(ours, figure)[:1], *self._curves(theirs, figure)[:1])
        if found is None:
            return None
        mean, start, end = found
        pairs = zip(self._curves(ours, figure)[1:], self._curves(theirs, figure)[1:], strict=True)
        drawn = [found[0] for pair in pairs if (found := _between(*pair)) is not None]
        spread = torch.tensor(drawn or [mean], dtype=torch.double)
        low, high = torch.quantile(spread, torch.tensor(_INTERVAL, dtype=torch.double)).tolist()
        return Difference(
            first,
            second,
            figure,
            mean=mean,
            low=low,
            high=high,
            start=start,
            end=end,
            by_seed=tuple(self._by_seed(ours, theirs, figure)),
            resamples=len(drawn),
        )

    def _curves(self, cells: Sequence[Cell], figure: str, *, is_drawn: bool = True) -> list[Curve]:
        """The curve of a system over the briefs as they are, and over each draw; seeds together."""
        points = []
        for temperature in sorted({cell.temperature for cell in cells}):
            some = [cell for cell in cells if cell.temperature == temperature]
            quality, alike = (
                self.values(some, name, is_drawn=is_drawn) for name in (figure, "self_bleu_4")
            )
            points.append((alike[: len(quality)].tolist(), quality.tolist()))
        draws = len(points[0][0])
        return [
            sorted((alike[at], quality[at]) for alike, quality in points) for at in range(draws)
        ]

    def _by_seed(
        self, ours: Sequence[Cell], theirs: Sequence[Cell], figure: str
    ) -> list[float | None]:
        means = []
        for seed in sorted({cell.seed for cell in ours} & {cell.seed for cell in theirs}):
            curves = [
                self._curves([cell for cell in cells if cell.seed == seed], figure, is_drawn=False)[
                    0
                ]
                for cells in (ours, theirs)
            ]
            found = _between(*curves)
            means.append(None if found is None else round(found[0], 4))
        return means

    def _distances(self, cells: Sequence[Cell], draws: Tensor) -> Tensor:
        if len(self._people) < len(draws):
            self._people = [self.sweep.people.moments(weights) for weights in draws]
        ours = torch.cat([cell.features for cell in cells])
        distances = [
            frechet_distance(moments(ours, weights.repeat(len(cells))), people)
            for weights, people in zip(draws, self._people, strict=False)
        ]
        return torch.tensor(distances, dtype=torch.double)


def _between(first: Curve, second: Curve) -> tuple[float, float, float] | None:
    """The mean difference of two curves where both have a value, and where that begins and ends."""
    start, end = max(first[0][0], second[0][0]), min(first[-1][0], second[-1][0])
    if start >= end:
        return None
    places = [start + (end - start) * at / (_PLACES - 1) for at in range(_PLACES)]
    mean = sum(_at(first, place) - _at(second, place) for place in places) / _PLACES
    return mean, start, end


def _at(curve: Curve, place: float) -> float:
    """The height of a curve between its points, on a straight line."""
    after = min(max(bisect_left(curve, (place,)), 1), len(curve) - 1)
    (left, low), (right, high) = curve[after - 1], curve[after]
    if right == left:
        return low
    return low + (high - low) * min(1.0, (place - left) / (right - left))
