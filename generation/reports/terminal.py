"""What was found as lines of a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from generation.reports.comparisons import verdicts
from generation.reports.evaluations import tables
from generation.reports.words import Figures, group_name


def lines(figures: Figures) -> Iterator[str]:
    """An evaluation or a comparison as lines of a terminal."""
    for table in tables(figures):
        yield f"{figures['data']}: {table.name}"
        for remark in table.remarks:
            yield f"  {remark}"
        for words, ours, theirs in table.rows:
            yield f"  {words}: {ours} ({_('people')}: {theirs})"
        for words, ours, theirs in table.ceiling:
            yield f"  {_('against the same references')}: {words}: {ours} ({_('people')}: {theirs})"
    for sweep in figures.get("sweeps", []):
        yield f"{', '.join(figures['data'])}: {group_name(sweep)}"
        for verdict in verdicts(sweep):
            yield (
                f"  {verdict.first} / {verdict.second}: {verdict.figure} {verdict.mean} "
                f"({verdict.interval})"
            )
