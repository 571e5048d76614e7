"""Texts that go out at a time, and earlier texts that come back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.models import AuditEntry, Campaign
from generation.drafting import fill_run
from generation.models import Draft
from generation.services import start_run
from review import delivery
from review.errors import NothingToRevert, NotToSchedule, ScheduleUnfit
from review.models import Publication, ShelfCopy
from review.services import (
    approve_draft,
    requeue_due_publications,
    revert_to,
    schedule_publication,
    undo_decision,
    withdraw_publication,
)


@pytest.fixture
def sent(monkeypatch) -> list[int]:
    """What was handed to the queue."""
    sent: list[int] = []
    monkeypatch.setattr("review.tasks.deliver.delay", sent.append)
    return sent


def in_hours(hours: float):
    return timezone.now() + timedelta(hours=hours)


def test_what_a_campaign_publishes_later_waits_for_it(
    drafts, editor, sent, django_capture_on_commit_callbacks
):
    Campaign.objects.update(publish_at=in_hours(2))
    with django_capture_on_commit_callbacks(execute=True):
        approve_draft(drafts[0], editor=editor)
    publication = Publication.objects.get()
    assert publication.status == Publication.Status.SCHEDULED
    assert delivery.deliver(publication.pk) == 0
    with django_capture_on_commit_callbacks(execute=True):
        requeue_due_publications()
    assert sent == []

    Publication.objects.update(publish_at=in_hours(-0.1))
    with django_capture_on_commit_callbacks(execute=True):
        assert requeue_due_publications() == 1

    assert sent == [publication.pk]
    assert delivery.deliver(publication.pk) == 1
    assert Draft.objects.get(pk=drafts[0].pk).status == Draft.Status.PUBLISHED


def test_a_campaign_whose_hour_is_over_publishes_at_once(drafts, editor, sent):
    Campaign.objects.update(publish_at=in_hours(-2))

    approve_draft(drafts[0], editor=editor)

    assert Publication.objects.get().status == Publication.Status.QUEUED


def test_a_text_is_scheduled_by_hand_and_again(draft, editor, publisher, sent):
    approve_draft(draft, editor=editor)
    publication = Publication.objects.get()
    when = in_hours(24)

    schedule_publication(publication, at=in_hours(1), user=publisher)
    schedule_publication(publication, at=when, user=publisher)

    publication.refresh_from_db()
    assert (publication.status, publication.publish_at) == ("scheduled", when)
    assert AuditEntry.objects.filter(action="publication.schedule").count() == 2


def test_a_withdrawn_text_is_scheduled_as_a_new_placement(draft, editor, publisher, sent):
    approve_draft(draft, editor=editor)
    publication = Publication.objects.get()
    delivery.deliver(publication.pk)
    withdraw_publication(publication, user=publisher)

    schedule_publication(publication, at=in_hours(1), user=publisher)

    again = Publication.objects.get()
    assert again.key != publication.key
    assert again.status == Publication.Status.SCHEDULED


def test_what_is_out_is_not_scheduled(draft, editor, publisher, sent):
    approve_draft(draft, editor=editor)
    publication = Publication.objects.get()
    delivery.deliver(publication.pk)

    with pytest.raises(NotToSchedule):
        schedule_publication(publication, at=in_hours(1), user=publisher)


def test_a_text_that_was_taken_back_is_not_scheduled(draft, editor, publisher, sent):
    decision = approve_draft(draft, editor=editor)
    publication = Publication.objects.get()
    undo_decision(decision, editor=editor)

    with pytest.raises(NotToSchedule):
        schedule_publication(publication, at=in_hours(1), user=publisher)


@pytest.mark.parametrize("hours", [-1, 24 * 366])
def test_a_time_that_makes_no_sense_is_refused(draft, editor, publisher, sent, hours):
    approve_draft(draft, editor=editor)

    with pytest.raises(ScheduleUnfit):
        schedule_publication(Publication.objects.get(), at=in_hours(hours), user=publisher)


def test_taking_a_scheduled_text_back_takes_it_off(draft, editor, sent):
    Campaign.objects.update(publish_at=in_hours(2))
    decision = approve_draft(draft, editor=editor)

    undo_decision(decision, editor=editor)

    assert Publication.objects.get().status == Publication.Status.WITHDRAWN


def test_the_database_wants_a_time_with_the_state(draft, editor, sent):
    approve_draft(draft, editor=editor)

    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.update(status="scheduled")


@pytest.fixture
def three(campaign, checkpoint, editor, sent) -> list[Publication]:
    """Three texts on one place of the shelf, one after the other."""
    for seed in (1, 2, 3):
        fill_run(start_run(campaign, seed=seed, queue=False).pk)
        draft = Draft.objects.awaiting_review().filter(language="en").first()
        approve_draft(draft, editor=editor)
        delivery.deliver(Publication.objects.latest("pk").pk)
    return list(Publication.objects.order_by("pk"))


def test_an_earlier_text_comes_back_as_one_action(three, publisher):
    assert revert_to(three[0], user=publisher) == 2

    assert ShelfCopy.objects.live().get().text == three[0].text
    states = list(Publication.objects.order_by("pk").values_list("status", flat=True))
    assert states == ["published", "withdrawn", "withdrawn"]
    entry = AuditEntry.objects.get(action="publication.revert")
    assert sorted(entry.details["withdrawn"]) == [three[1].pk, three[2].pk]


def test_what_visitors_read_already_is_nothing_to_go_back_to(three, publisher):
    with pytest.raises(NothingToRevert):
        revert_to(three[2], user=publisher)
    withdraw_publication(three[0], user=publisher)
    with pytest.raises(NothingToRevert):
        revert_to(three[0], user=publisher)


def test_the_page_of_publications_brings_back_and_schedules(client, three, publisher, editor):
    publisher.user_permissions.add(*editor.user_permissions.all())
    client.force_login(publisher)
    page = client.get("/review/publications/").content.decode()
    assert page.count("Bring back") == 2

    htmx = {"HX-Request": "true"}
    answer = client.post(f"/review/publications/{three[1].pk}/revert/", headers=htmx)
    assert "This text is what visitors read again." in answer.content.decode()
    place = f"/review/publications/{three[2].pk}/schedule/"
    refused = client.post(place, {"at": "soon"}, headers=htmx)
    assert refused.status_code == 422
    assert "Say when the text is to go out" in refused.content.decode()
    at = in_hours(5).strftime("%Y-%m-%dT%H:%M")
    assert "Scheduled." in client.post(place, {"at": at}, headers=htmx).content.decode()
    assert client.get("/review/publications/?status=scheduled").content.count(b"<tr id=") == 1
