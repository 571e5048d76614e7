"""An editor's verdict: one transaction that moves the draft, records why, and hands on.

A decision writes the draft's new state, the `Decision`, the `Example`s that the discriminator
will learn from and, for a text that is wanted, its publications: all of them or nothing.

A wish has a key. The same wish may come twice, because an editor pressed twice or the answer was
lost on its way: the second one writes nothing and gives the decision that the first one made.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from generation import checks, live
from generation.models import Draft, Example
from generation.texts import Brief
from review.changes import edit_ratio
from review.errors import (
    DraftAlreadyDecided,
    DraftChanged,
    DraftHeld,
    DraftUnavailable,
    KeyReused,
    PlaceNotInText,
    ReasonMissing,
    TextRefused,
)
from review.models import Claim, Decision
from review.services.claiming import holder_of
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


# How grave a fault is said to be moves that, and what was decided with many others counts half:
# nobody has read each of them.
SEVERITY_WEIGHTS = {
    Decision.Severity.SLIGHT: 0.5,
    Decision.Severity.PLAIN: 1.0,
    Decision.Severity.GRAVE: 1.5,
}
BULK_WEIGHT = 0.5
MOST_SPANS = 20  # places that are marked in one text


@dataclass(frozen=True)
class Fault:
    """What is wrong with a draft, more closely than by its reason.

    Args:
        severity: how grave it is.
        spans: where it is, as places of code points in the draft's text: start and end.
    """

    severity: int = Decision.Severity.PLAIN
    spans: Sequence[tuple[int, int]] = ()

    def found_in(self, text: str) -> list[list[int]]:
        """The places in a text, in order and each once.

        Raises:
            PlaceNotInText: one of them is not in it.
        """
        if not all(0 <= start < end <= len(text) for start, end in self.spans):
            raise PlaceNotInText
        return [list(span) for span in sorted(set(self.spans))]


@dataclass(frozen=True)
class Circumstances:
    """What a decision was made on, besides the draft.

    Args:
        key: of the wish; a new one where nobody will ask twice.
        version: the draft's version that the editor saw; the one at hand where it is None.
        active_seconds: how long the editor worked on it, where that was measured.
        source: where it was made, one of `Decision.Source`; empty where nobody says it.
        shown_at: since when the editor saw the draft.
        group: of the decisions that were made at once; None for one that was made by itself.
    """

    key: UUID | None = None
    version: int | None = None
    active_seconds: float | None = None
    source: str = ""
    shown_at: datetime | None = None
    group: UUID | None = None

    def seen(self, draft: Draft) -> int:
        """The version of a draft that was decided."""
        return draft.version if self.version is None else self.version


class BulkOutcome(NamedTuple):
    """What became of many drafts: `done` were decided now, `skipped` the editor could not."""

    done: list[int]
    skipped: list[int]


@transaction.atomic
def approve_draft(
    draft: Draft,
    *,
    editor: User,
    given: Circumstances = Circumstances(),
) -> Decision:
    """Accept a draft as it is: it becomes a positive, and goes to the campaign's channels.

    Args:
        draft: the draft as the editor saw it.
        editor: who decides.
        given: under which circumstances.

    Raises:
        DraftAlreadyDecided: it was not open any more; nothing is written.
        DraftChanged: it is open, in another version than the one seen; nothing is written.
        DraftHeld: somebody else has it open; nothing is written.
        KeyReused: the key belongs to another decision; nothing is written.
    """
    if earlier := _made_before(given.key, draft, editor):
        return earlier
    if not _as_seen(draft, given, editor).approve():
        raise _refusal(draft, editor)
    decision = _record(
        draft,
        editor=editor,
        given=given,
        verdict=Decision.Verdict.APPROVED,
        final_text=draft.text,
    )
    Example.objects.add_positive(draft, draft.text, weight_of(decision))
    publish_decision(decision)
    return decision


@transaction.atomic
def edit_draft(
    draft: Draft,
    *,
    editor: User,
    text: str,
    given: Circumstances = Circumstances(),
) -> Decision:
    """Accept a draft in the editor's words: they go to the channels and are learnt from.

    The editor's text is a positive, and with the writer's it makes a pair, which says more against
    the writer's words the more of them was changed. An edit that changes nothing is an approval.

    Args:
        draft: the draft as the editor saw it.
        editor: who decides.
        text: what the editor made of it; line ends and outer blanks do not count.
        given: under which circumstances.

    Raises:
        TextRefused: the text breaks a hard rule; nothing is written.
        DraftAlreadyDecided: it was not open any more; nothing is written.
        DraftChanged: it is open, in another version than the one seen; nothing is written.
        DraftHeld: somebody else has it open; nothing is written.
        KeyReused: the key belongs to another decision; nothing is written.
    """
    if earlier := _made_before(given.key, draft, editor):
        return earlier
    text = text.replace("\r\n", "\n").strip()
    if text == draft.text.strip():
        return approve_draft(draft, editor=editor, given=given)
    findings = checks.check_edit(text, Brief.from_dict(draft.brief))
    hard = [finding for finding in findings if finding.severity == "hard"]
    if hard:
        raise TextRefused(hard)
    if not _as_seen(draft, given, editor).approve():
        raise _refusal(draft, editor)
    decision = _record(
        draft,
        editor=editor,
        given=given,
        verdict=Decision.Verdict.EDITED,
        final_text=text,
        edit_ratio=edit_ratio(draft.text, text),
    )
    Example.objects.add_pair(draft, text, weight_of(decision))
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
    fault: Fault = Fault(),
    given: Circumstances = Circumstances(),
) -> Decision:
    """Refuse a draft, and hand its text to the discriminator as a negative.

    Args:
        draft: the draft as the editor saw it.
        editor: who decides.
        reason: one of `Decision.Reason`; it sets how much the rejection teaches.
        note: the editor's own words, may be empty.
        fault: how grave it is, and where.
        given: under which circumstances.

    Raises:
        ReasonMissing: no reason, or an unknown one; nothing is written.
        PlaceNotInText: a marked place is not in the draft's text; nothing is written.
        DraftAlreadyDecided: it was not open any more; nothing is written.
        DraftChanged: it is open, in another version than the one seen; nothing is written.
        DraftHeld: somebody else has it open; nothing is written.
        KeyReused: the key belongs to another decision; nothing is written.
    """
    if reason not in Decision.Reason.values:
        raise ReasonMissing
    if earlier := _made_before(given.key, draft, editor):
        return earlier
    spans = fault.found_in(draft.text)
    if not _as_seen(draft, given, editor).reject():
        raise _refusal(draft, editor)
    decision = _record(
        draft,
        editor=editor,
        given=given,
        verdict=Decision.Verdict.REJECTED,
        reason=reason,
        note=note.strip(),
        severity=fault.severity,
        spans=spans,
    )
    if weight := weight_of(decision):
        Example.objects.add_negative(draft, reason, weight)
    return decision


def weight_of(decision: Decision) -> float:
    """How much a decision teaches, from 0 to 1.

    For an edit that is how much the writer's words count as refused: the editor's count in full.
    """
    together = BULK_WEIGHT if decision.group else 1.0
    if decision.verdict == Decision.Verdict.EDITED:
        changed = 0.5 if decision.edit_ratio is None else decision.edit_ratio
        return together * min(1.0, 2 * changed)
    if decision.verdict == Decision.Verdict.REJECTED:
        by_reason = REJECTION_WEIGHTS[Decision.Reason(decision.reason)]
        grave = SEVERITY_WEIGHTS[Decision.Severity(decision.severity or Decision.Severity.PLAIN)]
        return together * min(1.0, by_reason * grave)
    return together if decision.verdict == Decision.Verdict.APPROVED else 0.0


def approve_drafts(
    draft_ids: Iterable[int], *, editor: User, source: str = Decision.Source.ADMIN
) -> BulkOutcome:
    """Accept many drafts, each in a transaction of its own; say which were open no more."""
    return _decide_each(draft_ids, partial(approve_draft, editor=editor), source)


def reject_drafts(
    draft_ids: Iterable[int],
    *,
    editor: User,
    reason: str,
    note: str = "",
    source: str = Decision.Source.ADMIN,
) -> BulkOutcome:
    """Refuse many drafts for one reason, each in a transaction of its own.

    Raises:
        ReasonMissing: no reason, or an unknown one; nothing is written.
    """
    if reason not in Decision.Reason.values:
        raise ReasonMissing
    decide = partial(reject_draft, editor=editor, reason=reason, note=note)
    return _decide_each(draft_ids, decide, source)


def _decide_each(
    draft_ids: Iterable[int], decide: Callable[..., Decision], source: str
) -> BulkOutcome:
    """Decide the drafts in the order given; short transactions keep other editors moving."""
    wanted = list(dict.fromkeys(draft_ids))
    given = Circumstances(source=source, group=uuid4() if len(wanted) > 1 else None)
    drafts = Draft.objects.select_related("run__campaign").in_bulk(wanted)
    outcome = BulkOutcome(done=[], skipped=[])
    for pk in wanted:
        if pk not in drafts:
            outcome.skipped.append(pk)
            continue
        try:
            decide(drafts[pk], given=given)
        except DraftUnavailable:
            outcome.skipped.append(pk)
        else:
            outcome.done.append(pk)
    return outcome


def _made_before(key: UUID | None, draft: Draft, editor: User) -> Decision | None:
    """The decision that this wish has led to already, also if it was taken back since.

    Raises:
        KeyReused: the key belongs to another decision.
    """
    if key is None:
        return None
    earlier = Decision.objects.filter(key=key).first()
    if earlier and (earlier.draft_id, earlier.editor_id) != (draft.pk, editor.pk):
        raise KeyReused
    return earlier


def _as_seen(draft: Draft, given: Circumstances, editor: User) -> QuerySet[Draft]:
    """The draft's row, provided that it is as the editor saw it and on nobody else's desk."""
    held = Claim.objects.held_from(editor, timezone.now())
    return Draft.objects.filter(pk=draft.pk, version=given.seen(draft)).exclude(held)


def _refusal(draft: Draft, editor: User) -> DraftUnavailable:
    """Why the draft was not as the editor saw it: held or decided, and by whom, or changed."""
    if Draft.objects.awaiting_review().filter(pk=draft.pk).exists():
        claim = holder_of(draft, editor=editor)
        return DraftHeld(claim) if claim else DraftChanged()
    return DraftAlreadyDecided(
        Decision.objects.standing().select_related("editor").filter(draft=draft).first()
    )


def _record(
    draft: Draft, *, editor: User, verdict: str, given: Circumstances, **facts: object
) -> Decision:
    """Write the decision, let the draft go, and tell the other desks once it is committed."""
    Claim.objects.filter(draft=draft).release()
    decision = Decision.objects.create(
        draft=draft,
        editor=editor,
        verdict=verdict,
        key=given.key or uuid4(),
        draft_version=given.seen(draft),
        active_seconds=given.active_seconds,
        source=given.source,
        group=given.group,
        shown_at=given.shown_at,
        score=draft.score,
        **facts,
    )
    transaction.on_commit(lambda: live.announce_decided(draft.pk), robust=True)
    return decision
