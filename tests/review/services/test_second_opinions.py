"""A second pair of eyes: when one is wanted, whose it may be, and what each outcome does."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction
from django.db.utils import IntegrityError

from generation.models import Draft, Example
from review.errors import AlreadySeconded, DraftNotApproved, OwnText
from review.models import Decision, Notification, Publication, SecondOpinionRule
from review.services import (
    approve_draft,
    edit_draft,
    last_decision,
    reject_draft,
    republish,
    signals,
    undo_decision,
)
from tests.conftest import make_user


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr("review.tasks.deliver.delay", lambda pk: None)


@pytest.fixture
def every(db) -> SecondOpinionRule:
    return SecondOpinionRule.objects.create(name="every draft", share=100)


def again(draft: Draft) -> Draft:
    return Draft.objects.get(pk=draft.pk)


def test_without_a_rule_one_opinion_is_enough(draft, editor):
    approve_draft(draft, editor=editor)

    assert again(draft).status == Draft.Status.APPROVED


def test_what_needs_a_second_opinion_goes_nowhere_before_it(draft, editor, every):
    first = approve_draft(draft, editor=editor)

    assert again(draft).status == Draft.Status.SECOND
    assert first.is_provisional
    assert not Publication.objects.exists()
    assert not Example.objects.exists()
    with pytest.raises(DraftNotApproved):
        republish(again(draft))


def test_the_second_opinion_publishes_and_teaches_more(draft, editor, other_editor, every):
    first = approve_draft(draft, editor=editor)

    second = approve_draft(again(draft), editor=other_editor)

    assert again(draft).status == Draft.Status.APPROVED
    assert second.seconds == first
    assert not second.is_provisional
    assert Publication.objects.get().decision == second
    assert Example.objects.get().weight == 1.5
    assert list(Decision.objects.standing()) == [second]


def test_nobody_gives_the_second_opinion_on_their_own(draft, editor, every):
    approve_draft(draft, editor=editor)

    for decide in (
        lambda: approve_draft(again(draft), editor=editor),
        lambda: edit_draft(again(draft), editor=editor, text=f"{draft.text} More of it."),
        lambda: reject_draft(again(draft), editor=editor, reason="dull"),
    ):
        with pytest.raises(OwnText):
            decide()
    assert Decision.objects.count() == 1


def test_the_database_refuses_it_too(draft, editor, every):
    first = approve_draft(draft, editor=editor)

    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        Decision.objects.create(
            draft=draft,
            editor=editor,
            verdict="approved",
            final_text=draft.text,
            draft_version=2,
            seconds=first,
        )


def test_an_edit_of_the_second_needs_the_first_ones_eyes(draft, editor, other_editor, every):
    approve_draft(draft, editor=editor)
    words = f"{draft.text} And it lasts."

    edit = edit_draft(again(draft), editor=other_editor, text=words)

    assert again(draft).status == Draft.Status.SECOND
    assert not Publication.objects.exists()
    told = Notification.objects.get()
    assert (told.recipient, told.kind) == (editor, Notification.Kind.SECOND_OPINION)
    agreed = approve_draft(again(draft), editor=editor)
    assert agreed.final_text == words
    assert agreed.seconds == edit
    assert Publication.objects.get().text == words
    pair, positive = Example.objects.order_by("pk")
    assert (pair.label, pair.draft_text, positive.weight) == ("edited", draft.text, 1.5)


def test_a_rejection_overrules_the_first_opinion(draft, editor, other_editor, every):
    first = approve_draft(draft, editor=editor)

    refusal = reject_draft(again(draft), editor=other_editor, reason="wrong_fact")

    assert again(draft).status == Draft.Status.REJECTED
    assert refusal.seconds == first
    assert [example.label for example in Example.objects.all()] == ["rejected"]


def test_a_second_opinion_is_taken_back_before_the_first(draft, editor, other_editor, every):
    first = approve_draft(draft, editor=editor)
    second = approve_draft(again(draft), editor=other_editor)

    with pytest.raises(AlreadySeconded):
        undo_decision(first, editor=editor)
    undo_decision(second, editor=other_editor)

    assert again(draft).status == Draft.Status.SECOND
    assert not Example.objects.exists()
    assert last_decision(editor) == first
    undo_decision(first, editor=editor)
    assert again(draft).status == Draft.Status.PROPOSED


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ({"of_edits": True}, False),
        ({"of_queried": True}, True),
        ({"below_score": 1.0}, True),
        ({"below_score": 0.01}, False),
        ({"share": 100, "language": "en"}, True),
        ({"share": 100, "language": "zh-hans"}, False),
        ({"share": 100, "is_active": False}, False),
    ],
)
def test_a_rule_says_which_drafts(draft, editor, condition, wanted):
    Draft.objects.filter(pk=draft.pk).update(
        findings=[{"code": "like_title", "severity": "soft", "start": 0, "end": 1, "values": {}}],
        score=0.5,
    )
    SecondOpinionRule.objects.create(name="a rule", **condition)

    decision = approve_draft(again(draft), editor=editor)

    assert decision.is_provisional == wanted


def test_nobody_publishes_their_own_words_alone(draft, editor):
    SecondOpinionRule.objects.create(name="edits", of_edits=True)

    decision = edit_draft(draft, editor=editor, text=f"{draft.text} Mine.")

    assert decision.is_provisional


def test_a_share_is_about_that_many_and_draws_once():
    rule = SecondOpinionRule(pk=3, share=20)
    drafts = [Draft(pk=number, score=0.5) for number in range(1, 1001)]

    drawn = [rule.applies_to(draft, "approved") for draft in drafts]

    assert 160 < sum(drawn) < 240
    assert drawn == [rule.applies_to(draft, "approved") for draft in drafts]


@pytest.mark.parametrize(
    "broken", [{}, {"share": 101}, {"below_score": 1.5}, {"below_score": 0}, {"share": 0}]
)
def test_a_rule_that_says_nothing_is_refused(db, broken):
    with pytest.raises(IntegrityError), transaction.atomic():
        SecondOpinionRule.objects.create(name="a rule", **broken)


def test_an_export_says_what_stands_for_both(draft, editor, other_editor, every):
    first = approve_draft(draft, editor=editor)
    second = approve_draft(again(draft), editor=other_editor)

    lines = {line["id"]: line for line in signals()}

    assert lines[first.pk]["weight"] == 0
    assert lines[second.pk]["seconds"] == first.pk
    assert lines[second.pk]["weight"] == 1.5


def test_a_third_person_may_take_the_place_of_the_second(draft, editor, other_editor, every):
    approve_draft(draft, editor=editor)
    second = approve_draft(again(draft), editor=other_editor)
    undo_decision(second, editor=other_editor)
    third = make_user("mei", ("add_decision",))

    decision = approve_draft(again(draft), editor=third)

    assert again(draft).status == Draft.Status.APPROVED
    assert list(Decision.objects.standing()) == [decision]
