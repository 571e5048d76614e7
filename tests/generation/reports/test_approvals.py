"""What editors approve, with how sure one can be; and how the judge agrees with them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from generation.choices import REASONS
from generation.models import Draft, Run, Slot
from generation.reports import approvals
from tests.generation.services.test_checkpoints import checkpoint_named

METRICS = {
    "agreement": {
        "approved": 30,
        "rejected": 25,
        "before": 0.61,
        "after": 0.74,
        "reasons": [
            {"reason": "dull", "rejected": 20, "before": 0.6, "after": 0.8},
            {"reason": "garbled", "rejected": 5, "before": 0.65, "after": 0.5},
        ],
    }
}


def test_each_reason_has_a_row_and_small_numbers_are_called_that():
    rows = approvals.agreements(METRICS, REASONS)

    assert [(str(row.name), row.rejected, row.is_enough) for row in rows] == [
        ("all rejections", 25, True),
        ("Dull", 20, True),
        ("Garbled", 5, False),
    ]
    assert rows[0].change == pytest.approx(0.13)


def test_nothing_is_said_of_a_training_that_measured_nothing():
    assert approvals.agreements({}, REASONS) == []


def decide(run: Run, ordinal: int, *, at: datetime, approved: bool, checkpoint) -> None:
    first = run.slots.first()
    slot = Slot.objects.create(
        run=run,
        ordinal=ordinal,
        product=first.product,
        kind=first.kind,
        language="en",
        variant=ordinal,
    )
    Draft.objects.create(
        slot=slot,
        run=run,
        product=slot.product,
        kind=slot.kind,
        checkpoint=checkpoint,
        language="en",
        text="A text.",
        score=0.5,
        seed=1,
        status="published" if approved else "rejected",
        decided_at=at,
    )


def test_weeks_and_checkpoints_are_counted_apart(run, checkpoint, settings):
    second = checkpoint_named("second", settings)
    monday, next_week = datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 12, tzinfo=UTC)
    for at, (moment, approved, writer) in enumerate(
        [
            (monday, True, checkpoint),
            (monday, False, checkpoint),
            (next_week, True, checkpoint),
            (next_week, True, second),
            (next_week, True, second),
            (next_week, False, second),
        ],
        start=10,
    ):
        decide(run, at, at=moment, approved=approved, checkpoint=writer)

    weeks = approvals.by_week(Draft.objects.by_week())
    writers = approvals.by_checkpoint(Draft.objects.by_checkpoint())

    assert weeks.title == "Last week editors approved 75 in 100 drafts, 50 in the first"
    assert [(row[0], row[1][0], row[2]) for row in weeks.counted_rows] == [
        ("2026-11-02", 50.0, 2),
        ("2026-11-09", 75.0, 4),
    ]
    assert [(row[0], row[1][0], row[2]) for row in writers.counted_rows] == [
        ("first", 66.7, 3),
        ("second", 66.7, 3),
    ]
    assert writers.data["labels"] == ["first", "second"]


def test_a_week_begins_where_its_reader_is(run, checkpoint):
    sunday = datetime(2026, 11, 8, 16, 30, tzinfo=UTC)
    decide(run, 10, at=sunday, approved=True, checkpoint=checkpoint)

    weeks = []
    for zone in ("Asia/Shanghai", "America/New_York"):
        with timezone.override(zone):
            weeks.append(approvals.by_week(Draft.objects.by_week()).data["labels"])

    assert weeks == [["2026-11-09"], ["2026-11-02"]]


def test_no_decision_draws_nothing(run):
    assert approvals.by_week(Draft.objects.by_week()) is None
