"""A rejection fades with its age; what was approved does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from generation.models import Example
from tests.conftest import kept


@pytest.mark.parametrize(("days", "weight"), [(0, 0.7), (90, 0.35), (180, 0.175), (45, 0.49497)])
def test_a_rejection_halves_in_ninety_days(draft, days, weight):
    example = kept(Example.negative(draft, "dull", 0.7))

    lesson = example.lesson(at=example.created_at + timedelta(days=days))

    assert lesson.weight == pytest.approx(weight, abs=1e-5)


def test_the_half_life_is_a_setting(draft, settings):
    settings.GALLEY_REJECTION_HALF_LIFE_DAYS = 10
    example = kept(Example.negative(draft, "dull"))

    assert example.lesson(at=example.created_at + timedelta(days=20)).weight == 0.25


def test_what_chance_placed_is_measured_with_and_never_learnt_from(draft):
    assert not Example.positive(draft, "A text.").is_held_out

    draft.is_random = True

    assert Example.positive(draft, "A text.").is_held_out
    assert Example.negative(draft, "dull").is_held_out
    assert Example.pair(draft, "A text.").is_held_out


def test_an_approval_stays_as_it_is(draft):
    example = kept(Example.positive(draft, "A good text."))

    assert example.lesson(at=example.created_at + timedelta(days=900)).weight == 1.0


def test_the_lessons_of_a_moment_know_nothing_later(draft):
    early = kept(Example.positive(draft, "Early."))
    kept(Example.positive(draft, "Late."))
    Example.objects.filter(pk=early.pk).update(created_at=timezone.now() - timedelta(days=2))
    at = timezone.now() - timedelta(days=1)

    lessons = Example.objects.decided_by(at).lessons(at=at)

    assert [lesson.text for lesson in lessons] == ["Early."]
