"""People are told of what others did, once, until they have read it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Campaign, Channel
from generation.models import Draft
from review import delivery, schedule
from review.models import (
    Assignment,
    AssignmentRule,
    Notification,
    Publication,
    SecondOpinionRule,
)
from review.models.publication import MAX_ATTEMPTS
from review.services import (
    approve_draft,
    approve_drafts,
    assign_drafts,
    claim_draft,
    distribute_drafts,
    notify,
    read_all_notifications,
    read_notification,
    reject_draft,
    reject_drafts,
    remind_of_due_drafts,
    requeue_due_publications,
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


@pytest.fixture
def every(db) -> SecondOpinionRule:
    """Each approval wants a second opinion."""
    return SecondOpinionRule.objects.create(name="every draft", share=100)


def told(**of) -> list[tuple]:
    """Who was told what, and of which draft."""
    rows = Notification.objects.filter(**of).order_by("pk")
    return list(rows.values_list("recipient__username", "kind", "draft"))


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

    assert told(kind="assigned") == [("lin", "assigned", numbers[0]), ("lin", "assigned", None)]


def test_who_loses_drafts_hears_of_it_once(drafts, editor, other_editor, publisher):
    numbers = [draft.pk for draft in drafts]
    assign_drafts(numbers, to=editor, by=publisher)

    assign_drafts(numbers, to=editor, by=publisher)  # whose they are already
    assert told(kind="unassigned") == []
    assign_drafts(numbers, to=other_editor, by=publisher)
    assign_drafts(numbers[:1], to=None, by=publisher)
    assign_drafts(numbers[1:], to=None, by=other_editor)  # who gives it back

    assert told(kind="unassigned") == [
        ("lin", "unassigned", None),
        ("zhou", "unassigned", numbers[0]),
    ]
    several, one = Notification.objects.filter(kind="unassigned").order_by("pk")
    assert several.sentence == "chen took back drafts that were assigned to you."
    assert one.sentence == "chen took back a draft that was assigned to you."


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


def test_a_second_opinion_is_asked_of_whose_the_draft_is(draft, editor, other_editor, lead, every):
    mei = make_user("mei", PUBLISHER)
    assign_drafts([draft.pk], to=mei, by=mei)

    approve_draft(draft, editor=editor)

    assert told() == [("mei", "second_opinion", draft.pk)]
    assert Notification.objects.get().sentence == "lin asks for your second opinion."


@pytest.mark.parametrize("whose", ["nobody", "the first", "a reader", "inactive"])
def test_a_second_opinion_falls_to_the_leads_where_nobody_else_has_the_draft(
    draft, editor, lead, every, whose
):
    people = {"the first": editor, "a reader": make_user("reader", ())}
    people["inactive"] = make_user("gone", PUBLISHER)
    User.objects.filter(username="gone").update(is_active=False)
    if whose != "nobody":
        Assignment.objects.create(draft=draft, editor=people[whose])

    approve_draft(draft, editor=editor)

    assert told() == [(lead.username, "second_opinion", draft.pk)]


def test_a_lead_is_not_asked_for_a_second_opinion_on_their_own(draft, lead, every):
    approve_draft(draft, editor=lead)

    assert told() == []


def test_the_first_hears_what_the_second_said(drafts, editor, other_editor, every):
    for draft in drafts:
        approve_draft(draft, editor=editor)
    again = list(Draft.objects.order_by("pk"))

    approve_draft(again[0], editor=other_editor)
    reject_draft(again[1], editor=other_editor, reason="dull")

    assert told(recipient=editor) == [
        ("lin", "confirmed", again[0].pk),
        ("lin", "refused", again[1].pk),
    ]
    first, second = Notification.objects.filter(recipient=editor).order_by("pk")
    assert first.sentence == "zhou confirmed what you had approved."
    assert second.sentence == "zhou refused what you had approved."


@pytest.mark.parametrize("verdict", ["confirmed", "refused"])
def test_what_was_decided_together_is_one_line_for_each(
    drafts, editor, other_editor, lead, every, verdict
):
    numbers = [draft.pk for draft in drafts]
    approve_drafts(numbers, editor=editor)
    assert told() == [(lead.username, "second_opinion", None)]

    if verdict == "confirmed":
        approve_drafts(numbers, editor=other_editor)
    else:
        reject_drafts(numbers, editor=other_editor, reason="dull")

    assert told(recipient=editor) == [("lin", verdict, None)]
    assert "texts that you had approved" in Notification.objects.get(recipient=editor).sentence


def test_drafts_that_are_somebodys_and_some_that_are_nobodys_ask_both(drafts, editor, lead, every):
    mei = make_user("mei", PUBLISHER)
    assign_drafts([drafts[0].pk], to=mei, by=mei)

    approve_drafts([draft.pk for draft in drafts], editor=editor)

    assert {(name, kind) for name, kind, _ in told()} == {
        ("mei", "second_opinion"),
        (lead.username, "second_opinion"),
    }


def test_an_approval_that_concerns_nobody_asks_nothing_for_news(draft, editor):
    with CaptureQueriesContext(transaction.get_connection()) as asked:
        approve_draft(draft, editor=editor)

    tables = " ".join(query["sql"] for query in asked.captured_queries)
    assert "review_notification" not in tables
    assert "review_assignment" not in tables
    assert "auth_permission" not in tables


@pytest.fixture
def failing(draft, editor) -> Publication:
    """An approved text whose channel has failed four times."""
    Channel.objects.update(publisher="carrier-pigeon")
    approve_draft(draft, editor=editor)
    Publication.objects.update(attempts=MAX_ATTEMPTS - 2)
    delivery.deliver(Publication.objects.get().pk)
    Publication.objects.update(next_attempt_at=timezone.now())
    return Publication.objects.get()


def test_who_approved_and_the_publishers_hear_that_a_text_failed_for_good(
    failing, draft, editor, publisher
):
    assert told() == []  # the clock tries again

    delivery.deliver(failing.pk)

    assert told() == [("lin", "undelivered", draft.pk), ("chen", "undelivered", None)]
    own, several = Notification.objects.order_by("pk")
    assert own.sentence == "Galley could not deliver a text that you had approved."
    assert several.sentence == "Galley could not deliver texts to a channel."


def test_a_channel_that_takes_none_of_many_is_one_line_for_each(drafts, editor, publisher):
    Channel.objects.update(publisher="carrier-pigeon")
    approve_drafts([draft.pk for draft in drafts], editor=editor)
    Publication.objects.update(attempts=MAX_ATTEMPTS - 1)

    for pk in Publication.objects.values_list("pk", flat=True):
        delivery.deliver(pk)

    assert sorted(told()) == [("chen", "undelivered", None), ("lin", "undelivered", None)]


def test_a_second_opinion_makes_two_who_approved(draft, editor, publisher, every):
    approve_draft(draft, editor=editor)
    approve_draft(Draft.objects.get(pk=draft.pk), editor=publisher)
    Channel.objects.update(publisher="carrier-pigeon")
    Publication.objects.update(attempts=MAX_ATTEMPTS - 1)

    delivery.deliver(Publication.objects.get().pk)

    assert sorted(told(kind="undelivered")) == [
        ("chen", "undelivered", draft.pk),
        ("lin", "undelivered", draft.pk),
    ]


def test_a_delivery_that_workers_vanished_with_is_told_too(failing, draft, publisher):
    Publication.objects.update(status="sending", attempts=MAX_ATTEMPTS)

    requeue_due_publications()
    requeue_due_publications()

    assert told() == [("lin", "undelivered", draft.pk), ("chen", "undelivered", None)]
    assert Publication.objects.get().status == "failed"


@pytest.fixture
def due(campaign, drafts, editor) -> list[Draft]:
    """Both drafts are an editor's, and their campaign wants them by tomorrow morning."""
    Campaign.objects.update(due_at=timezone.now() + timedelta(hours=20))
    for draft in drafts:
        Assignment.objects.create(draft=draft, editor=editor)
    return drafts


