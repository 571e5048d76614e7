"""A decision is one transaction: the draft, why, what is learnt, what goes out."""

from __future__ import annotations

import threading
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from generation.models import Draft, Example
from review.errors import (
    DecisionIsFinal,
    DraftAlreadyDecided,
    DraftChanged,
    PlaceNotInText,
    ReasonMissing,
    TextRefused,
)
from review.models import Decision, Publication
from review.services import (
    Circumstances,
    Fault,
    approve_draft,
    approve_drafts,
    edit_draft,
    reject_draft,
    reject_drafts,
)

Reason = Decision.Reason


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr("review.tasks.deliver.delay", lambda pk: None)


def test_an_approval_is_a_positive_and_goes_to_the_channels(draft, editor):
    decision = approve_draft(
        draft, editor=editor, given=Circumstances(version=1, active_seconds=8.5)
    )

    draft.refresh_from_db()
    assert (draft.status, draft.version) == (Draft.Status.APPROVED, 2)
    assert (decision.verdict, decision.final_text, decision.active_seconds) == (
        "approved",
        draft.text,
        8.5,
    )
    assert Example.objects.values_list("label", "text").get() == ("approved", draft.text)
    assert Publication.objects.values_list("text", "status").get() == (draft.text, "queued")


def test_the_second_of_two_editors_is_refused_and_nothing_is_written(draft, editor, other_editor):
    stale = Draft.objects.get(pk=draft.pk)
    reject_draft(draft, editor=editor, reason=Reason.DULL)

    with pytest.raises(DraftAlreadyDecided) as refusal:
        reject_draft(stale, editor=other_editor, reason=Reason.OFF_BRAND)

    assert str(refusal.value) == "lin was faster: this draft has already been decided (Rejected)."
    assert Decision.objects.get().reason == Reason.DULL
    assert Example.objects.count() == 1


def test_a_version_that_is_not_the_one_seen_is_refused(draft, editor):
    with pytest.raises(DraftChanged, match="has changed in the meantime: look at it again"):
        approve_draft(draft, editor=editor, given=Circumstances(version=9))

    assert Draft.objects.get(pk=draft.pk).status == Draft.Status.PROPOSED


def test_a_rejection_is_a_negative_with_the_weight_of_its_reason(draft, editor):
    reject_draft(draft, editor=editor, reason=Reason.REPETITIVE, note=" twice ")

    assert Decision.objects.get().note == "twice"
    assert Example.objects.values_list("label", "reason", "weight").get() == (
        "rejected",
        "repetitive",
        0.5,
    )
    assert Publication.objects.count() == 0


@pytest.mark.parametrize(
    ("reason", "severity", "weight"),
    [
        (Reason.DULL, 1, 0.35),
        (Reason.DULL, 2, 0.7),
        (Reason.DULL, 3, 1.0),
        (Reason.WRONG_FACT, 3, 1.0),
        (Reason.REPETITIVE, 3, 0.75),
    ],
)
def test_how_grave_a_fault_is_moves_what_it_teaches(draft, editor, reason, severity, weight):
    fault = Fault(severity, spans=[(4, 9), (0, 3), (4, 9)])

    decision = reject_draft(draft, editor=editor, reason=reason, fault=fault)

    assert (decision.severity, decision.spans) == (severity, [[0, 3], [4, 9]])
    assert Example.objects.get().weight == pytest.approx(weight)


@pytest.mark.parametrize("span", [(-1, 3), (3, 3), (5, 2), (0, 10_000)])
def test_a_place_that_is_not_in_the_text_is_refused(draft, editor, span):
    with pytest.raises(PlaceNotInText, match="mark it again, or mark none"):
        reject_draft(draft, editor=editor, reason=Reason.DULL, fault=Fault(spans=[span]))

    assert not Decision.objects.exists()
    assert Draft.objects.get(pk=draft.pk).status == Draft.Status.PROPOSED


def test_what_it_was_made_on_is_kept(draft, editor):
    moment = timezone.now()
    given = Circumstances(source=Decision.Source.DESK, shown_at=moment)

    decision = approve_draft(draft, editor=editor, given=given)

    assert (decision.source, decision.shown_at, decision.group) == ("desk", moment, None)
    assert decision.score == draft.score


def test_what_was_decided_with_others_counts_half(drafts, editor):
    approve_drafts([draft.pk for draft in drafts], editor=editor)

    groups = set(Decision.objects.values_list("group", flat=True))
    assert len(groups) == 1
    assert None not in groups
    assert set(Example.objects.values_list("weight", flat=True)) == {0.5}
    assert set(Decision.objects.values_list("source", flat=True)) == {"admin"}


