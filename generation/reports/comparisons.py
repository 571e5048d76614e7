"""Several systems side by side: who is better where they are equally various."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from generation.curves import Chart, Series
from generation.reports.words import Figures, cells, group_name, names, signed

_CELLS = (
    "self_bleu_4",
    "bleu_4",
    "frechet",
    "fool_rate",
    "coverage",
    "unsupported_rate",
    "distinct_4",
    "mean_length",
)


@dataclass(frozen=True)
class Sweep:
    """All that is shown of one language and kind.

    Args:
        name: which texts.
        briefs: how many.
        references: texts that people wrote for them.
        charts: quality over Self-BLEU.
        verdicts: who is better.
        heads: of the table beneath.
        rows: system, temperature, figures.
        samples: what each system wrote for some briefs that nobody chose.
        language: of the texts.
    """

    name: str
    briefs: int
    references: int
    charts: list[Chart]
    verdicts: list[Verdict]
    heads: list[str]
    rows: list[tuple[str, str, list[str]]]
    samples: list[Figures]
    language: str


def sweeps(found: Figures) -> list[Sweep]:
    """The sweeps of a comparison."""
    return [
        Sweep(
            name=group_name(sweep),
            briefs=sweep["briefs"],
            references=sweep["references"],
            charts=charts(sweep),
            verdicts=verdicts(sweep),
            heads=cell_heads(),
            rows=cell_rows(sweep),
            samples=sweep["samples"],
            language={"zh": "zh-hans"}.get(sweep["language"], sweep["language"]),
        )
        for sweep in found["sweeps"]
    ]


@dataclass(frozen=True)
class Verdict:
    """One system against another, by one figure, at equal Self-BLEU.

    Args:
        first: the one.
        second: the other.
        figure: what is compared.
        mean: how much more the first has.
        interval: where that would be with other briefs, 95 times in 100.
        is_better: whether that is good; None where the interval holds 0.
        by_seed: the same of each seed alone.
        overlap: the Self-BLEU values that it rests on.
    """

    first: str
    second: str
    figure: str
    mean: str
    interval: str
    is_better: bool | None
    by_seed: str
    overlap: str


_LOW_IS_GOOD = {"frechet", "unsupported_rate"}


def verdicts(sweep: Figures) -> list[Verdict]:
    """The differences of a sweep."""
    return [_verdict(difference) for difference in sweep["differences"]]


def _verdict(difference: Figures) -> Verdict:
    figure = difference["figure"]
    sign = -1 if figure in _LOW_IS_GOOD else 1
    low, high = sorted(sign * difference[end] for end in ("low", "high"))
    return Verdict(
        first=difference["first"],
        second=difference["second"],
        figure=names()[figure],
        mean=signed(figure, difference["mean"]),
        interval=f"{signed(figure, difference['low'])} … {signed(figure, difference['high'])}",
        is_better=True if low > 0 else False if high < 0 else None,
        by_seed=", ".join(
            "—" if mean is None else signed(figure, mean) for mean in difference["by_seed"]
        ),
        overlap=f"{difference['start']:.3f} … {difference['end']:.3f}",
    )


def cell_heads() -> list[str]:
    """What `cell_rows` is headed by, behind system and temperature."""
    return [names()[name] for name in _CELLS]


def cell_rows(sweep: Figures) -> list[tuple[str, str, list[str]]]:
    """Each system at each temperature, its seeds averaged; then people's held-out texts."""
    rows = [
        (cell["system"], f"{cell['temperature']:g}", cells(cell, _CELLS))
        for cell in averaged(sweep)
    ]
    return [*rows, (_("people, held out"), "", cells(sweep["human"], _CELLS))]


def averaged(sweep: Figures) -> list[dict[str, Any]]:
    """The cells of a sweep with the figures of all seeds averaged, in the order of the systems."""
    found: dict[tuple[str, float], list[Figures]] = {}
    for cell in sweep["cells"]:
        found.setdefault((cell["system"], cell["temperature"]), []).append(cell)
    return [
        {
            "system": system,
            "temperature": temperature,
            **{
                name: sum(cell[name] for cell in cells) / len(cells)
                for name in _CELLS
                if all(cell.get(name) is not None for cell in cells)
            },
        }
        for (system, temperature), cells in found.items()
    ]


