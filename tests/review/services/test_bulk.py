"""Many at once: the same rows as one by one, each once, taken back as one."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from generation.drafting import fill_run
from generation.models import Draft, Example
from generation.services import start_run
from review import delivery
from review.errors import AlreadyUndone, TextOnItsWay
from review.models import Decision, Notification, Publication, SecondOpinionRule, ShelfCopy
from review.services import (
    approve_draft,
    approve_drafts,
    claim_draft,
    defer_drafts,
    foresee,
    reject_draft,
    reject_drafts,
    undo_group,
)
from tests.conftest import make_product


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr("review.tasks.deliver.delay", lambda pk: None)
    monkeypatch.setattr("review.tasks.take_down.delay", lambda pk: None)


@pytest.fixture
def many(campaign, checkpoint) -> list[Draft]:
    """Twelve drafts, of six products in two languages."""
    for number in range(2, 7):
        campaign.products.add(make_product(f"LM-TST-0{number:02}"))
    fill_run(start_run(campaign, seed=3, queue=False).pk)
    return list(Draft.objects.order_by("pk"))


VARY = {"id", "draft_id", "key", "group", "decision_id", "created_at", "queued_at", "weight"}
VARY |= {"next_attempt_at", "text", "final_text", "brief", "language", "score", "product_id"}


def rows(model, **of) -> list[dict]:
    found = model.objects.filter(**of).order_by("pk").values()
    return [{name: row[name] for name in row if name not in VARY} for row in found]


@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_many_at_once_leave_the_rows_that_one_by_one_leave(many, editor, verdict):
    one, *rest = many[:3]
    if verdict == "approve":
        approve_draft(one, editor=editor)
        outcome = approve_drafts([draft.pk for draft in rest], editor=editor, source="")
    else:
        reject_draft(one, editor=editor, reason="dull")
        numbers = [draft.pk for draft in rest]
        outcome = reject_drafts(numbers, editor=editor, reason="dull", source="")

    assert outcome.done == [draft.pk for draft in rest]
    for draft in rest:
        assert Draft.objects.get(pk=draft.pk).status == Draft.objects.get(pk=one.pk).status
        for model in (Decision, Publication):
            assert rows(model, draft=draft) == rows(model, draft=one)
        alone, together = (Example.objects.get(draft=each) for each in (one, draft))
        assert together.weight == alone.weight / 2
        assert (together.label, together.reason) == (alone.label, alone.reason)
        assert together.text == draft.text


def test_many_take_few_questions(many, editor, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        approve_drafts([draft.pk for draft in many], editor=editor)
    assert Decision.objects.count() == 12
    assert Publication.objects.count() == 12


def test_what_others_have_open_and_what_is_decided_stays(many, editor, other_editor):
    claim_draft(many[0], editor=other_editor)
    approve_draft(many[1], editor=other_editor)

    outcome = approve_drafts([draft.pk for draft in many] + [10**9], editor=editor)

    assert outcome.skipped == [many[0].pk, many[1].pk, 10**9]
    assert len(outcome.done) == 10


def test_the_same_wish_twice_decides_once(many, editor):
    numbers, group = [draft.pk for draft in many], uuid4()
    first = approve_drafts(numbers, editor=editor, group=group)

    assert approve_drafts(numbers, editor=editor, group=group) == first
    assert Decision.objects.count() == 12


def test_a_wish_that_was_interrupted_goes_on(many, editor, monkeypatch):
    monkeypatch.setattr("review.services.bulk.AT_ONCE", 5)
    numbers, group = [draft.pk for draft in many], uuid4()
    announced = iter([None])

    def fail(*_, **__):
        next(announced)

    with monkeypatch.context() as broken:
        broken.setattr("review.services.bulk.publish_decisions", fail)
        with pytest.raises(StopIteration):
            approve_drafts(numbers, editor=editor, group=group)
    assert Decision.objects.count() == 5

    outcome = approve_drafts(numbers, editor=editor, group=group)

    assert outcome.done == numbers
    assert Decision.objects.count() == 12


def test_what_was_decided_together_is_taken_back_together(many, editor):
    outcome = approve_drafts([draft.pk for draft in many], editor=editor)

    back = undo_group(outcome.group, editor=editor)

    assert back.done == outcome.done
    assert {draft.status for draft in Draft.objects.all()} == {Draft.Status.PROPOSED}
    assert not Example.objects.exists()
    with pytest.raises(AlreadyUndone):
        undo_group(outcome.group, editor=editor)


def test_texts_on_a_shelf_come_off_it_together(many, editor):
    outcome = approve_drafts([draft.pk for draft in many], editor=editor)
    for publication in Publication.objects.order_by("pk")[:5]:
        assert delivery.deliver(publication.pk)
    assert ShelfCopy.objects.standing().count() == 5

    back = undo_group(outcome.group, editor=editor)

    assert back.done == outcome.done
    assert not ShelfCopy.objects.standing().exists()
    assert {one.status for one in Publication.objects.all()} == {Publication.Status.WITHDRAWN}
    assert not Publication.objects.filter(withdrawn_at=None).exists()
    assert {draft.status for draft in Draft.objects.all()} == {Draft.Status.PROPOSED}
    undone = Decision.objects.filter(verdict="undone").order_by("pk")
    # Onto the shelf and off it, a draft has moved twice.
    assert [one.draft_version for one in undone] == [4] * 5 + [
        2
    ] * 7  # the shelf moved a draft twice


def test_taking_many_back_takes_few_questions(many, editor, django_assert_max_num_queries):
    outcome = reject_drafts([draft.pk for draft in many], editor=editor, reason="dull")

    with django_assert_max_num_queries(18):
        assert len(undo_group(outcome.group, editor=editor).done) == 12


def test_what_may_not_be_taken_back_keeps_nothing_else(many, editor):
    outcome = approve_drafts([draft.pk for draft in many], editor=editor)
    sending, expired = many[2], many[7]
    Publication.objects.filter(draft=sending).update(status=Publication.Status.SENDING)
    Draft.objects.filter(pk=expired.pk).update(status=Draft.Status.EXPIRED)

    back = undo_group(outcome.group, editor=editor)

    assert set(back.skipped) == {sending.pk, expired.pk}
    assert set(back.done) == {draft.pk for draft in many} - {sending.pk, expired.pk}
    assert Publication.objects.get(draft=expired).status == Publication.Status.QUEUED
    with pytest.raises(TextOnItsWay):
        undo_group(outcome.group, editor=editor)


def test_a_lead_who_takes_many_back_tells_whoever_decided_them(many, editor, lead):
    outcome = reject_drafts([draft.pk for draft in many], editor=editor, reason="dull")

    undo_group(outcome.group, editor=lead)

    told = Notification.objects.filter(recipient=editor, actor=lead)
    assert {one.kind for one in told} == {Notification.Kind.OVERRULED}
    assert {one.draft_id for one in told} == set(outcome.done)


def test_second_opinions_come_in_bulk_too(many, editor, other_editor):
    SecondOpinionRule.objects.create(name="English", share=100, language="en")
    numbers = [draft.pk for draft in many]

    approve_drafts(numbers, editor=editor)
    assert Publication.objects.count() == 6
    assert approve_drafts(numbers, editor=editor).done == []
    outcome = approve_drafts(numbers, editor=other_editor)

    assert len(outcome.done) == 6
    assert Publication.objects.count() == 12
    assert {draft.status for draft in Draft.objects.all()} == {Draft.Status.APPROVED}


def test_many_are_put_off_but_not_what_awaits_a_second_opinion(many, editor, other_editor):
    SecondOpinionRule.objects.create(name="English", share=100, language="en")
    approve_draft(many[0], editor=other_editor)
    until = timezone.now() + timedelta(hours=4)

    outcome = defer_drafts([draft.pk for draft in many], editor=editor, until=until)

    assert outcome.skipped == [many[0].pk]
    assert Draft.objects.filter(status="deferred", waits_until=until).count() == 11


def test_it_is_foreseen_what_would_happen(many, editor, other_editor):
    SecondOpinionRule.objects.create(name="English", share=100, language="en")
    approve_draft(many[0], editor=editor)  # English: awaits somebody else
    approve_draft(many[1], editor=other_editor)  # Chinese: decided
    claim_draft(many[2], editor=other_editor)

    seen = foresee([draft.pk for draft in many], editor=editor)

    assert (seen["open"], seen["gone"], seen["held"], seen["own"]) == (9, 1, 1, 1)
    assert seen["second"] == 4
    outcome = approve_drafts([draft.pk for draft in many], editor=editor)
    assert len(outcome.done) == seen["open"]
    assert Draft.objects.awaiting_second().count() == seen["second"] + 1


def test_each_that_stays_is_named_once(many, editor, other_editor, publisher):
    SecondOpinionRule.objects.create(name="all", share=100)
    approve_draft(many[0], editor=editor)
    claim_draft(many[0], editor=other_editor)  # who gives the second opinion on it
    claim_draft(many[1], editor=publisher)
    missing = max(draft.pk for draft in many) + 1
    Draft.objects.filter(pk=many[2].pk).update(findings=[{"code": "like_title"}])

    seen = foresee([missing, *(draft.pk for draft in many)], editor=editor)

    assert seen["left"] == {"held": [many[1].pk], "own": [many[0].pk], "gone": [missing]}
    assert (seen["open"], seen["held"], seen["own"], seen["gone"]) == (10, 1, 1, 1)
    assert seen["queried"] == 1
