"""A training's curves in words and numbers, ready to be drawn.

What a checkpoint keeps of its training (`metrics["history"]`) becomes charts whose titles say
what was found. Nothing is drawn of a phase with fewer than two points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

Values = Sequence[float | None]


@dataclass(frozen=True)
class Series:
    """One line of a chart: its name, its colour in the theme, and its values.

    Lines that cross are told apart without their colour: one is dashed, one dotted.
    """

    name: str
    colour: str
    values: Values
    is_dashed: bool = False
    is_dotted: bool = False


@dataclass(frozen=True)
class Chart:
    """One idea: a finding as the title, what is measured, and lines over one axis."""

    slug: str
    title: str
    measure: str
    over: str
    places: Sequence[float]
    series: tuple[Series, ...]
    is_sparse: bool = False  # the lines have points of their own, far apart
    labels: Sequence[str] = ()  # what stands at each place, where places are only a rank
    counts: Sequence[int] = ()  # how many were counted at each place
    decimals: int = 2  # with which a value is told
    is_share: bool = False  # per cent: the axis shows all hundred

    @property
    def data(self) -> dict[str, Any]:
        """What the script draws."""
        return {
            "over": self.over,
            "sparse": self.is_sparse,
            "places": list(self.places),
            "labels": list(self.labels),
            "decimals": self.decimals,
            "share": self.is_share,
            "series": [
                {
                    "name": line.name,
                    "colour": line.colour,
                    "dashed": line.is_dashed,
                    "dotted": line.is_dotted,
                    "values": list(line.values),
                }
                for line in self.series
            ],
        }

    @property
    def rows(self) -> list[tuple[float | str, list[float | None]]]:
        """The same numbers for the table under the chart."""
        places = self.labels or self.places
        columns = zip(*(line.values for line in self.series), strict=True)
        return [(place, list(values)) for place, values in zip(places, columns, strict=True)]

    @property
    def counted_rows(self) -> list[tuple[float | str, list[float | None], int | None]]:
        """The rows, each with how many were counted there."""
        counts = self.counts or [None] * len(self.places)
        return [(*row, count) for row, count in zip(self.rows, counts, strict=True)]


def charts(metrics: Mapping[str, Any]) -> list[Chart]:
    """Give the charts of a checkpoint; none for one that kept no history."""
    history = metrics.get("history", {})
    drawn = (_likelihood(history), _judge(history), _game(history))
    return [chart for chart in drawn if chart is not None]


def _likelihood(history: Mapping[str, Any]) -> Chart | None:
    curve = history.get("likelihood", {})
    held_out = curve.get("held_out", [])
    if len(held_out) < 2:
        return None
    return Chart(
        slug="likelihood",
        title=_moved(
            held_out,
            fell=_("The held-out loss fell from %(first).2f to %(last).2f"),
            rose=_("The held-out loss rose from %(first).2f to %(last).2f"),
        ),
        measure=_("nats a token, lower is better"),
        over=_("step"),
        places=curve["step"],
        series=(
            Series(_("held out"), "blue", held_out),
            Series(_("learnt from"), "ink", curve["loss"], is_dashed=True),
        ),
    )


def _judge(history: Mapping[str, Any]) -> Chart | None:
    """The judge's accuracy through its three phases, one behind the other."""
    phases = [
        (_("alone"), "ink", history.get("discriminator", {}), "accuracy"),
        (_("in the game"), "red", history.get("adversarial", {}), "discriminator_accuracy"),
        (_("for ranking"), "green", history.get("ranking", {}), "accuracy"),
    ]
    phases = [phase for phase in phases if phase[2].get("step")]
    size = sum(len(curve["step"]) for _name, _colour, curve, _key in phases)
    if size < 2:
        return None
    places: list[float] = []
    series: list[Series] = []
    for name, colour, curve, key in phases:
        start = places[-1] + 1 if places else 0
        before, after = len(places), size - len(places) - len(curve["step"])
        values = [*([None] * before), *curve[key], *([None] * after)]
        series.append(Series(name, colour, values))
        places += [start + step for step in curve["step"]]
    last = phases[-1][2][phases[-1][3]][-1]
    return Chart(
        slug="judge",
        title=_("The judge ends right %(share)d times in 100") % {"share": round(100 * last)},
        measure=_("share judged right in training, a moving average; half is chance"),
        over=_("step"),
        places=places,
        series=tuple(series),
    )


def _game(history: Mapping[str, Any]) -> Chart | None:
    curve = history.get("adversarial", {})
    reward = curve.get("reward", [])
    kept = [at for at, value in enumerate(reward) if value is not None]
    if len(kept) < 2:
        return None
    values = [reward[at] for at in kept]
    return Chart(
        slug="game",
        title=_moved(
            values,
            fell=_("In the game the reward fell from %(first).2f to %(last).2f"),
            rose=_("In the game the reward rose from %(first).2f to %(last).2f"),
        ),
        measure=_("log of the judge's belief, less the pull to where the game began"),
        over=_("round"),
        places=[curve["step"][at] for at in kept],
        series=(Series(_("reward"), "blue", values),),
    )


def _moved(values: Values, *, fell: str, rose: str) -> str:
    first, last = values[0], values[-1]
    return (fell if last < first else rose) % {"first": first, "last": last}
