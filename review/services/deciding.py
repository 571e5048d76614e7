"""An editor's verdict: one transaction that moves the draft, records why, and hands on.

A decision writes the draft's new state, the `Decision`, the `Example`s that the discriminator
will learn from and, for a text that is wanted, its publications: all of them or nothing.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import models, transaction

from generation import checks, live
from generation.models import Draft, Example
from generation.texts import Brief
from review.errors import DraftAlreadyDecided, DraftChanged, ReasonMissing, TextRefused
from review.models import Decision
from review.services.publishing import publish_decision

# How much a rejection teaches. A wrong fact or broken language is wrong for everybody; tone is a
# matter of degree; repetition says more about the other drafts than about this one. What was not
# needed may have been written well, so it teaches nothing.
REJECTION_WEIGHTS = {
    Decision.Reason.WRONG_FACT: 1.0,
    Decision.Reason.GARBLED: 1.0,
    Decision.Reason.BANNED_CLAIM: 1.0,
    Decision.Reason.OFF_BRAND: 0.7,
    Decision.Reason.DULL: 0.7,
    Decision.Reason.REPETITIVE: 0.5,
    Decision.Reason.NOT_NEEDED: 0.0,
}


class BulkOutcome(NamedTuple):
    """What became of many drafts: `done` were decided now, `skipped` were not open any more."""

    done: list[int]
    skipped: list[int]


@transaction.atomic
def approve_draft(
    draft: Draft,
    *,
    editor: User,
    version: int | None = None,
    active_seconds: float | None = None,
) -> Decision:
    """Accept a draft as it is: it becomes a positive, and goes to the campaign's channels.

    Args:
        draft: the draft as the editor saw it.
        editor: who decides.
        version: the draft's version that the editor saw; None decides whatever is there.
        active_seconds: how long the editor worked on it, where that was measured.

    Raises:
        DraftAlreadyDecided: it was not open any more; nothing is written.
        DraftChanged: it is open, in another version than the one seen; nothing is written.
    """
    if not _as_seen(draft, version).approve():
        raise _refusal(draft)
    decision = _record(
        draft,
        editor=editor,
        verdict=Decision.Verdict.APPROVED,
        final_text=draft.text,
        active_seconds=active_seconds,
    )
    Example.objects.add_positive(draft, draft.text)
    publish_decision(decision)
    return decision


@transaction.atomic
def edit_draft(
    draft: Draft,
    *,
    editor: User,
    text: str,
    version: int | None = None,
    active_seconds: float | None = None,
) -> Decision:
    """Accept a draft in the editor's words: they go to the channels and are learnt from.

    The editor's text is a positive, and with the writer's it makes a pair. An edit that changes
    nothing is an approval.

    Args:
        draft: the draft as the editor saw it.
        editor: who decides.
        text: what the editor made of it; line ends and outer blanks do not count.
        version: the draft's version that the editor saw; None decides whatever is there.
        active_seconds: how long the editor worked on it, where that was measured.

    Raises:
        TextRefused: the text breaks a hard rule; nothing is written.
        DraftAlreadyDecided: it was not open any more; nothing is written.
        DraftChanged: it is open, in another version than the one seen; nothing is written.
    """
    text = text.replace("\r\n", "\n").strip()
    if text == draft.text.strip():
        return approve_draft(draft, editor=editor, version=version, active_seconds=active_seconds)
    findings = checks.check_edit(text, Brief.from_dict(draft.brief))
    hard = [finding for finding in findings if finding.severity == "hard"]
    if hard:
        raise TextRefused(hard)
    if not _as_seen(draft, version).approve():
        raise _refusal(draft)
    decision = _record(
        draft,
        editor=editor,
        verdict=Decision.Verdict.EDITED,
        final_text=text,
        active_seconds=active_seconds,
    )
    Example.objects.add_pair(draft, text)
    Example.objects.add_positive(draft, text)
    publish_decision(decision)
    return decision


@transaction.atomic
def reject_draft(
    draft: Draft,
    *,
    editor: User,
    reason: str,
    note: str = "",
    version: int | None = None,
    active_seconds: float | None = None,
) -> Decision:
    """Refuse a draft, and hand its text to the discriminator as a negative.

    Args:
        draft: the draft as the editor saw it.
        editor: who decides.
        reason: one of `Decision.Reason`; it sets how much the rejection teaches.
        note: the editor's own words, may be empty.
        version: the draft's version that the editor saw; None decides whatever is there.
        active_seconds: how long the editor worked on it, where that was measured.

    Raises:
        ReasonMissing: no reason, or an unknown one; nothing is written.
        DraftAlreadyDecided: it was not open any more; nothing is written.
        DraftChanged: it is open, in another version than the one seen; nothing is written.
    """
    if reason not in Decision.Reason.values:
        raise ReasonMissing
    if not _as_seen(draft, version).reject():
        raise _refusal(draft)
    decision = _record(
        draft,
        editor=editor,
        verdict=Decision.Verdict.REJECTED,
        reason=reason,
        note=note.strip(),
        active_seconds=active_seconds,
    )
    weight = REJECTION_WEIGHTS[Decision.Reason(reason)]
    if weight:
        Example.objects.add_negative(draft, reason, weight)
    return decision


def approve_drafts(draft_ids: Iterable[int], *, editor: User) -> BulkOutcome:
    """Accept many drafts, each in a transaction of its own; say which were open no more."""
    return _decide_each(draft_ids, partial(approve_draft, editor=editor))


def reject_drafts(
    draft_ids: Iterable[int], *, editor: User, reason: str, note: str = ""
) -> BulkOutcome:
    """Refuse many drafts for one reason, each in a transaction of its own.

    Raises:
        ReasonMissing: no reason, or an unknown one; nothing is written.
    """
    if reason not in Decision.Reason.values:
        raise ReasonMissing
    return _decide_each(draft_ids, partial(reject_draft, editor=editor, reason=reason, note=note))


def _decide_each(draft_ids: Iterable[int], decide: Callable[[Draft], Decision]) -> BulkOutcome:
    """Decide the drafts in the order given; short transactions keep other editors moving."""
    wanted = list(dict.fromkeys(draft_ids))
    drafts = Draft.objects.select_related("run__campaign").in_bulk(wanted)
    outcome = BulkOutcome(done=[], skipped=[])
    for pk in wanted:
        if pk not in drafts:
            outcome.skipped.append(pk)
            continue
        try:
            decide(drafts[pk])
        except DraftAlreadyDecided:
            outcome.skipped.append(pk)
        else:
            outcome.done.append(pk)
    return outcome


def _as_seen(draft: Draft, version: int | None) -> models.QuerySet[Draft]:
    """The draft's row, provided that it is still the version the editor saw."""
    row = Draft.objects.filter(pk=draft.pk)
    return row if version is None else row.filter(version=version)


def _refusal(draft: Draft) -> DraftAlreadyDecided:
    """Why the draft was not as the editor saw it: decided, with the editor's name, or changed."""
    if Draft.objects.awaiting_review().filter(pk=draft.pk).exists():
        return DraftChanged()
    return DraftAlreadyDecided(
        Decision.objects.select_related("editor").filter(draft=draft).first()
    )


def _record(draft: Draft, *, editor: User, verdict: str, **facts: object) -> Decision:
    """Write the decision, and tell the other desks once it is committed."""
    decision = Decision.objects.create(
        draft=draft, editor=editor, verdict=verdict, draft_version=draft.version, **facts
    )
    transaction.on_commit(lambda: live.announce_decided(draft.pk), robust=True)
    return decision
