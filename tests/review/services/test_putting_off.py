"""Drafts that are put off, given to somebody, or forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.models import AuditEntry, ContentKind
from generation.models import Draft, Example
from review.errors import DeferralTooLong, DraftAlreadyDecided, DraftIsBack, DraftUnavailable
from review.models import Assignment, AssignmentRule, Decision, SecondOpinionRule
from review.services import (
    Circumstances,
    approve_draft,
    assign_drafts,
    bring_back,
    defer_draft,
    distribute_drafts,
    expire_forgotten_drafts,
    last_decision,
    return_deferred_drafts,
    undo_decision,
)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr("review.tasks.deliver.delay", lambda pk: None)


def again(draft: Draft) -> Draft:
    return Draft.objects.get(pk=draft.pk)


def later(hours: float = 1):
    return timezone.now() + timedelta(hours=hours)


def test_what_is_put_off_waits_for_nobody_and_teaches_nothing(draft, editor):
    until = later()

    decision = defer_draft(draft, editor=editor, until=until, note=" ask the buyer ")

    assert again(draft).status == Draft.Status.DEFERRED
    assert again(draft).waits_until == until
    assert (decision.note, decision.until) == ("ask the buyer", until)
    assert not Example.objects.exists()
    assert not Decision.objects.standing().exists()
    with pytest.raises(DraftUnavailable):
        approve_draft(again(draft), editor=editor)


def test_the_clock_brings_it_back_in_time_and_not_before(draft, editor):
    defer_draft(draft, editor=editor, until=later())
    assert return_deferred_drafts() == 0

    Draft.objects.filter(pk=draft.pk).update(waits_until=later(-0.1))

    assert return_deferred_drafts() == 1
    assert return_deferred_drafts() == 0
    assert again(draft).status == Draft.Status.PROPOSED
    assert again(draft).waits_until is None


def test_putting_off_can_be_taken_back_until_the_draft_is_back(draft, editor):
    decision = defer_draft(draft, editor=editor, until=later())
    assert last_decision(editor) == decision

    undo_decision(decision, editor=editor)
    assert again(draft).status == Draft.Status.PROPOSED

    second = defer_draft(again(draft), editor=editor, until=later())
    assert bring_back(again(draft)) == 1
    with pytest.raises(DraftIsBack):
        undo_decision(second, editor=editor)


@pytest.mark.parametrize("hours", [-1, 0, 24 * 91])
def test_a_time_that_makes_no_sense_is_refused(draft, editor, hours):
    with pytest.raises(DeferralTooLong):
        defer_draft(draft, editor=editor, until=later(hours))
    assert not Decision.objects.exists()


def test_the_same_wish_twice_puts_off_once(draft, editor):
    from uuid import uuid4  # noqa: PLC0415

    given, until = Circumstances(key=uuid4()), later()

    first = defer_draft(draft, editor=editor, until=until, given=given)

    assert defer_draft(draft, editor=editor, until=until, given=given) == first


def test_what_awaits_a_second_opinion_is_not_put_off(draft, editor, other_editor):
    SecondOpinionRule.objects.create(name="every draft", share=100)
    approve_draft(draft, editor=editor)

    with pytest.raises((DraftAlreadyDecided, DraftUnavailable)):
        defer_draft(again(draft), editor=other_editor, until=later())
    assert again(draft).status == Draft.Status.SECOND


@pytest.mark.parametrize(
    "broken",
    [
        {"status": "deferred"},
        {"waits_until": timezone.now()},
        {"status": "second", "decided_at": 1},
    ],
)
def test_the_database_keeps_the_time_with_the_state(draft, broken):
    if broken.get("decided_at"):
        broken = {**broken, "decided_at": timezone.now()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.filter(pk=draft.pk).update(**broken)


def test_drafts_that_nobody_decides_are_forgotten(drafts, editor, settings):
    defer_draft(drafts[0], editor=editor, until=later())
    assert expire_forgotten_drafts() == 0
    settings.GALLEY_DRAFT_DAYS = 30

    Draft.objects.update(created_at=timezone.now() - timedelta(days=31))

    assert expire_forgotten_drafts() == 2
    assert {draft.status for draft in Draft.objects.all()} == {Draft.Status.EXPIRED}


def test_drafts_are_given_to_somebody_and_to_anybody_again(drafts, editor, publisher):
    numbers = [draft.pk for draft in drafts]

    assert assign_drafts(numbers, to=editor, by=publisher) == numbers
    assert {one.editor for one in Assignment.objects.all()} == {editor}
    assert AuditEntry.objects.get().details["drafts"] == numbers
    assert assign_drafts(numbers, to=publisher, by=publisher) == numbers
    assert {one.editor for one in Assignment.objects.all()} == {publisher}
    assert assign_drafts(numbers[:1], to=None, by=publisher) == numbers[:1]
    assert Assignment.objects.count() == 1


def test_what_is_decided_is_given_to_nobody(draft, editor, publisher):
    approve_draft(draft, editor=editor)

    assert assign_drafts([draft.pk], to=editor, by=publisher) == []
    assert not Assignment.objects.exists()


def test_rules_give_each_draft_to_whom_fewest_wait_for(drafts, editor, other_editor, publisher):
    rule = AssignmentRule.objects.create(name="both")
    rule.editors.set([editor, other_editor])

    assert distribute_drafts() == 2
    assert distribute_drafts() == 0

    assert {one.editor for one in Assignment.objects.all()} == {editor, other_editor}
    assert Assignment.objects.load() == {editor.pk: 1, other_editor.pk: 1}


def test_the_first_rule_that_fits_decides(drafts, editor, other_editor):
    kind = ContentKind.objects.get(slug="description")
    chinese = AssignmentRule.objects.create(name="Chinese", kind=kind, language="zh-hans")
    chinese.editors.set([other_editor])
    rest = AssignmentRule.objects.create(name="rest")
    rest.editors.set([editor])

    distribute_drafts()

    given = dict(Assignment.objects.values_list("draft__language", "editor__username"))
    assert given == {"en": editor.username, "zh-hans": other_editor.username}


def test_who_has_left_is_given_nothing(drafts, editor):
    rule = AssignmentRule.objects.create(name="one")
    rule.editors.set([editor])
    editor.is_active = False
    editor.save()

    assert distribute_drafts() == 0