def test_whose_drafts_are_due_is_reminded_once(due, editor):
    assert remind_of_due_drafts() == 2
    assert remind_of_due_drafts() == 0

    assert told() == [("lin", "due", None)]
    sentence = "Galley reminds you: drafts assigned to you are due or late."
    assert Notification.objects.get().sentence == sentence


def test_a_reminder_of_one_draft_names_it_and_its_next_editor_gets_one_too(
    due, editor, other_editor
):
    assign_drafts([due[0].pk], to=None, by=editor)
    remind_of_due_drafts()
    assert told() == [("lin", "due", due[1].pk)]

    assign_drafts([due[1].pk], to=other_editor, by=other_editor)
    assert remind_of_due_drafts() == 1

    assert told(kind="due") == [("lin", "due", due[1].pk), ("zhou", "due", due[1].pk)]


@pytest.mark.parametrize("why", ["not yet", "never", "decided", "waits for another"])
def test_nobody_is_reminded_of_what_does_not_wait_for_them(due, editor, why, request):
    if why == "not yet":
        Campaign.objects.update(due_at=timezone.now() + timedelta(hours=25))
    elif why == "never":
        Campaign.objects.update(due_at=None)
    else:
        if why == "waits for another":
            request.getfixturevalue("every")
        for draft in due:
            approve_draft(draft, editor=editor)

    assert remind_of_due_drafts() == 0

    assert told() == []


def test_what_is_late_is_told_in_the_mail_of_the_day(
    due, editor, monkeypatch, django_capture_on_commit_callbacks
):
    Campaign.objects.update(due_at=timezone.now() - timedelta(days=3))
    User.objects.update(email="lin@example.com")
    queued: list[int] = []
    monkeypatch.setattr("review.tasks.send_digest.delay", queued.append)

    with django_capture_on_commit_callbacks(execute=True):
        assert schedule.send_digests() == 1

    assert queued == [editor.pk]
