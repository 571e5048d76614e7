"""Trainings in charts, samples and rows: one while it runs, and several side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from generation.choices import SETTINGS, all_settings, plain
from generation.curves import Chart, Series

_PHASES = ("likelihood", "discriminator", "adversarial", "ranking")
_SHOWN_SAMPLES = 6
_SAMPLE_LANGUAGES = ("zh", "en")

Points = Sequence[tuple[str, int, Mapping[str, Any]]]


@dataclass(frozen=True)
class _Line:
    """A line of a chart: its name and colour, and which figure it shows in which phase."""

    name: str
    colour: str
    figures: Mapping[str, str]
    is_dashed: bool = False


def points_of(history: Mapping[str, Mapping[str, Sequence[Any]]]) -> list[tuple[str, int, dict]]:
    """The points of a training that is over, from the curves that its checkpoint keeps."""
    found = []
    for phase in _PHASES:
        curve = history.get(phase, {})
        names = [name for name in curve if name != "step"]
        for at, step in enumerate(curve.get("step", [])):
            found.append((phase, step, {name: curve[name][at] for name in names}))
    return found


def charts(points: Points) -> list[Chart]:
    """Both losses, the judge on held-out texts, variety, gradients, and the loss held out."""
    judge = {"discriminator": "discriminator_loss", "ranking": "discriminator_loss"}
    seen = {"adversarial": "held_out_accuracy", "discriminator": "held_out_accuracy"}
    drawn = [
        _chart(
            points,
            slug="losses",
            title=_("The judge's loss went from %(first).2f to %(last).2f"),
            measure=_("losses of writer and judge"),
            lines=[
                _Line(_("judge"), "red", judge | {"adversarial": "discriminator_loss"}),
                _Line(_("writer"), "blue", {"adversarial": "generator_loss"}),
            ],
        ),
        _chart(
            points,
            slug="accuracy",
            title=_("The judge gets %(last).0f in 100 held-out texts right, %(first).0f at first"),
            measure=_("per cent judged right, held out; 50 is chance"),
            lines=[_Line(_("held out"), "red", seen | {"ranking": "held_out_accuracy"})],
            factor=100,
        ),
        _chart(
            points,
            slug="variety",
            title=_("Distinct 4-grams went from %(first).2f to %(last).2f"),
            measure=_("of the same held-out briefs; self-BLEU-4 is lower where texts differ more"),
            lines=[
                _Line(_("distinct 4-grams"), "green", _everywhere("distinct_4")),
                _Line(_("self-BLEU-4"), "ink", _everywhere("self_bleu_4"), is_dashed=True),
            ],
        ),
        _chart(
            points,
            slug="gradient",
            title=_("The gradient's norm went from %(first).2f to %(last).2f"),
            measure=_("before it is clipped at 1"),
            lines=[
                _Line(_("writer"), "blue", _everywhere("gradient_norm")),
                _Line(
                    _("judge"),
                    "red",
                    {"discriminator": "gradient_norm", "ranking": "gradient_norm"},
                    is_dashed=True,
                ),
            ],
        ),
        _chart(
            points,
            slug="held-out",
            title=_("The held-out loss went from %(first).2f to %(last).2f"),
            measure=_("nats a token, lower is better"),
            lines=[
                _Line(_("held out"), "blue", _everywhere("held_out")),
                _Line(_("learnt from"), "ink", {"likelihood": "loss"}, is_dashed=True),
            ],
        ),
    ]
    return [chart for chart in drawn if chart is not None]


def _everywhere(figure: str) -> dict[str, str]:
    """A figure of the writer, in the two phases in which it learns."""
    return {"likelihood": figure, "adversarial": figure}


def _chart(
    points: Points,
    *,
    slug: str,
    title: str,
    measure: str,
    lines: Sequence[_Line],
    factor: float = 1,
) -> Chart | None:
    """Lines over the steps of all phases, one behind the other; None with fewer than two points.

    The title's first and last are those of the first line that has two points.
    """
    rows, place, last = [], 0, None
    for phase, step, figures in points:
        place += 1 if last is None or last[0] != phase else max(step - last[1], 0)
        last = (phase, step)
        values = [_value(figures, line.figures.get(phase), factor) for line in lines]
        if any(value is not None for value in values):
            rows.append((place, values))
    columns = [[values[at] for _place, values in rows] for at in range(len(lines))]
    told = [column for column in columns if sum(value is not None for value in column) > 1]
    if not told:
        return None
    known = [value for value in told[0] if value is not None]
    return Chart(
        slug=slug,
        title=title % {"first": known[0], "last": known[-1]},
        measure=measure,
        over=_("step"),
        places=[place for place, _values in rows],
        series=tuple(
            Series(line.name, line.colour, column, is_dashed=line.is_dashed)
            for line, column in zip(lines, columns, strict=True)
        ),
        is_sparse=True,
    )


def _value(figures: Mapping[str, Any], name: str | None, factor: float) -> float | None:
    value = figures.get(name) if name else None
    return None if value is None else round(factor * value, 4)


def samples(points: Points) -> list[tuple[str, int, list[dict[str, str]]]]:
    """The same briefs written again as the training went on: phase, step, and a text of each.

    One brief of each language, and the first, the last and some steps between.
    """
    found = [
        (phase_name(phase), step, _of_each(figures["samples"]))
        for phase, step, figures in points
        if figures.get("samples")
    ]
    if len(found) > _SHOWN_SAMPLES:
        stride = (len(found) - 1) / (_SHOWN_SAMPLES - 1)
        found = [found[round(at * stride)] for at in range(_SHOWN_SAMPLES)]
    return found


def _of_each(texts: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    first = {text["language"]: text for text in reversed(texts)}
    return [dict(first[language]) for language in _SAMPLE_LANGUAGES if language in first]


def phase_name(phase: str) -> str:
    """What a phase of a training is called."""
    return {
        "prepared": _("reading the texts"),
        "likelihood": _("learning the texts"),
        "discriminator": _("the judge learns alone"),
        "adversarial": _("writer and judge play"),
        "ranking": _("the judge learns to rank"),
        "measuring": _("its figures are measured"),
    }.get(phase, "")


def stage(line: Mapping[str, Any]) -> str:
    """Say where a training is."""
    phase = phase_name(line.get("phase", ""))
    if phase and "step" in line:
        return _("%(phase)s, step %(step)d") % {"phase": phase, "step": line["step"]}
    return phase


def origin(order: Any) -> str:
    """Say what a training began from."""
    names = {"name": order.parent.name if order.parent else "—"}
    return {
        "feedback": _("continues %(name)s"),
        "full": _("from nothing"),
        "large": _("tunes the language model, judged first by %(name)s"),
    }[order.kind] % names


def changed(settings: Mapping[str, float]) -> list[tuple[str, str]]:
    """The settings of a training that are not as usual."""
    return [
        (str(setting.label), plain(settings[setting.name]))
        for setting in SETTINGS
        if setting.name in settings
    ]


@dataclass(frozen=True)
class Row:
    """One line of a comparison: what it is of, and a value for each training."""

    name: str
    values: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Say whether the trainings are not all alike in this."""
        return len(set(self.values)) > 1


