"""One checkpoint's figures beside people's, and many checkpoints side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation.curves import Chart, Series
from generation.reports.words import Figures, cells, group_name, names, said

# What a table of many checkpoints has room for.
_BOARD = (
    "bleu_4",
    "chatglm_bleu_4",
    "rouge_l",
    "coverage",
    "unsupported_rate",
    "fool_rate",
    "frechet",
    "self_bleu_4",
    "distinct_4",
    "repetition_4",
)
_FEWEST_SHARED = 10  # briefs with several texts; one with two nearly equal ones says BLEU 95


@dataclass(frozen=True)
class Table:
    """Figures of one language and kind: the writer's beside people's.

    Args:
        name: which texts.
        remarks: how many there were, and what else a reader has to know.
        rows: what is measured, the writer's figure, people's.
        ceiling: the same for likeness, people's first texts and the writer's against people's
            other texts; empty where nobody wrote two texts for a brief.
        ceiling_briefs: how many briefs that rests on.
        samples: some texts that nobody chose.
        language: of the texts.
    """

    name: str
    remarks: list[str]
    rows: list[tuple[str, str, str]]
    ceiling: list[tuple[str, str, str]]
    ceiling_briefs: int
    samples: list[Figures]
    language: str


def tables(figures: Figures) -> list[Table]:
    """The tables of one evaluation."""
    return [_table(group, figures.get("style", "")) for group in figures.get("groups", [])]


def _table(group: Figures, style: str) -> Table:
    ours, theirs = group["rows"]["generated"], group["rows"]["human"]
    ceiling = group["ceiling"]
    return Table(
        name=group_name(group),
        remarks=_remarks(group, style),
        rows=_rows(ours, theirs),
        ceiling=_rows(ceiling["generated"], ceiling["human"]) if _is_ceiling(ceiling) else [],
        ceiling_briefs=ceiling["briefs"],
        samples=group["samples"],
        language={"zh": "zh-hans"}.get(group["language"], group["language"]),
    )


def _rows(ours: Figures, theirs: Figures) -> list[tuple[str, str, str]]:
    return [
        (words, said(name, ours.get(name)), said(name, theirs.get(name)))
        for name, words in names().items()
        if name in ours or name in theirs
    ]


def _remarks(group: Figures, style: str) -> list[str]:
    counts = {"briefs": group["briefs"], "references": group["references"]}
    remarks = [_("briefs: %(briefs)d, people's texts for them: %(references)d") % counts]
    if style:
        remarks.append(_("written in the style “%(style)s”") % {"style": style})
    if group["below_floor"]:
        words = ngettext(
            "%(count)d text of which the writer is less sure than it offers to a shop",
            "%(count)d texts of which the writer is less sure than it offers to a shop",
            group["below_floor"],
        )
        remarks.append(words % {"count": group["below_floor"]})
    if group["unwritten"]:
        words = ngettext(
            "%(count)d brief without a text", "%(count)d briefs without a text", group["unwritten"]
        )
        remarks.append(words % {"count": group["unwritten"]})
    if group["rouge_words"] == "characters":
        remarks.append(_("ROUGE-L on characters"))
    return remarks


@dataclass
class Board:
    """Checkpoints side by side on the same texts: of each its newest evaluation.

    Args:
        data: the texts.
        name: their language and kind.
        heads: what is measured.
        rows: an evaluation, how many briefs it had, and its figures.
        people: people's figures, as the newest evaluation found them.
    """

    data: str
    name: str
    heads: list[str]
    rows: list[tuple[Any, int, list[str]]] = field(default_factory=list)
    people: list[str] = field(default_factory=list)


def boards(evaluations: Iterable[Any]) -> list[Board]:
    """Sort evaluations, newest first, by what they measured.

    Args:
        evaluations: each with `checkpoint_id`, `data` and `figures`.
    """
    found: dict[tuple[str, str, str], Board] = {}
    seen: set[tuple[int, str]] = set()
    for evaluation in evaluations:
        whose = evaluation.checkpoint_id, evaluation.data
        if whose in seen:
            continue
        seen.add(whose)
        for group in evaluation.figures["groups"]:
            key = evaluation.data, group["language"], group["kind"]
            board = found.setdefault(
                key, Board(evaluation.data, group_name(group), [names()[name] for name in _BOARD])
            )
            board.rows.append(
                (evaluation, group["briefs"], cells(group["rows"]["generated"], _BOARD))
            )
            board.people = board.people or cells(_people(group), _BOARD)
    return [found[key] for key in sorted(found)]


def charts(evaluations: Iterable[Any]) -> list[Chart]:
    """How likeness went from one evaluation to the next on the same texts, oldest first.

    Nothing is drawn of a language and kind that was measured once.
    """
    found: dict[tuple[str, str], list[tuple[Any, Figures]]] = {}
    for evaluation in evaluations:
        for group in evaluation.figures["groups"]:
            key = group["language"], group["kind"]
            found.setdefault(key, []).append((evaluation, group))
    return [_history(items) for items in found.values() if len(items) > 1]


def _history(items: list[tuple[Any, Figures]]) -> Chart:
    groups = [group for _evaluation, group in items]
    ours = [group["rows"]["generated"].get("bleu_4") for group in groups]
    name = group_name(groups[0])
    return Chart(
        slug=f"history-{groups[0]['language']}-{groups[0]['kind']}",
        title=_("%(texts)s: BLEU-4 went from %(first).2f to %(last).2f")
        % {"texts": name, "first": ours[0] or 0, "last": ours[-1] or 0},
        measure=_("all references, higher is better; the number is that of the evaluation"),
        over=_("evaluation"),
        places=[evaluation.pk for evaluation, _group in items],
        series=(Series(_("the writer"), "blue", ours),),
    )


def _people(group: Figures) -> Figures:
    """People's figures, with the likeness of their first texts to their others."""
    ceiling = group["ceiling"]
    return {**(ceiling["human"] if _is_ceiling(ceiling) else {}), **group["rows"]["human"]}


def _is_ceiling(ceiling: Figures) -> bool:
    """Whether people's texts were held against each other for enough briefs to say anything."""
    return ceiling["briefs"] >= _FEWEST_SHARED
