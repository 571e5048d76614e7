"""A decision is taken back whole: the draft, what it taught, where its text stood."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.models import Campaign
from generation.models import Draft, Example
from review import delivery, services
from review.errors import (
    AlreadyLearnt,
    AlreadyUndone,
    CampaignIsClosed,
    KeyReused,
    NothingToUndo,
    NotYourDecision,
    TextOnItsWay,
    TooLateToUndo,
)
from review.models import Decision, Publication, ShelfCopy
from review.services import (
    Circumstances,
    approve_draft,
    edit_draft,
    last_decision,
    reject_draft,
    undo_decision,
)

WORDS = "A pan of cast iron, 24 cm across, that wants oil and a little patience before breakfast."


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr("review.tasks.deliver.delay", lambda pk: None)


def test_a_rejection_is_taken_back(draft, editor):
    decision = reject_draft(draft, editor=editor, reason="dull")

    undoing = undo_decision(decision, editor=editor)

    draft.refresh_from_db()
    assert (draft.status, draft.decided_at, draft.version) == (Draft.Status.PROPOSED, None, 3)
    assert (undoing.verdict, undoing.undoes, undoing.draft_version) == ("undone", decision, 2)
    assert Example.objects.count() == 0
    assert list(Decision.objects.standing()) == []
    assert Decision.objects.count() == 2


def test_an_approved_text_comes_off_the_shelf_and_the_one_before_it_back(draft, editor):
    decision = approve_draft(draft, editor=editor)
    delivery.deliver(Publication.objects.get().pk)
    assert ShelfCopy.objects.live().get().text == draft.text

    undo_decision(decision, editor=editor)

    draft.refresh_from_db()
    assert draft.status == Draft.Status.PROPOSED
    assert not ShelfCopy.objects.live().exists()
    assert Publication.objects.get().status == "withdrawn"


def test_a_text_that_waited_for_its_channel_is_never_sent(draft, editor):
    decision = approve_draft(draft, editor=editor)
    undo_decision(decision, editor=editor)

    assert delivery.deliver(Publication.objects.get().pk) == 0
    assert ShelfCopy.objects.count() == 0


def test_a_draft_can_be_decided_again_and_only_its_new_words_go_out(draft, editor):
    undo_decision(edit_draft(draft, editor=editor, text=WORDS), editor=editor)
    draft.refresh_from_db()

    second = approve_draft(draft, editor=editor)

    sent = Publication.objects.exclude(status="withdrawn").get()
    assert (sent.decision, sent.text) == (second, draft.text)
    assert Example.objects.values_list("label", "text").get() == ("approved", draft.text)
    delivery.deliver(sent.pk)
    assert ShelfCopy.objects.live().get().text == draft.text
    services.withdraw_publication(sent, user=editor)
    assert [again.text for again in services.republish(draft)] == [draft.text]


def test_one_after_the_other_is_taken_back(drafts, editor):
    first, second = (reject_draft(draft, editor=editor, reason="dull") for draft in drafts)

    assert last_decision(editor) == second
    undo_decision(second, editor=editor)
    assert last_decision(editor) == first
    undo_decision(first, editor=editor)
    with pytest.raises(NothingToUndo) as refusal:
        last_decision(editor)

    words = "There is no decision of yours from the last 10 minutes to take back."
    assert str(refusal.value) == words


def test_nobody_takes_back_what_another_decided(draft, editor, other_editor):
    decision = reject_draft(draft, editor=editor, reason="dull")

    with pytest.raises(NotYourDecision, match="lin made this decision"):
        undo_decision(decision, editor=other_editor)

    assert Draft.objects.get(pk=draft.pk).status == Draft.Status.REJECTED
    assert Example.objects.count() == 1


def test_a_lead_takes_back_what_another_decided_long_ago(draft, editor, lead, monkeypatch):
    decision = reject_draft(draft, editor=editor, reason="dull")
    later = timezone.now() + timedelta(days=3)
    monkeypatch.setattr(timezone, "now", lambda: later)
    with pytest.raises(TooLateToUndo, match="more than 10 minutes ago"):
        undo_decision(decision, editor=editor)

    assert undo_decision(decision, editor=lead).editor == lead


def test_what_the_writer_has_learnt_stays(draft, editor, checkpoint):
    decision = reject_draft(draft, editor=editor, reason="dull")
    Example.objects.update(used_in=checkpoint)

    with pytest.raises(AlreadyLearnt):
        undo_decision(decision, editor=editor)

    assert Draft.objects.get(pk=draft.pk).status == Draft.Status.REJECTED


def test_a_decision_is_taken_back_once(draft, editor):
    decision = reject_draft(draft, editor=editor, reason="dull")
    key = uuid4()
    undoing = undo_decision(decision, editor=editor, key=key)

    assert undo_decision(decision, editor=editor, key=key) == undoing
    with pytest.raises(AlreadyUndone):
        undo_decision(decision, editor=editor)
    with pytest.raises(AlreadyUndone):
        undo_decision(undoing, editor=editor)


def test_a_key_of_another_decision_takes_nothing_back(drafts, editor):
    key = uuid4()
    approve_draft(drafts[0], editor=editor, given=Circumstances(key=key))
    decision = reject_draft(drafts[1], editor=editor, reason="dull")

    with pytest.raises(KeyReused):
        undo_decision(decision, editor=editor, key=key)

    assert Draft.objects.get(pk=drafts[1].pk).status == Draft.Status.REJECTED


def test_a_text_that_is_being_sent_stays_until_its_channel_answers(draft, editor):
    decision = approve_draft(draft, editor=editor)
    Publication.objects.claim(timezone.now())

    with pytest.raises(TextOnItsWay):
        undo_decision(decision, editor=editor)

    assert Draft.objects.get(pk=draft.pk).status == Draft.Status.APPROVED
    assert Example.objects.count() == 1


def test_no_draft_of_a_closed_campaign_is_opened_again(draft, editor):
    decision = reject_draft(draft, editor=editor, reason="dull")
    Campaign.objects.close(timezone.now())

    with pytest.raises(CampaignIsClosed):
        undo_decision(decision, editor=editor)


def test_the_same_wish_twice_is_one_decision(draft, editor):
    key = uuid4()
    first = reject_draft(
        draft, editor=editor, reason="dull", given=Circumstances(version=1, key=key)
    )

    again = reject_draft(
        draft, editor=editor, reason="dull", given=Circumstances(version=1, key=key)
    )

    assert again == first
    assert Decision.objects.count() == Example.objects.count() == 1


def test_a_wish_that_comes_again_after_it_was_taken_back_stays_taken_back(draft, editor):
    key = uuid4()
    decision = approve_draft(draft, editor=editor, given=Circumstances(version=1, key=key))
    undo_decision(decision, editor=editor)

    assert approve_draft(draft, editor=editor, given=Circumstances(version=1, key=key)) == decision
    assert Draft.objects.get(pk=draft.pk).status == Draft.Status.PROPOSED


def test_a_key_names_one_decision(drafts, editor):
    key = uuid4()
    approve_draft(drafts[0], editor=editor, given=Circumstances(key=key))

    with pytest.raises(KeyReused):
        approve_draft(drafts[1], editor=editor, given=Circumstances(key=key))

    assert Draft.objects.get(pk=drafts[1].pk).status == Draft.Status.PROPOSED


def test_the_database_takes_no_second_verdict_on_one_version(draft, editor):
    approve_draft(draft, editor=editor)

    with pytest.raises(IntegrityError, match="draft"), transaction.atomic():
        Decision.objects.create(
            draft=draft, editor=editor, verdict="rejected", reason="dull", draft_version=1
        )
    with pytest.raises(IntegrityError, match="decision_undone_names_which"), transaction.atomic():
        Decision.objects.create(draft=draft, editor=editor, verdict="undone", draft_version=2)
