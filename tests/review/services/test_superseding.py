"""What a newer text was accepted for does not wait in an older one, unless that is taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import AuditEntry, Campaign
from generation.drafting import fill_run
from generation.models import Draft
from generation.services import start_run
from review.errors import DraftAlreadyDecided
from review.models import Publication, SecondOpinionRule, Supersession
from review.services import (
    approve_draft,
    approve_drafts,
    defer_draft,
    edit_draft,
    reject_draft,
    undo_decision,
    undo_group,
)

Status = Draft.Status


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr("review.tasks.deliver.delay", lambda pk: None)
    monkeypatch.setattr("review.tasks.take_down.delay", lambda pk: None)


def written_anew(campaign: Campaign, seed: int = 8) -> list[Draft]:
    """What another run of a campaign writes: one English draft, one Chinese."""
    run = start_run(campaign, seed=seed, queue=False)
    fill_run(run.pk)
    return list(Draft.objects.filter(run=run).order_by("slot__ordinal"))


@pytest.fixture
def older(drafts) -> list[Draft]:
    """What the first run wrote."""
    return drafts


@pytest.fixture
def newer(older, campaign) -> list[Draft]:
    """What a later run wrote for the same places."""
    return written_anew(campaign)


def states(drafts: list[Draft]) -> list[str]:
    """Where drafts stand now."""
    now = Draft.objects.in_bulk([draft.pk for draft in drafts])
    return [now[draft.pk].status for draft in drafts]


def test_an_older_draft_of_the_same_place_leaves_the_desk(older, newer, editor):
    decision = approve_draft(newer[0], editor=editor)

    assert states(older) == [Status.EXPIRED, Status.PROPOSED]
    assert Supersession.objects.values_list("draft", "decision").get() == (
        older[0].pk,
        decision.pk,
    )
    entry = AuditEntry.objects.get(action="drafts.supersede")
    assert entry.user == editor
    assert entry.details == {"drafts": [older[0].pk], "by": [newer[0].pk]}
    with pytest.raises(DraftAlreadyDecided):
        approve_draft(older[0], editor=editor)
    assert Publication.objects.get().draft == newer[0]


def test_an_edit_supersedes_too(older, newer, editor):
    edit_draft(newer[1], editor=editor, text=newer[1].text + "再来一句。")

    assert states(older) == [Status.PROPOSED, Status.EXPIRED]


def test_the_other_desks_are_told(
    older, newer, editor, monkeypatch, django_capture_on_commit_callbacks
):
    told: list[list[int]] = []
    monkeypatch.setattr("generation.live.announce_decided", told.append)

    with django_capture_on_commit_callbacks(execute=True):
        approve_draft(newer[0], editor=editor)

    assert sorted(told) == sorted([[newer[0].pk], [older[0].pk]])


def test_what_is_rejected_supersedes_nothing(older, newer, editor):
    reject_draft(newer[0], editor=editor, reason="dull")

    assert states(older) == [Status.PROPOSED] * 2


def test_an_older_text_supersedes_none_that_is_newer(older, newer, editor):
    approve_draft(older[0], editor=editor)

    assert states(newer) == [Status.PROPOSED] * 2


def test_another_campaigns_draft_stays(older, campaign, editor):
    other = Campaign.objects.create(slug="autumn", name="Autumn", languages=["en", "zh-hans"])
    for name in ("products", "kinds", "channels"):
        getattr(other, name).set(getattr(campaign, name).all())

    approve_draft(written_anew(other)[0], editor=editor)

    assert states(older) == [Status.PROPOSED] * 2


def test_variants_of_one_run_stay(older, newer, editor):
    Draft.objects.filter(pk=older[0].pk).update(run=newer[0].run_id)

    approve_draft(newer[0], editor=editor)

    assert states(older) == [Status.PROPOSED] * 2


def test_what_somebody_has_judged_or_put_off_stays(older, newer, editor, other_editor):
    defer_draft(older[0], editor=editor, until=timezone.now() + timedelta(hours=4))
    rule = SecondOpinionRule.objects.create(name="all", share=100)
    approve_draft(older[1], editor=editor)
    rule.delete()

    for draft in newer:
        approve_draft(draft, editor=editor)

    assert states(older) == [Status.DEFERRED, Status.SECOND]
    assert not Supersession.objects.exists()


def test_what_awaits_a_second_opinion_supersedes_when_it_has_one(
    older, newer, editor, other_editor
):
    SecondOpinionRule.objects.create(name="all", share=100)
    approve_draft(newer[0], editor=editor)
    assert states(older) == [Status.PROPOSED] * 2

    second = approve_draft(Draft.objects.get(pk=newer[0].pk), editor=other_editor)

    assert states(older) == [Status.EXPIRED, Status.PROPOSED]
    undo_decision(second, editor=other_editor)
    assert states(older) == [Status.PROPOSED] * 2


def test_it_is_taken_back_with_the_approval(
    older, newer, editor, monkeypatch, django_capture_on_commit_callbacks
):
    decision = approve_draft(newer[0], editor=editor)
    told: list[tuple] = []
    monkeypatch.setattr("generation.live.announce_drafts_ready", lambda *of: told.append(of))

    with django_capture_on_commit_callbacks(execute=True):
        undo_decision(decision, editor=editor)

    assert states([*older, *newer]) == [Status.PROPOSED] * 4
    assert not Supersession.objects.exists()
    assert (older[0].run_id, [older[0].pk]) in told
    assert approve_draft(Draft.objects.get(pk=older[0].pk), editor=editor).draft == older[0]


def test_what_another_approval_superseded_stays_so(older, newer, campaign, editor):
    newest = written_anew(campaign, seed=9)
    own = approve_draft(newest[0], editor=editor)
    other = approve_draft(newest[1], editor=editor)

    undo_decision(other, editor=editor)

    assert states([older[0], newer[0]]) == [Status.EXPIRED] * 2
    assert states([older[1], newer[1]]) == [Status.PROPOSED] * 2
    assert set(Supersession.objects.values_list("decision", flat=True)) == {own.pk}


def test_many_at_once_supersede_and_are_taken_back_together(older, newer, editor):
    outcome = approve_drafts([draft.pk for draft in newer], editor=editor)

    assert states(older) == [Status.EXPIRED] * 2
    assert AuditEntry.objects.get(action="drafts.supersede").details["by"] == [
        draft.pk for draft in newer
    ]
    by = dict(Supersession.objects.values_list("draft", "decision__draft"))
    assert by == {old.pk: new.pk for old, new in zip(older, newer, strict=True)}
    undo_group(outcome.group, editor=editor)
    assert states([*older, *newer]) == [Status.PROPOSED] * 4


def test_of_one_place_the_newest_is_accepted_of_many(older, newer, editor):
    wanted = [draft.pk for draft in [*newer, *older]]

    outcome = approve_drafts(wanted, editor=editor)

    assert outcome.done == [draft.pk for draft in newer]
    assert states(older) == [Status.EXPIRED] * 2
    assert Publication.objects.filter(draft__in=older).count() == 0


def test_an_approval_asks_nothing_more_where_the_draft_says_that_none_waits(older, editor):
    told = Draft.objects.for_decision().get(pk=older[0].pk)
    untold = Draft.objects.get(pk=older[1].pk)

    with CaptureQueriesContext(connection) as asked:
        approve_draft(told, editor=editor)
    with CaptureQueriesContext(connection) as asked_more:
        approve_draft(untold, editor=editor)

    assert told.has_older is False
    assert len(asked) == len(asked_more) - 2  # the campaign, and what waits
    moved = [one["sql"].split()[1] for one in asked if one["sql"].startswith("UPDATE")]
    assert moved == ['"generation_draft"']


def test_a_draft_says_whether_older_ones_would_give_way(older, newer, editor):
    def told(draft: Draft) -> bool:
        return Draft.objects.for_decision().get(pk=draft.pk).has_older

    assert [told(draft) for draft in [*older, *newer]] == [False, False, True, True]
    reject_draft(older[0], editor=editor, reason="dull")
    assert [told(draft) for draft in newer] == [False, True]


def test_a_card_says_that_a_newer_text_was_approved_and_which(client, older, newer, editor):
    client.force_login(editor)
    place = f"/review/drafts/{older[0].pk}/"
    defer_draft(older[0], editor=editor, until=timezone.now() + timedelta(hours=4))
    assert "newer text" not in client.get(place).content.decode()
    approve_draft(newer[0], editor=editor)

    page = client.get(place).content.decode()

    assert "A newer text for the same place was approved after this one was written." in page
    assert f'<a href="/review/drafts/{newer[0].pk}/">See the newer text</a>' in page
    own = client.get(f"/review/drafts/{newer[0].pk}/").content.decode()
    assert "newer text" not in own


def test_the_card_and_the_history_of_what_gave_way_say_so(client, older, newer, editor):
    client.force_login(editor)
    decision = approve_draft(newer[0], editor=editor)

    page = client.get(f"/review/drafts/{older[0].pk}/").content.decode()

    assert "Superseded: a newer text for the same place was approved." in page
    assert f'<a href="/review/drafts/{newer[0].pk}/">See the newer text</a>' in page
    assert f"Superseded by draft {newer[0].pk}" in page
    undo_decision(decision, editor=editor)
    assert "newer text" not in client.get(f"/review/drafts/{older[0].pk}/").content.decode()


def test_a_text_that_is_on_no_shelf_is_no_newer_one(client, older, newer, editor):
    client.force_login(editor)
    defer_draft(older[0], editor=editor, until=timezone.now() + timedelta(hours=4))
    reject_draft(newer[0], editor=editor, reason="dull")

    assert "newer text" not in client.get(f"/review/drafts/{older[0].pk}/").content.decode()
