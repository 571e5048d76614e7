"""People are told of what others did, once, until they have read it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from review.models import AssignmentRule, Notification
from review.services import (
    assign_drafts,
    claim_draft,
    distribute_drafts,
    notify,
    read_all_notifications,
    read_notification,
    reject_draft,
    take_over_draft,
    undo_decision,
    unread_number,
)
from tests.conftest import PUBLISHER, make_user

KIND = Notification.Kind


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr("review.tasks.deliver.delay", lambda pk: None)


@pytest.fixture
def heard(monkeypatch):
    """Whose pages were told that there are news for them."""
    told: list[list[int]] = []
    monkeypatch.setattr("generation.live.announce_notified", lambda ids: told.append(list(ids)))
    return told


def test_each_is_told_once_and_nobody_of_what_they_did(
    draft, editor, other_editor, publisher, heard, django_capture_on_commit_callbacks
):
    User.objects.filter(pk=publisher.pk).update(is_active=False)
    publisher.refresh_from_db()

    people = [other_editor, editor, other_editor, publisher]
    with django_capture_on_commit_callbacks(execute=True):
        notify(people, kind=KIND.ASSIGNED, draft=draft, actor=editor)

    assert heard == [[other_editor.pk]]
    note = Notification.objects.get()
    assert (note.recipient, note.actor, note.draft, note.kind) == (
        other_editor,
        editor,
        draft,
        "assigned",
    )
    assert note.sentence == "lin assigned a draft to you."


def test_the_clock_tells_too(draft, editor):
    notify([editor], kind=KIND.SECOND_OPINION, draft=draft)

    assert Notification.objects.get().sentence == "Galley asks for your second opinion."


@pytest.mark.parametrize("kind", KIND.values)
def test_every_kind_has_its_sentence(kind, editor):
    assert "Galley" in Notification(recipient=editor, kind=kind).sentence


def test_what_happens_again_moves_its_time_until_it_is_read(draft, editor, other_editor, publisher):
    notify([editor], kind=KIND.MENTIONED, draft=draft, actor=other_editor)
    first = Notification.objects.get()
    Notification.objects.mail(timezone.now())

    notify([editor], kind=KIND.MENTIONED, draft=draft, actor=publisher)

    again = Notification.objects.get()
    assert again.created_at > first.created_at
    assert (again.pk, again.actor, again.mailed_at) == (first.pk, publisher, None)
    read_notification(again)
    notify([editor], kind=KIND.MENTIONED, draft=draft, actor=publisher)
    assert Notification.objects.count() == 2


def test_another_draft_another_kind_and_no_draft_are_news_of_their_own(drafts, editor):
    for draft in [*drafts, None, None]:
        notify([editor], kind=KIND.ASSIGNED, draft=draft)
    notify([editor], kind=KIND.REPLIED, draft=drafts[0])

    assert Notification.objects.count() == 4


@pytest.mark.parametrize("has_draft", [True, False])
def test_the_database_keeps_one_unread_row(draft, editor, has_draft):
    row = {"recipient": editor, "kind": "assigned", "created_at": timezone.now()}
    row |= {"draft": draft if has_draft else None}
    Notification.objects.create(**row)

    with pytest.raises(IntegrityError), transaction.atomic():
        Notification.objects.create(**row)

    Notification.objects.read(timezone.now())
    assert Notification.objects.create(**row).pk


def test_the_database_tells_nobody_of_what_they_did(editor):
    with (
        pytest.raises(IntegrityError, match="notification_of_what_others_did"),
        transaction.atomic(),
    ):
        Notification.objects.create(
            recipient=editor, actor=editor, kind="assigned", created_at=timezone.now()
        )


@pytest.mark.parametrize("people", [1, 12])
def test_many_are_told_in_few_queries(draft, people, django_assert_num_queries):
    recipients = [make_user(f"reader{number}", ()) for number in range(people)]

    with django_assert_num_queries(4):  # the savepoint, one to move, one to write
        notify(recipients, kind=KIND.ASSIGNED, draft=draft)

    assert Notification.objects.count() == people


def test_whoever_had_a_draft_open_hears_that_it_was_taken(draft, editor, other_editor):
    claim_draft(draft, editor=editor)

    take_over_draft(draft, editor=other_editor)

    note = Notification.objects.get()
    assert (note.recipient, note.kind, note.draft) == (editor, "taken_over", draft)
    assert note.sentence == "zhou took over a draft that you had open."


def test_a_draft_that_nobody_had_open_is_taken_without_a_word(draft, editor):
    take_over_draft(draft, editor=editor)

    assert not Notification.objects.exists()


def test_whoever_decided_hears_that_a_lead_took_it_back(drafts, editor):
    lead = make_user("chen", (*PUBLISHER, "undo_any_decision"))
    own = reject_draft(drafts[1], editor=lead, reason="dull")

    undo_decision(reject_draft(drafts[0], editor=editor, reason="dull"), editor=lead)
    undo_decision(own, editor=lead)

    note = Notification.objects.get()
    assert (note.recipient, note.kind, note.actor) == (editor, "overruled", lead)


def test_whoever_is_given_drafts_hears_of_it_once(drafts, editor, other_editor):
    numbers = [draft.pk for draft in drafts]

    assign_drafts(numbers[:1], to=editor, by=other_editor)
    assign_drafts(numbers, to=editor, by=other_editor)
    assign_drafts(numbers, to=other_editor, by=other_editor)
    assign_drafts(numbers, to=None, by=other_editor)

    told = Notification.objects.order_by("pk").values_list("recipient", "kind", "draft")
    assert list(told) == [(editor.pk, "assigned", numbers[0]), (editor.pk, "assigned", None)]


def test_whoever_the_clock_gives_drafts_hears_of_it_once(drafts, editor, other_editor):
    AssignmentRule.objects.create().editors.set([editor])

    assert distribute_drafts() == 2

    note = Notification.objects.get()
    assert (note.recipient, note.kind, note.draft, note.actor) == (editor, "assigned", None, None)


def test_the_number_is_kept_and_forgotten_with_the_next_news(
    draft, editor, heard, django_assert_num_queries, django_capture_on_commit_callbacks
):
    with django_assert_num_queries(1):
        assert [unread_number(editor) for _ in range(3)] == [0, 0, 0]

    with django_capture_on_commit_callbacks(execute=True):
        notify([editor], kind=KIND.ASSIGNED, draft=draft)

    assert heard == [[editor.pk]]
    assert unread_number(editor) == 1
    with django_capture_on_commit_callbacks(execute=True):
        read_notification(Notification.objects.get())
    assert unread_number(editor) == 0
    with django_capture_on_commit_callbacks(execute=True):
        read_notification(Notification.objects.get())  # once more changes nothing
    assert heard == [[editor.pk]] * 2


def test_the_number_can_be_asked_for_anew(draft, editor):
    assert unread_number(editor) == 0
    notify([editor], kind=KIND.ASSIGNED, draft=draft)

    assert unread_number(editor, anew=True) == 1
    assert unread_number(editor) == 1


def test_all_of_ones_own_are_read_at_once(drafts, editor, other_editor):
    for draft in drafts:
        notify([editor, other_editor], kind=KIND.ASSIGNED, draft=draft)

    assert read_all_notifications(editor) == 2

    assert read_all_notifications(editor) == 0
    assert Notification.objects.unread().to(other_editor).count() == 2