def require_comparison(found: Any) -> None:
    """See that what was read is a comparison's report.

    Raises:
        ValueError: it is not.
    """
    try:
        is_one = all(isinstance(name, str) for name in found["data"]) and bool(found["data"])
        for sweep in found["sweeps"]:
            group_name(sweep)
            cell_rows(sweep)
            verdicts(sweep)
            charts(sweep)
            is_one = is_one and bool(sweep["cells"]) and sweep["briefs"] > 0
            [
                (system["name"], system["decoding"], [*system["digests"]])
                for system in sweep["systems"]
            ]
            [(sample["title"], sample["human"], {**sample["texts"]}) for sample in sweep["samples"]]
    except (AttributeError, KeyError, TypeError) as reason:
        raise ValueError("Something is missing.") from reason
    if not is_one or not found["sweeps"]:
        raise ValueError("Nothing was compared.")


# --- drawn --------------------------------------------------------------------------------------

_DRAWN = ("bleu_4", "frechet", "fool_rate")
_COLOURS = ("ink", "blue", "red", "green", "ochre")


def charts(sweep: Figures) -> list[Chart]:
    """Quality over Self-BLEU, one line for each system and a point for people's own texts."""
    cells_drawn = averaged(sweep)
    found = [
        _chart(sweep, cells_drawn, figure)
        for figure in _DRAWN
        if all(figure in cell for cell in cells_drawn)
    ]
    return [chart for chart in found if len(chart.places) > 1]


def _chart(sweep: Figures, drawn: Sequence[Figures], figure: str) -> Chart:
    points = {
        system["name"]: {
            round(cell["self_bleu_4"], 4): round(cell[figure], 4)
            for cell in drawn
            if cell["system"] == system["name"]
        }
        for system in sweep["systems"]
    }
    people = sweep["human"]
    looks = _looks(sweep["systems"])
    if people.get(figure) is not None:
        name = _("people, held out")
        points[name] = {people["self_bleu_4"]: people[figure]}
        looks[name] = "green", False
    places = sorted({place for of in points.values() for place in of})
    return Chart(
        slug=f"{sweep['language']}-{sweep['kind']}-{figure}",
        title=_title(sweep, figure),
        measure=_measure(figure),
        over=names()["self_bleu_4"],
        places=places,
        series=tuple(
            Series(name, looks[name][0], [of.get(place) for place in places], looks[name][1])
            for name, of in points.items()
        ),
        is_sparse=True,
    )


def _looks(systems: Sequence[Figures]) -> dict[str, tuple[str, bool]]:
    """A colour for each set of weights; dashed where one of several texts is chosen."""
    colours: dict[tuple[str, ...], str] = {}
    looks: dict[str, tuple[str, bool]] = {}
    for system in systems:
        weights = tuple(system["digests"])
        is_dashed = system["decoding"] != "plain"
        colour = colours.get(weights)
        if colour is None or (colour, is_dashed) in looks.values():
            free = [c for c in _COLOURS if (c, is_dashed) not in looks.values() and c != "green"]
            colour = free[0] if free else _COLOURS[0]
        colours.setdefault(weights, colour)
        looks[system["name"]] = colour, is_dashed
    return looks


def _title(sweep: Figures, figure: str) -> str:
    """The first comparison by this figure, as a finding; else its name."""
    for difference in sweep["differences"]:
        if difference["figure"] == figure:
            found = _verdict(difference)
            words = {
                True: _("%(first)s does better than %(second)s"),
                False: _("%(first)s does worse than %(second)s"),
                None: _("No difference between %(first)s and %(second)s is sure"),
            }[found.is_better]
            return words % {"first": found.first, "second": found.second}
    return names()[figure]


def _measure(figure: str) -> str:
    return {
        "bleu_4": _("BLEU-4 over Self-BLEU-4; higher is better, to the left is more various"),
        "frechet": _("Fréchet distance over Self-BLEU-4; lower is nearer to people's texts"),
        "fool_rate": _("share that the critic takes for people's over Self-BLEU-4; half is chance"),
    }[figure]