def test_one_alone_is_no_bulk(draft, editor):
    reject_drafts([draft.pk], editor=editor, reason=Reason.WRONG_FACT)

    assert Decision.objects.get().group is None
    assert Example.objects.get().weight == 1.0


def test_the_more_was_changed_the_more_an_edit_says_against_the_draft(drafts, editor):
    little = edit_draft(drafts[0], editor=editor, text=f"{drafts[0].text[:-1]}!")
    much = edit_draft(
        drafts[1],
        editor=editor,
        text="这口铸铁锅要慢慢养，用得越久越顺手，早饭煎个蛋，晚上焖一锅饭都合适，周末炖汤也不怕火大。",
    )

    assert little.edit_ratio == pytest.approx(1 / len(drafts[0].text))
    assert much.edit_ratio > 0.5
    weights = dict(Example.objects.filter(label="edited").values_list("draft", "weight"))
    assert weights[drafts[0].pk] == pytest.approx(2 / len(drafts[0].text))
    assert weights[drafts[1].pk] == 1.0
    assert set(Example.objects.filter(label="approved").values_list("weight", flat=True)) == {1.0}


@pytest.mark.parametrize("facts", [{"severity": 2}, {"edit_ratio": 0.5}])
def test_the_database_keeps_faults_to_rejections_and_shares_to_edits(draft, editor, facts):
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(
            draft=draft,
            editor=editor,
            verdict="approved",
            final_text=draft.text,
            draft_version=1,
            **facts,
        )


def test_what_was_not_needed_teaches_nothing(draft, editor):
    reject_draft(draft, editor=editor, reason=Reason.NOT_NEEDED)

    assert Example.objects.count() == 0


def test_a_rejection_needs_a_reason(draft, editor):
    with pytest.raises(ReasonMissing) as refusal:
        reject_draft(draft, editor=editor, reason="")

    assert str(refusal.value) == "Choose a reason for the rejection."
    assert Draft.objects.get(pk=draft.pk).status == Draft.Status.PROPOSED


def test_an_edit_is_a_pair_and_the_editors_words_go_out(draft, editor):
    words = (
        "A pan of cast iron, 24 cm across, that wants oil and a little patience before breakfast."
    )

    edit_draft(draft, editor=editor, text=words)

    draft.refresh_from_db()
    assert draft.text != words
    assert set(Example.objects.values_list("label", "text", "draft_text")) == {
        ("edited", words, draft.text),
        ("approved", words, ""),
    }
    assert Publication.objects.get().text == words


def test_an_edit_that_changes_nothing_is_an_approval(draft, editor):
    assert edit_draft(draft, editor=editor, text=f"{draft.text}\r\n").verdict == "approved"


def test_an_editors_invented_number_is_refused_and_nothing_is_lost(draft, editor):
    with pytest.raises(TextRefused) as refusal:
        edit_draft(draft, editor=editor, text=draft.text + " It lasts 99 years.")

    assert "The number 99 stands in no fact of this product" in str(refusal.value)
    assert Draft.objects.get(pk=draft.pk).status == Draft.Status.PROPOSED
    assert Decision.objects.count() == 0


def test_many_drafts_are_decided_one_by_one(drafts, editor):
    first, second = (draft.pk for draft in drafts)
    approve_drafts([first], editor=editor)

    outcome = reject_drafts([first, second, 999], editor=editor, reason=Reason.DULL)

    assert outcome[:2] == ([second], [first, 999])


def test_a_decision_is_final_for_the_code_and_for_the_database(draft, editor):
    decision = approve_draft(draft, editor=editor)

    with pytest.raises(DecisionIsFinal):
        decision.save()
    with pytest.raises(DecisionIsFinal):
        decision.delete()
    with pytest.raises(DecisionIsFinal):
        Decision.objects.update(note="x")
    for statement in ("UPDATE review_decision SET note = 'x'", "DELETE FROM review_decision"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Decision.objects.get().note == ""


@pytest.fixture
def forgetful_database(transactional_db):
    """A database that lets the test's decisions go when it is emptied after the test."""
    yield
    guards = import_module("review.migrations.0002_decisions_are_append_only")
    with connection.schema_editor() as editor:
        guards.unguard(None, editor)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM review_publication")
        cursor.execute("DELETE FROM review_decision")
    with connection.schema_editor() as editor:
        guards.guard(None, editor)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.slow
def test_of_many_editors_at_once_exactly_one_wins(forgetful_database, draft, editor):
    outcomes = []

    def decide():
        try:
            approve_draft(Draft.objects.get(pk=draft.pk), editor=editor)
            outcomes.append("won")
        except DraftAlreadyDecided:
            outcomes.append("late")
        finally:
            connection.close()

    threads = [threading.Thread(target=decide) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["late"] * 5 + ["won"]
    assert Decision.objects.count() == Publication.objects.count() == 1
