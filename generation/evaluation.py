"""Evaluation: held-out texts to figures that are kept beside the checkpoint they are of."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from generation.briefs import read_briefs
from generation.errors import NothingToMeasure, ReportUnreadable
from generation.models import Checkpoint, Evaluation
from generation.reports.comparisons import require_comparison
from generation.writers import get_writer, get_writer_class

Report = Callable[[dict[str, Any]], None]


def evaluate(
    checkpoint: Checkpoint, data: Path, *, limit: int, seed: int, style: str | None = None
) -> Evaluation:
    """Measure a checkpoint on a file of texts that it did not learn from.

    Args:
        checkpoint: who writes.
        data: the texts.
        limit: most briefs to write for.
        seed: of every choice.
        style: the register to write in; that of each brief where none is given.

    Raises:
        CheckpointMissing: its files are gone.
        CheckpointUnusable: they are damaged.
        BriefsUnreadable: the file cannot be read; the sentence names the line.
        NothingToMeasure: it holds no text, or the writer knows no such style.
    """
    _require_texts(data)
    writer = get_writer(checkpoint.require_files())
    figures = writer.evaluate(data, limit=limit, seed=seed, style=style)
    named = f"{figures['data']} ({style})" if style else figures["data"]  # not the same to compare
    return Evaluation.objects.create(checkpoint=checkpoint, data=named, figures=figures)


def compare(
    plan: Path, data: Sequence[Path], *, limit: int, seed: int, report: Report
) -> Evaluation:
    """Let the systems of a plan write for the same held-out briefs, and keep what came out.

    Raises:
        ReportUnreadable: it is no plan, or what it names is not there.
        BriefsUnreadable: a file cannot be read; the sentence names the line.
        NothingToMeasure: the files hold too few briefs.
    """
    for path in data:
        _require_texts(path)
    found = get_writer_class().compare(plan, data, limit=limit, seed=seed, report=report)
    return _kept(found)


def keep_report(path: Path) -> Evaluation:
    """Keep what `python -m generation.gan compare` found, on this machine or another.

    Raises:
        ReportUnreadable: the file is no such report.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        require_comparison(found)
    except FileNotFoundError as reason:
        raise ReportUnreadable(_("There is no file %(file)s.") % {"file": path}) from reason
    except (RecursionError, ValueError) as reason:
        raise ReportUnreadable(
            _("%(file)s is not the report of a comparison: make one with “%(command)s”.")
            % {"file": path.name, "command": "python -m generation.gan compare"}
        ) from reason
    return _kept(found)


def _kept(found: dict[str, Any]) -> Evaluation:
    return Evaluation.objects.create(data=", ".join(found["data"])[:200], figures=found)


def _require_texts(data: Path) -> None:
    """Read the file once to its end, so that nobody waits for a writer to be told of a bad line."""
    texts = [record.text.strip() for record in read_briefs(data)]
    if not any(texts):
        raise NothingToMeasure(
            _("%(file)s holds no text to measure against: its records need a “text”.")
            % {"file": data.name}
        )
