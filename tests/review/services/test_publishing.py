"""What is approved reaches the shelf exactly once, and comes off it again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Channel
from generation.models import Draft
from review import delivery, services
from review.errors import DraftNotApproved, NothingToRepublish, PublicationNotLive
from review.models import Publication, ShelfCopy
from review.services import approve_draft, edit_draft, reject_draft, withdraw_publication


@pytest.fixture(autouse=True)
def queued(monkeypatch):
    """The ids handed to the broker, which is not there."""
    ids = []
    monkeypatch.setattr("review.tasks.deliver.delay", ids.append)
    return ids


@pytest.fixture
def publication(draft, editor) -> Publication:
    """An approved draft's publication, delivered to the storefront."""
    approve_draft(draft, editor=editor)
    publication = Publication.objects.get()
    delivery.deliver(publication.pk)
    publication.refresh_from_db()
    return publication


def test_the_delivery_is_queued_when_the_decision_is_committed(
    draft, editor, queued, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        approve_draft(draft, editor=editor)

    assert queued == [Publication.objects.get().pk]


def test_a_delivery_places_the_text_once(publication, draft):
    assert delivery.deliver(publication.pk) == 0

    draft.refresh_from_db()
    assert (publication.status, draft.status) == ("published", Draft.Status.PUBLISHED)
    assert ShelfCopy.objects.live().get().text == draft.text


def test_a_worker_that_died_after_placing_places_nothing_twice(publication):
    Publication.objects.update(
        status="sending", next_attempt_at=timezone.now() - timedelta(seconds=1)
    )

    assert delivery.deliver(publication.pk) == 1

    assert ShelfCopy.objects.count() == 1


def covered() -> dict[int, bool]:
    return dict(Publication.objects.for_list().values_list("pk", "is_covered"))


def test_withdrawing_brings_the_text_before_it_back(
    publication, drafts, campaign, checkpoint, editor
):
    from generation.drafting import fill_run  # noqa: PLC0415
    from generation.services import start_run  # noqa: PLC0415

    second_run = start_run(campaign, seed=99, queue=False)
    fill_run(second_run.pk)
    newer = second_run.drafts.get(language="en")
    edit_draft(
        newer,
        editor=editor,
        text="Cast iron for slow eggs and quick steaks. Brush with warm water, then oil thinly.",
    )
    later = newer.publications.get()
    delivery.deliver(later.pk)
    assert ShelfCopy.objects.live().get().text.startswith("Cast iron for slow eggs")
    assert covered() == {publication.pk: True, later.pk: False}

    withdraw_publication(later, user=editor)

    assert ShelfCopy.objects.live().get().text == publication.text
    assert covered() == {publication.pk: False, later.pk: False}
    newer.refresh_from_db()
    assert newer.status == Draft.Status.WITHDRAWN


def test_a_text_that_still_waits_for_its_channel_can_be_withdrawn(draft, editor, queued):
    approve_draft(draft, editor=editor)
    waiting = Publication.objects.get()

    withdraw_publication(waiting, user=editor)

    assert delivery.deliver(waiting.pk) == 0
    waiting.refresh_from_db()
    assert (waiting.status, waiting.withdrawn_at is not None) == ("withdrawn", True)
    assert not ShelfCopy.objects.exists()


def test_a_withdrawn_text_can_be_published_again(publication, draft, editor):
    withdraw_publication(publication, user=editor)
    assert not ShelfCopy.objects.live().exists()

    [again] = services.republish(Draft.objects.get(pk=draft.pk))
    delivery.deliver(again.pk)

    assert ShelfCopy.objects.live().get().text == draft.text
    assert ShelfCopy.objects.count() == 2


def test_what_is_on_no_shelf_cannot_be_withdrawn(publication, editor):
    withdraw_publication(publication, user=editor)

    with pytest.raises(PublicationNotLive):
        withdraw_publication(publication, user=editor)
    assert Publication.objects.get().status == "withdrawn"


def test_it_is_foreseen_what_can_be_published_again(publication, drafts, editor):
    draft, undecided = drafts
    missing = max(one.pk for one in drafts) + 1
    pks = [draft.pk, undecided.pk, missing]

    def refused() -> dict[int, type]:
        return {pk: type(refusal) for pk, refusal in services.refused_again(pks).items()}

    others = {undecided.pk: DraftNotApproved, missing: NothingToRepublish}
    assert refused() == {draft.pk: NothingToRepublish, **others}
    more = Channel.objects.create(slug="more", name="More", publisher="storefront")
    draft.run.campaign.channels.add(more)  # it has not had the text yet
    assert refused() == others
    services.republish(draft)
    assert refused() == {draft.pk: NothingToRepublish, **others}
    withdraw_publication(publication, user=editor)
    assert refused() == others


def test_what_is_on_the_shelf_is_not_published_again(publication, draft):
    with pytest.raises(NothingToRepublish):
        services.republish(draft)


def test_a_channel_without_a_publisher_fails_with_its_name_and_is_tried_again(draft, editor):
    Channel.objects.update(publisher="carrier-pigeon")
    approve_draft(draft, editor=editor)
    publication = Publication.objects.get()

    assert delivery.deliver(publication.pk) == 0

    publication.refresh_from_db()
    assert publication.status == "failed"
    assert "carrier-pigeon" in publication.last_error
    assert publication.next_attempt_at > timezone.now()


def test_the_clock_takes_up_what_the_broker_never_got(
    draft, editor, queued, django_capture_on_commit_callbacks
):
    approve_draft(draft, editor=editor)
    assert services.requeue_due_publications() == 0
    Publication.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))

    with django_capture_on_commit_callbacks(execute=True):
        assert services.requeue_due_publications() == 1

    assert queued[-1] == Publication.objects.get().pk


def test_a_draft_that_nobody_decided_is_not_published(draft):
    with pytest.raises(DraftNotApproved, match="not approved yet: approve it"):
        services.republish(draft)

    assert Publication.objects.count() == 0


def test_a_rejected_draft_is_not_published(draft, editor):
    reject_draft(draft, editor=editor, reason="dull")

    with pytest.raises(NothingToRepublish, match="no withdrawn text") as refusal:
        services.republish(draft)

    assert type(refusal.value) is NothingToRepublish
    assert Publication.objects.count() == 0
