"""An editor's verdict: one transaction that moves the draft, records why, and hands on.

A decision writes the draft's new state, the `Decision`, the `Example`s that the discriminator
will learn from and, for a text that is wanted, its publications: all of them or nothing.

A wish has a key. The same wish may come twice, because an editor pressed twice or the answer was
lost on its way: the second one writes nothing and gives the decision that the first one made.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog.prepared import Prepared
from generation import checks, live
from generation.models import Draft, Example
from generation.texts import Brief
from review.changes import edit_ratio
from review.errors import (
    DeferralTooLong,
    DraftAlreadyDecided,
    DraftChanged,
    DraftHeld,
    DraftUnavailable,
    KeyReused,
    OwnText,
    PlaceNotInText,
    ReasonMissing,
    TextRefused,
)
from review.models import Claim, Decision, SecondOpinionRule
from review.services.claiming import holder_of
from review.services.notifying import tell_of_decisions
from review.services.publishing import publish_decisions
from review.services.superseding import supersede

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
SECONDED_WEIGHT = 0.5  # what a second opinion adds to an approval
LONGEST_DEFERRAL = timedelta(days=90)
_BY_KEY = Prepared(Decision.objects.all, by="key")
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


@transaction.atomic
def approve_draft(
    draft: Draft,
    *,
    editor: User,
    given: Circumstances = Circumstances(),
) -> Decision:
    """Accept a draft as it is: it becomes a positive, and goes to the campaign's channels.

    Where somebody else has accepted it already, this is the second opinion on their text.

    Args:
        draft: the draft as the editor saw it.
        editor: who decides.
        given: under which circumstances.

    Raises:
        OwnText: it is the editor's own text that a second opinion is wanted on; nothing is written.
        DraftAlreadyDecided: it was not open any more; nothing is written.
        DraftChanged: it is open, in another version than the one seen; nothing is written.
        DraftHeld: somebody else has it open; nothing is written.
        KeyReused: the key belongs to another decision; nothing is written.
    """
    if earlier := _made_before(given.key, draft, editor):
        return earlier
    first = _first_opinion(draft, editor)
    return _accept(draft, first.final_text if first else draft.text, editor, given, first)


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
        OwnText: it is the editor's own text that a second opinion is wanted on; nothing is written.
        DraftAlreadyDecided: it was not open any more; nothing is written.
        DraftChanged: it is open, in another version than the one seen; nothing is written.
        DraftHeld: somebody else has it open; nothing is written.
        KeyReused: the key belongs to another decision; nothing is written.
    """
    if earlier := _made_before(given.key, draft, editor):
        return earlier
    text = text.replace("\r\n", "\n").strip()
    if text == draft.text.strip():
        text = draft.text
    else:
        findings = checks.check_edit(text, Brief.from_dict(draft.brief))
        hard = [finding for finding in findings if finding.severity == "hard"]
        if hard:
            raise TextRefused(hard)
    return _accept(draft, text, editor, given, _first_opinion(draft, editor))


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
        OwnText: it is the editor's own text that a second opinion is wanted on; nothing is written.
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
    first = _first_opinion(draft, editor)
    if not _as_seen(draft, given, editor).reject():
        raise _refusal(draft, editor)
    decision = decision_on(
        draft,
        Decision.Verdict.REJECTED,
        editor=editor,
        given=given,
        seconds=first,
        reason=reason,
        note=note.strip(),
        severity=fault.severity,
        spans=spans,
    )
    _keep(decision)
    Example.objects.bulk_create(lessons_of(decision))
    tell_of_decisions([decision], editor=editor)
    return decision


@transaction.atomic
def defer_draft(
    draft: Draft,
    *,
    editor: User,
    until: datetime,
    note: str = "",
    given: Circumstances = Circumstances(),
) -> Decision:
    """Put a draft off: it waits for nobody until a moment, and then comes back to the queue.

    Args:
        draft: the draft as the editor saw it; one that awaits a second opinion cannot be put off.
        editor: who puts it off.
        until: when it comes back.
        note: what for, in the editor's own words; may be empty.
        given: under which circumstances.

    Raises:
        DeferralTooLong: the moment has passed, or is further off than anybody remembers.
        DraftAlreadyDecided: it was not open any more; nothing is written.
        DraftChanged: it is open, in another version than the one seen; nothing is written.
        DraftHeld: somebody else has it open; nothing is written.
        KeyReused: the key belongs to another decision; nothing is written.
    """
    if earlier := _made_before(given.key, draft, editor):
        return earlier
    if not timezone.now() < until <= timezone.now() + LONGEST_DEFERRAL:
        raise DeferralTooLong(LONGEST_DEFERRAL.days)
    if not _as_seen(draft, given, editor).put_off(until):
        raise _refusal(draft, editor)
    put_off = Decision.Verdict.DEFERRED
    decision = decision_on(
        draft, put_off, editor=editor, given=given, until=until, note=note.strip()
    )
    _keep(decision)
    return decision


def weight_of(decision: Decision) -> float:
    """How much a decision teaches: from 0 to 1, or up to 1.5 for a text that two people accepted.

    For an edit that is how much the writer's words count as refused: the editor's count in full.
    What awaits a second opinion teaches nothing yet.
    """
    together = BULK_WEIGHT if decision.group else 1.0
    if decision.is_provisional:
        return 0.0
    if decision.verdict == Decision.Verdict.EDITED:
        return together * _share_refused(decision.edit_ratio)
    if decision.verdict == Decision.Verdict.REJECTED:
        by_reason = REJECTION_WEIGHTS[Decision.Reason(decision.reason)]
        grave = SEVERITY_WEIGHTS[Decision.Severity(decision.severity or Decision.Severity.PLAIN)]
        return together * min(1.0, by_reason * grave)
    if decision.verdict == Decision.Verdict.APPROVED:
        return together + (SECONDED_WEIGHT if decision.seconds_id else 0.0)
    return 0.0


