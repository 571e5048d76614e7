"""What editors make of the drafts: the judge's agreement with them, and approval rates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from generation.curves import Chart, Series
from generation.statistics import Share

FEWEST = 20  # texts of each side below which an area says nothing


@dataclass(frozen=True)
class Agreement:
    """How well the judge told approved from rejected drafts, before and after a training.

    Args:
        name: the reason of the rejections, or that of all.
        approved: held-out approved drafts.
        rejected: held-out rejected ones.
        before: the area under the ROC curve of the judge that was continued, if there was one.
        after: that of the judge that has learnt.
    """

    name: str
    approved: int
    rejected: int
    before: float | None
    after: float | None

    @property
    def is_enough(self) -> bool:
        """Say whether there are enough texts to tell anything."""
        return min(self.approved, self.rejected) >= FEWEST

    @property
    def change(self) -> float | None:
        """By how much the area grew."""
        if self.before is None or self.after is None:
            return None
        return self.after - self.before


def agreements(metrics: Mapping[str, Any], reasons: Mapping[str, str]) -> list[Agreement]:
    """The agreement over all rejections, and then for each reason; nothing where none was taken.

    Args:
        metrics: a checkpoint's.
        reasons: what each reason is called.
    """
    found = metrics.get("agreement")
    if not found:
        return []
    rows = [(_("all rejections"), found)]
    rows += [(reasons.get(row["reason"], row["reason"]), row) for row in found["reasons"]]
    return [
        Agreement(
            name=str(name),
            approved=found["approved"],
            rejected=row["rejected"],
            before=row.get("before"),
            after=row.get("after"),
        )
        for name, row in rows
    ]


def by_week(rows: Iterable[Mapping[str, Any]]) -> Chart | None:
    """The approval rate of each week, from rows with `week`, `approved` and `rejected`."""
    return _chart(
        [(f"{row['week']:%Y-%m-%d}", _share(row)) for row in rows],
        slug="weeks",
        over=_("week of"),
        title=_("Last week editors approved %(last).0f in 100 drafts, %(first).0f in the first"),
    )


def by_checkpoint(rows: Iterable[Mapping[str, Any]]) -> Chart | None:
    """The approval rate of each checkpoint, oldest first, from rows with `name` and counts."""
    return _chart(
        [(row["name"], _share(row)) for row in rows],
        slug="checkpoints",
        over=_("checkpoint"),
        title=_(
            "Of the newest checkpoint's drafts %(last).0f in 100 are approved, %(first).0f of "
            "the oldest's"
        ),
    )


def _share(row: Mapping[str, Any]) -> Share:
    return Share(row["approved"], row["approved"] + row["rejected"])


def _chart(
    shares: Sequence[tuple[str, Share]], *, slug: str, over: str, title: str
) -> Chart | None:
    known = [(name, share) for name, share in shares if share.n]
    if not known:
        return None
    rates = [round(100 * share.value, 1) for _name, share in known]
    ends = [[round(100 * share.interval[at], 1) for _name, share in known] for at in (0, 1)]
    return Chart(
        slug=slug,
        title=title % {"first": rates[0], "last": rates[-1]}
        if len(known) > 1
        else _("Editors approved %(rate).0f in 100 drafts") % {"rate": rates[0]},
        measure=_("per cent of the decided drafts, with its 95 % interval"),
        over=over,
        places=list(range(len(known))),
        series=(
            Series(_("approved"), "green", rates),
            Series(_("at least"), "ink", ends[0], is_dashed=True),
            Series(_("at most"), "ink", ends[1], is_dashed=True),
        ),
        is_sparse=True,
        labels=[name for name, _share in known],
        counts=[share.n for _name, share in known],
    )
