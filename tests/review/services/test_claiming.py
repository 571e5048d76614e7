"""Who opens a draft holds it, until they decide it, leave it, or somebody takes it over."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.models import AuditEntry
from generation.models import Draft
from review.errors import DraftHeld
from review.models import Claim, Decision
from review.models.claim import TERM
from review.services import (
    approve_draft,
    approve_drafts,
    claim_draft,
    claim_first,
    claiming,
    reject_draft,
    release_drafts,
    renew_claim,
    take_over_draft,
)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr("review.tasks.deliver.delay", lambda pk: None)


@pytest.fixture
def heard(monkeypatch):
    """The drafts of which the desks were told that others hold them now."""
    told: list[list[int]] = []
    monkeypatch.setattr("generation.live.announce_held", lambda ids, by: told.append(list(ids)))
    return told


@pytest.fixture
def pass_time(monkeypatch):
    """Let so much time pass."""

    def wait(period: timedelta) -> None:
        later = timezone.now() + period
        monkeypatch.setattr(timezone, "now", lambda: later)

    return wait


def holder(draft):
    return Claim.objects.get(draft=draft).editor


def test_an_open_draft_is_nobody_elses(draft, editor, other_editor):
    claim_draft(draft, editor=editor)

    with pytest.raises(DraftHeld) as refusal:
        claim_draft(draft, editor=other_editor)

    assert str(refusal.value) == ("lin has this draft open: take it over, or decide another one.")
    assert Claim.objects.get().editor == editor


def test_nobody_is_handed_what_somebody_holds(drafts, editor, other_editor):
    waiting = Draft.objects.awaiting_review().in_order()

    mine = claim_first(waiting, editor=editor)
    theirs = claim_first(waiting, editor=other_editor)

    assert {mine, theirs} == set(drafts)
    assert claim_first(waiting, editor=editor) == mine  # a page that is loaded anew
    nobody = claim_first(waiting.filter(pk=mine.pk), editor=other_editor)
    assert nobody is None


def test_whoever_opens_another_draft_lets_the_first_go(
    drafts, editor, other_editor, heard, django_capture_on_commit_callbacks
):
    first, second = drafts
    claim_draft(first, editor=editor)

    with django_capture_on_commit_callbacks(execute=True):
        claim_draft(second, editor=editor)

    assert heard == [[second.pk], [first.pk]]
    claim_draft(first, editor=other_editor)
    assert holder(first) == other_editor


def test_nobody_is_handed_what_is_decided_at_that_moment(drafts, editor, other_editor, monkeypatch):
    waiting = Draft.objects.awaiting_review().in_order()
    first = waiting.first()
    hold = claiming._hold  # noqa: SLF001 - the moment between looking and holding

    def late(pk, *rest, **how):
        if pk == first.pk:
            approve_draft(first, editor=other_editor)
        hold(pk, *rest, **how)

    monkeypatch.setattr(claiming, "_hold", late)

    handed = claim_first(waiting, editor=editor)

    assert handed == next(draft for draft in drafts if draft != first)
    assert Claim.objects.get().draft == handed


def test_the_draft_that_comes_next_is_held_beside_the_open_one(
    drafts, editor, other_editor, pass_time
):
    waiting = Draft.objects.awaiting_review().in_order()
    first = claim_first(waiting, editor=editor)

    second = claim_first(waiting, editor=editor, beside={first.pk})

    assert {first, second} == set(drafts)
    assert {holder(draft) for draft in drafts} == {editor}
    assert claim_first(waiting, editor=editor, beside={first.pk}) == second  # asked again
    assert claim_first(waiting, editor=editor) == first  # a page that is loaded anew
    assert claim_first(waiting, editor=other_editor) is None
    pass_time(TERM - timedelta(seconds=1))
    renew_claim(first, editor=editor)
    pass_time(TERM - timedelta(seconds=1))
    assert claim_first(waiting, editor=other_editor) is None
    approve_draft(first, editor=editor)
    assert claim_first(waiting, editor=editor, beside={second.pk}) is None
    assert claim_first(waiting, editor=editor) == second


def test_two_pages_of_an_editor_may_open_one_draft_at_once(draft, editor, monkeypatch):
    claim_draft(draft, editor=editor)
    # The second page looked before the first one wrote.
    monkeypatch.setattr(claiming, "_claims_of", lambda editor: [])

    assert claim_first(Draft.objects.awaiting_review(), editor=editor) == draft
    assert holder(draft) == editor


def test_what_ran_out_and_is_somebody_elses_now_stays_theirs(
    drafts, editor, other_editor, monkeypatch, pass_time
):
    first, second = drafts
    claim_draft(first, editor=editor)
    pass_time(TERM + timedelta(seconds=1))
    seen = list(Claim.objects.filter(editor=editor))
    claim_draft(first, editor=other_editor)
    monkeypatch.setattr(claiming, "_claims_of", lambda editor: seen)  # as it was a moment ago

    claim_draft(second, editor=editor)

    assert (holder(first), holder(second)) == (other_editor, editor)


def test_a_page_left_open_takes_nothing_back(drafts, editor, pass_time):
    old, new = drafts
    claim_draft(old, editor=editor)
    claim_draft(new, editor=editor)

    renew_claim(old, editor=editor)
    assert [claim.draft for claim in Claim.objects.all()] == [new]

    pass_time(TERM + timedelta(seconds=1))
    renew_claim(old, editor=editor)  # what came after it has run out
    assert [claim.draft for claim in Claim.objects.all()] == [old]


def given(*drafts: Draft) -> dict[int, datetime]:
    """What a page shows that is given these drafts now."""
    return {draft.pk: timezone.now() for draft in drafts}


def test_a_page_that_is_closed_lets_go_of_what_it_held_and_of_nothing_else(
    drafts, editor, other_editor, heard, django_capture_on_commit_callbacks
):
    waiting = Draft.objects.awaiting_review().in_order()
    mine, theirs = drafts
    claim_draft(mine, editor=editor)
    claim_draft(theirs, editor=other_editor)

    with django_capture_on_commit_callbacks(execute=True):
        released = release_drafts(given(mine, theirs) | {0: timezone.now()}, editor=editor)

    assert (released, heard) == (1, [[mine.pk]])
    assert holder(theirs) == other_editor
    assert claim_first(waiting, editor=other_editor, beside={theirs.pk}) == mine
    heard.clear()
    assert release_drafts(given(mine), editor=editor) == 0
    assert heard == []


def test_what_a_page_shows_is_held_again_when_another_page_of_it_was_closed(
    drafts, editor, other_editor
):
    waiting = Draft.objects.awaiting_review().in_order()
    first = claim_first(waiting, editor=editor)
    second = claim_first(waiting, editor=editor, beside={first.pk})
    release_drafts(given(first, second), editor=editor)

    assert claim_first(waiting, editor=editor, beside={first.pk}) == second

    assert {holder(draft) for draft in drafts} == {editor}
    release_drafts(given(first), editor=editor)
    claim_draft(first, editor=other_editor)
    assert claim_first(waiting, editor=editor, beside={first.pk}) == second
    assert holder(first) == other_editor
    release_drafts(given(second), editor=editor)
    approve_draft(first, editor=other_editor)
    assert claim_first(waiting, editor=editor, beside={first.pk}) == second
    assert Claim.objects.get().draft == second  # what is decided is nobody's


def test_a_page_that_is_heard_of_late_lets_go_of_nothing_that_the_next_one_shows(drafts, editor):
    waiting = Draft.objects.awaiting_review().in_order()
    first = claim_first(waiting, editor=editor)
    second = claim_first(waiting, editor=editor, beside={first.pk})
    old = given(first, second)

    assert claim_first(waiting, editor=editor) == first  # the page is loaded anew
    assert claim_first(waiting, editor=editor, beside={first.pk}) == second
    assert release_drafts(old, editor=editor) == 0
    assert claim_first(waiting, editor=editor) == first

    assert release_drafts(given(first, second), editor=editor) == 2
    shown = given(first)
    claim_first(waiting, editor=editor, beside={first.pk})  # it came back from where pages are kept
    assert release_drafts(shown, editor=editor) == 1
    claim_draft(first, editor=editor)
    release_drafts(given(first), editor=editor)
    shown = given(first)
    renew_claim(first, editor=editor)
    assert release_drafts(shown, editor=editor) == 1

    claim_draft(second, editor=editor)  # opened by its address
    late = given(second)
    claim_draft(second, editor=editor)
    assert release_drafts(late, editor=editor) == 0
    assert release_drafts(given(second), editor=editor) == 1


def test_a_claim_runs_out_unless_it_is_renewed(draft, editor, other_editor, pass_time):
    claim_draft(draft, editor=editor)
    pass_time(TERM - timedelta(seconds=1))
    renew_claim(draft, editor=editor)
    pass_time(TERM - timedelta(seconds=1))
    with pytest.raises(DraftHeld):
        claim_draft(draft, editor=other_editor)
    pass_time(timedelta(seconds=2))

    claim_draft(draft, editor=other_editor)
    assert holder(draft) == other_editor
    with pytest.raises(DraftHeld, match="zhou has this draft open"):
        renew_claim(draft, editor=editor)


def test_taking_over_is_kept_on_record(draft, editor, other_editor):
    claim_draft(draft, editor=editor)

    take_over_draft(draft, editor=other_editor, note=" lin is on holiday ")

    assert holder(draft) == other_editor
    entry = AuditEntry.objects.get(action="draft.take_over")
    assert (entry.user, entry.details) == (
        other_editor,
        {"holder": "lin", "note": "lin is on holiday"},
    )
    with pytest.raises(DraftHeld):
        approve_draft(draft, editor=editor)


def test_taking_over_what_nobody_holds_is_opening_it(draft, editor):
    take_over_draft(draft, editor=editor)

    assert holder(draft) == editor
    assert not AuditEntry.objects.exists()


def test_what_is_open_elsewhere_is_not_decided(drafts, editor, other_editor):
    claim_draft(drafts[0], editor=editor)

    with pytest.raises(DraftHeld):
        reject_draft(drafts[0], editor=other_editor, reason="dull")
    outcome = approve_drafts([draft.pk for draft in drafts], editor=other_editor)

    assert outcome[:2] == ([drafts[1].pk], [drafts[0].pk])
    assert Decision.objects.count() == 1


def test_a_decision_lets_the_draft_go(draft, editor):
    claim_draft(draft, editor=editor)

    approve_draft(draft, editor=editor)

    assert not Claim.objects.exists()


def test_the_database_takes_no_second_claim_and_none_that_never_was(draft, editor, other_editor):
    now = timezone.now()
    Claim.objects.create(draft=draft, editor=editor, since=now, expires_at=now + TERM)

    with pytest.raises(IntegrityError, match="draft"), transaction.atomic():
        Claim.objects.create(draft=draft, editor=other_editor, since=now, expires_at=now + TERM)
    with pytest.raises(IntegrityError, match="claim_ends_after"), transaction.atomic():
        Claim.objects.update(expires_at=now - TERM)
