"""How the desk does, in words, charts and tables, for those who lead it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from io import StringIO
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Campaign, ContentKind
from catalog.templatetags.catalog_words import name_here
from generation.curves import Chart, Series
from generation.models import Draft
from generation.statistics import Share
from review.statistics import FEWEST, VERDICTS, Agreement, Forecast, Median, Tally

# What a spreadsheet takes for the beginning of a formula, the wide ones of Chinese keyboards too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001


@dataclass(frozen=True)
class Figures:
    """What was counted at one moment; plain data, fit to be kept.

    Args:
        at: when.
        is_new: nobody has decided anything yet, whatever is asked for.
        today: what was decided today.
        by_day: the verdicts that were given on each day, the first first; like `today` and
            `by_editor` they are work that was done, so that both of two on one draft count.
        by_week: what was decided of drafts in each week that has any; it begins on a Monday.
        by_editor: of each, the name, what they decided, and on how many days.
        by_checkpoint: what was decided of each one's drafts.
        by_kind: the same of each kind of copy.
        reasons: how many drafts were rejected for each.
        medians: how long each verdict took.
        waiting: drafts, and of them (`hour`, `day`, `three`, `seven`) those older than that.
        oldest: the draft that waits longest.
        campaigns: each with how many of its drafts are decided and how many there are.
        agreement: of two people on one draft.
        by_place: what was decided of what chance placed in the queue (True), and of the rest.
        foresight: how often the discriminator scored an accepted draft higher than a rejected one,
            of those that chance placed; None where too few were decided to say.
    """

    at: datetime
    is_new: bool
    today: Tally
    by_day: list[tuple[date, Tally]]
    by_week: list[tuple[date, Tally]]
    by_editor: list[tuple[str, Tally, int]]
    by_checkpoint: list[tuple[str, Tally]]
    by_kind: list[tuple[ContentKind, Tally]]
    reasons: dict[str, int]
    medians: dict[str, Median]
    waiting: dict[str, int]
    oldest: Draft | None
    campaigns: list[tuple[Campaign, Share]]
    agreement: Agreement
    by_place: list[tuple[bool, Tally]]
    foresight: float | None

    @cached_property
    def done(self) -> Tally:
        """All verdicts that were given."""
        return sum((tally for _day, tally in self.by_day), Tally())

    @property
    def days(self) -> int:
        """On how many days somebody decided."""
        return sum(bool(tally.n) for _day, tally in self.by_day)


@dataclass(frozen=True)
class Line:
    """A row of a breakdown: what was decided of the drafts of one name, or by one person."""

    name: str
    tally: Tally
    days: int = 0

    @property
    def per_day(self) -> float | None:
        """Decisions on a day with any."""
        return self.tally.n / self.days if self.days else None


@dataclass(frozen=True)
class Breakdown:
    """What was decided, cut by one thing.

    Args:
        slug: of what it is cut by.
        title: the same for people.
        head: what a row is.
        lines: its rows.
        is_of_people: rows are people, of whom pace is told, and never alone.
        told: a sentence more, for people.
    """

    slug: str
    title: str
    head: str
    lines: list[Line] = field(default_factory=list)
    is_of_people: bool = False
    told: str = ""


def breakdowns(figures: Figures) -> list[Breakdown]:
    """Cut what was decided by week, checkpoint, kind, place in the queue and editor."""
    weeks = [Line(f"{week:%Y-%m-%d}", tally) for week, tally in figures.by_week]
    return [
        Breakdown("week", _("By week"), _("week of"), weeks),
        Breakdown(
            "checkpoint",
            _("By checkpoint"),
            _("Checkpoint"),
            [Line(name, tally) for name, tally in figures.by_checkpoint],
        ),
        Breakdown(
            "kind",
            _("By kind"),
            _("Kind"),
            [Line(name_here(kind), tally) for kind, tally in figures.by_kind],
        ),
        _by_place(figures),
        Breakdown(
            "editor",
            _("By editor"),
            _("Editor"),
            [Line(*one) for one in figures.by_editor],
            is_of_people=True,
        ),
    ]


def _by_place(figures: Figures) -> Breakdown:
    """What the order of the queue does: what it put where, against what chance did."""
    names = {True: _("placed by chance"), False: _("placed by the order")}
    lines = [Line(names[by_chance], tally) for by_chance, tally in figures.by_place]
    told = [_("One draft in twenty is placed by chance: they stand for all that is written.")]
    if figures.foresight is not None:
        words = _(
            "Of an accepted and a rejected one of them the discriminator scored the accepted one"
            " higher in %(number).0f of 100 pairs; 50 would be guessing."
        )
        told.append(words % {"number": 100 * figures.foresight})
    return Breakdown("place", _("By place in the queue"), _("Place"), lines, told=" ".join(told))


def pace(figures: Figures) -> Chart | None:
    """How much was decided on each day; nothing of a time in which nobody did."""
    if not figures.days:
        return None
    counts = [tally.n for _day, tally in figures.by_day]
    said = {"number": round(sum(counts) / figures.days), "days": figures.days, "all": len(counts)}
    return Chart(
        slug="pace",
        title=_("On %(days)d of %(all)d days somebody decided, about %(number)d drafts each")
        % said,
        measure=_("decisions a day"),
        over=_("day"),
        places=list(range(len(counts))),
        series=(Series(_("decided drafts"), "blue", counts),),
        labels=[f"{day:%m-%d}" for day, _tally in figures.by_day],
        decimals=0,
    )


def weeks(figures: Figures) -> Chart | None:
    """What became of the drafts of each week; nothing of fewer than two."""
    known = figures.by_week
    if len(known) < 2:
        return None
    of_verdict = zip(*(tally.shares for _week, tally in known), strict=True)
    approved, edited, rejected = (
        [round(100 * share.value, 1) for share in shares] for shares in of_verdict
    )
    return Chart(
        slug="weeks",
        title=_("%(last).0f in 100 drafts go out as they were written, %(first).0f at first")
        % {"first": approved[0], "last": approved[-1]},
        measure=_("per cent of the decided drafts"),
        over=_("week of"),
        places=list(range(len(known))),
        series=(
            Series(_("as it was"), "green", approved),
            Series(_("edited"), "blue", edited, is_dashed=True),
            Series(_("rejected"), "red", rejected, is_dotted=True),
        ),
        is_sparse=True,
        labels=[f"{week:%Y-%m-%d}" for week, _tally in known],
        counts=[tally.n for _week, tally in known],
        decimals=1,
        is_share=True,
    )


def ages(waiting: dict[str, int]) -> list[tuple[str, int]]:
    """How many drafts have waited how long, the youngest first."""
    names = (_("under an hour"), _("under a day"), _("1 to 3 days"), _("3 to 7 days"))
    older = [waiting[name] for name in ("all", "hour", "day", "three", "seven")]
    between = [more - fewer for more, fewer in pairwise(older)]
    return [*zip(names, between, strict=True), (_("7 days and more"), older[-1])]


def said(forecast: Forecast) -> list[str]:
    """When the queue will be empty, as far as that can be said, in a sentence or more."""
    if not forecast.waiting:
        return [_("Nothing waits.")]
    told = []
    if forecast.hours is not None:
        words = _("At this pace the queue is empty after about %(time)s of work.")
        told.append(words % {"time": duration(forecast.hours)})
    if forecast.days is not None:
        words = ngettext(
            "As much as waits is decided in %(count)d day like those with decisions.",
            "As much as waits is decided in %(count)d days like those with decisions.",
            forecast.days,
        )
        told.append(words % {"count": forecast.days})
    if told:
        return [*told, _("Drafts that are yet to be written come on top.")]
    words = _("Too little was decided to say when the queue is empty.")
    more = _("It takes at least %(fewest)d decisions whose time was taken.")
    return [words, more % {"fewest": FEWEST}]


def duration(hours: float) -> str:
    """A length of time in hours or, below two of them, in minutes."""
    if hours < 2:
        minutes = max(1, round(60 * hours))
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    return ngettext("%(count)d hour", "%(count)d hours", round(hours)) % {"count": round(hours)}


_COLUMNS = ("by", "name", "decided", *VERDICTS, "taken_back", "days", "per_hour")


def csv_lines(cut: Iterable[Breakdown]) -> Iterator[str]:
    """Breakdowns as lines of CSV for a spreadsheet, the first with the names of its columns.

    Shares come with the ends of their interval, per cent. No cell is taken for a formula.
    """
    ends = [f"{verdict}_{end}" for verdict in VERDICTS for end in ("per_cent", "least", "most")]
    yield "\ufeff" + _line([*_COLUMNS, *ends])
    for breakdown in cut:
        for line in breakdown.lines:
            tally, pace = line.tally, line.tally.per_hour
            people = [tally.undone, line.days, pace and round(pace, 1)]
            known = [tally.n, tally.approved, tally.edited, tally.rejected]
            shares = [end for share in tally.shares for end in share.per_cent or ("", "", "")]
            name = _not_a_formula(line.name)
            if not breakdown.is_of_people:
                people = ["", "", ""]
            yield _line([breakdown.slug, name, *known, *people, *shares])


def _not_a_formula(cell: str) -> str:
    """A cell that a spreadsheet shows as it stands."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _line(cells: Sequence[Any]) -> str:
    kept = StringIO()
    csv.writer(kept).writerow(cells)
    return kept.getvalue()