def _share_refused(changed: float | None) -> float:
    """How much the writer's words count as refused, by the share of them that was changed."""
    return min(1.0, 2 * (0.5 if changed is None else changed))


def _made_before(key: UUID | None, draft: Draft, editor: User) -> Decision | None:
    """The decision that this wish has led to already, also if it was taken back since.

    Raises:
        KeyReused: the key belongs to another decision.
    """
    if key is None:
        return None
    earlier = _BY_KEY.get(key)
    if earlier and (earlier.draft_id, earlier.editor_id) != (draft.pk, editor.pk):
        raise KeyReused
    return earlier


def is_own_text(draft: Draft, *, editor: User) -> bool:
    """Whether a draft awaits a second opinion on what this editor accepted."""
    if draft.status != Draft.Status.SECOND:
        return False
    return Decision.objects.standing().filter(draft=draft, editor=editor).exists()


def _first_opinion(draft: Draft, editor: User) -> Decision | None:
    """The verdict that this one is a second opinion on, if one is awaited.

    Raises:
        OwnText: it is the editor's own.
    """
    if draft.status != Draft.Status.SECOND:
        return None
    first = Decision.objects.standing().select_related("editor").filter(draft=draft).first()
    if first and first.editor_id == editor.pk:
        raise OwnText
    return first


def _accept(
    draft: Draft, text: str, editor: User, given: Circumstances, first: Decision | None
) -> Decision:
    """Accept a draft in these words; two people have to agree on them where a rule says so."""
    rules = () if first else SecondOpinionRule.objects.in_force()
    decision = acceptance(draft, text, first=first, rules=rules, editor=editor, given=given)
    row = _as_seen(draft, given, editor)
    if not (row.ask_second() if decision.is_provisional else row.approve()):
        raise _refusal(draft, editor)
    _keep(decision)
    if not decision.is_provisional:
        Example.objects.bulk_create(lessons_of(decision))
        publish_decisions([decision], are_new=True)
        supersede([decision], editor=editor)
    tell_of_decisions([decision], editor=editor)
    return decision


def acceptance(
    draft: Draft,
    text: str,
    *,
    first: Decision | None,
    rules: Iterable[SecondOpinionRule],
    editor: User,
    given: Circumstances,
) -> Decision:
    """The decision that accepts a draft in these words, not written yet.

    Args:
        draft: as the editor saw it.
        text: the draft's own, the one of the first opinion, or the editor's.
        first: the opinion that this is the second one on.
        rules: those in force for second opinions.
        editor: who decides.
        given: under which circumstances.
    """
    is_agreed = first is not None and text == first.final_text
    verdict, changed = Decision.Verdict.APPROVED, None
    if text != draft.text and not is_agreed:
        verdict, changed = Decision.Verdict.EDITED, edit_ratio(draft.text, text)
    awaits = not is_agreed and (
        first is not None or any(rule.applies_to(draft, verdict) for rule in rules)
    )
    decision = decision_on(draft, verdict, editor=editor, given=given)
    decision.final_text, decision.edit_ratio = text, changed
    decision.seconds, decision.is_provisional = first, awaits
    return decision


def lessons_of(decision: Decision) -> list[Example]:
    """What is to be learnt from a decision that settles its draft, not written yet."""
    draft, text, weight = decision.draft, decision.final_text, weight_of(decision)
    if decision.verdict == Decision.Verdict.REJECTED:
        return [Example.negative(draft, decision.reason, weight)] if weight else []
    if not text:
        return []
    is_edit = decision.verdict == Decision.Verdict.EDITED
    positive = Example.positive(draft, text, 1.0 if is_edit else weight)
    if text == draft.text:
        return [positive]
    edit = decision if is_edit else decision.seconds
    together = BULK_WEIGHT if edit.group else 1.0
    return [Example.pair(draft, text, together * _share_refused(edit.edit_ratio)), positive]


def _as_seen(draft: Draft, given: Circumstances, editor: User) -> QuerySet[Draft]:
    """The draft's row, provided that it is as the editor saw it and on nobody else's desk."""
    held = Claim.objects.held_from(editor, timezone.now())
    return Draft.objects.filter(pk=draft.pk, version=given.seen(draft)).exclude(held)


def _refusal(draft: Draft, editor: User) -> DraftUnavailable:
    """Why the draft was not as the editor saw it: held or decided, and by whom, or changed."""
    if Draft.objects.open().filter(pk=draft.pk).exists():
        claim = holder_of(draft, editor=editor)
        return DraftHeld(claim) if claim else DraftChanged()
    return DraftAlreadyDecided(
        Decision.objects.standing().select_related("editor").filter(draft=draft).first()
    )


def decision_on(
    draft: Draft, verdict: str, *, editor: User, given: Circumstances, **facts: object
) -> Decision:
    """A decision on a draft as the editor saw it, not written yet."""
    return Decision(
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


def _keep(decision: Decision) -> None:
    """Write the decision, let the draft go, and tell the other desks once it is committed."""
    pk = decision.draft_id
    Claim.objects.filter(draft=pk).release()
    decision.save()
    transaction.on_commit(lambda: live.announce_decided([pk]), robust=True)