def setting_rows(orders: Sequence[Any]) -> list[Row]:
    """What was set of each training, side by side; a dash where one does not have it."""
    every = [_settings_of(order) for order in orders]
    rows = [
        Row(
            _("what"),
            tuple(
                {
                    "feedback": _("from the decisions"),
                    "full": _("from nothing"),
                    "large": _("a language model is tuned"),
                }[order.kind]
                for order in orders
            ),
        ),
        Row(_("corpora"), tuple(", ".join(order.corpus) or "—" for order in orders)),
        Row(_("continues"), tuple(order.parent.name if order.parent else "—" for order in orders)),
        Row(_("minutes"), tuple(plain(float(order.minutes)) for order in orders)),
        Row(_("seed"), tuple(str(order.seed) for order in orders)),
    ]
    return rows + [
        Row(
            str(setting.label),
            tuple(plain(own[setting.name]) if setting.name in own else "—" for own in every),
        )
        for setting in SETTINGS
        if any(setting.name in own for own in every)
    ]


def _settings_of(order: Any) -> dict[str, float]:
    """Every setting of a training: as its checkpoint's card says, else as usual or as changed."""
    wanted = all_settings(order.settings, order.kind)
    kept = order.checkpoint.metrics.get("training", {}) if order.checkpoint else {}
    return {name: kept.get(name, value) for name, value in wanted.items()}


def figure_rows(orders: Sequence[Any]) -> list[Row]:
    """What came of each training, side by side."""
    columns = [dict(figures(order)) for order in orders]
    names = list(dict.fromkeys(name for column in columns for name in column))
    return [Row(name, tuple(column.get(name, "—") for column in columns)) for name in names]


def bases(orders: Sequence[Any]) -> int:
    """How many base corpora these trainings were asked about; figures of one alone compare."""
    asked = [
        order.checkpoint.metrics.get("fitness", {}).get("asked")
        for order in orders
        if order.checkpoint
    ]
    return len(set(filter(None, asked)))


def figures(order: Any) -> list[tuple[str, str]]:
    """What came of a training, in figures that compare; nothing of one without a checkpoint."""
    metrics = order.checkpoint.metrics if order.checkpoint else {}
    fitness, agreement = metrics.get("fitness", {}), metrics.get("agreement", {})
    lessons = metrics.get("lessons")
    rows = [
        (_("lessons"), sum(lessons.values()) if isinstance(lessons, dict) else lessons),
        (_("base corpus: loss, nats a character"), fitness.get("loss")),
        (_("base corpus: facts told"), fitness.get("coverage")),
        (_("base corpus: texts with a made-up number"), fitness.get("unsupported")),
        (_("judged right, held out"), metrics.get("discriminator_accuracy")),
        (_("agrees with editors, before (AUC)"), agreement.get("before")),
        (_("agrees with editors, after (AUC)"), agreement.get("after")),
        (_("distinct 4-grams, Chinese"), metrics.get("distinct_4_zh_generated")),
        (_("distinct 4-grams, English"), metrics.get("distinct_4_en_generated")),
    ]
    return [
        (name, f"{value:.3f}" if isinstance(value, float) else str(value))
        for name, value in rows
        if value is not None
    ]
