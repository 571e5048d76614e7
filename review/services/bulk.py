"""Many drafts at once: through the same rules as one, a hundred in each transaction.

What is decided so has one `group`, by which it can be taken back as one, and counts half as a
lesson: nobody has read each of these texts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from catalog.models import ContentKind
from generation import live
from generation.models import Draft, Example
from review.errors import AlreadyUndone, CannotUndo, ReasonMissing
from review.models import Claim, Decision, SecondOpinionRule, ShelfCopy
from review.services.deciding import (
    Circumstances,
    acceptance,
    decision_on,
    lessons_of,
)
from review.services.notifying import tell_of_decisions
from review.services.publishing import publish_decisions
from review.services.superseding import newest, supersede
from review.services.undoing import take_back

AT_ONCE = 100  # drafts of one transaction, so that other editors are held up for a moment only

_Decide = Callable[[Draft, Decision | None], Decision]


class BulkOutcome(NamedTuple):
    """What became of many drafts: `done` were decided now, `skipped` the editor could not.

    `group` is what their decisions are known by together.
    """

    done: list[int]
    skipped: list[int]
    group: UUID | None


def approve_drafts(
    draft_ids: Iterable[int],
    *,
    editor: User,
    source: str = Decision.Source.ADMIN,
    group: UUID | None = None,
) -> BulkOutcome:
    """Accept many drafts; where somebody else has done so already, this is the second opinion.

    Args:
        draft_ids: which; those that are decided or on somebody else's desk stay as they are.
        editor: who decides.
        source: where, one of `Decision.Source`.
        group: what they are known by together; the same one sent twice decides nothing twice.
    """
    rules = list(SecondOpinionRule.objects.in_force())
    wanted = list(dict.fromkeys(draft_ids))
    given = _given(wanted, source, group)

    def accept(draft: Draft, first: Decision | None) -> Decision:
        text = first.final_text if first else draft.text
        return acceptance(draft, text, first=first, rules=rules, editor=editor, given=given)

    return _decide(wanted, accept, editor=editor, given=given)


def reject_drafts(
    draft_ids: Iterable[int],
    *,
    editor: User,
    reason: str,
    note: str = "",
    source: str = Decision.Source.ADMIN,
    group: UUID | None = None,
) -> BulkOutcome:
    """Refuse many drafts for one reason.

    Raises:
        ReasonMissing: no reason, or an unknown one; nothing is written.
    """
    if reason not in Decision.Reason.values:
        raise ReasonMissing
    wanted = list(dict.fromkeys(draft_ids))
    given = _given(wanted, source, group)
    facts = {"reason": reason, "note": note.strip(), "severity": Decision.Severity.PLAIN}

    def reject(draft: Draft, first: Decision | None) -> Decision:
        verdict = Decision.Verdict.REJECTED
        return decision_on(draft, verdict, editor=editor, given=given, seconds=first, **facts)

    return _decide(wanted, reject, editor=editor, given=given)


def defer_drafts(
    draft_ids: Iterable[int],
    *,
    editor: User,
    until: datetime,
    source: str = Decision.Source.ADMIN,
    group: UUID | None = None,
) -> BulkOutcome:
    """Put many drafts off until a moment; what awaits a second opinion stays where it is."""
    wanted = list(dict.fromkeys(draft_ids))
    given = _given(wanted, source, group)

    def defer(draft: Draft, _: Decision | None) -> Decision:
        verdict = Decision.Verdict.DEFERRED
        return decision_on(draft, verdict, editor=editor, given=given, until=until)

    return _decide(wanted, defer, editor=editor, given=given)


def foresee(draft_ids: Sequence[int], *, editor: User) -> dict[str, Any]:
    """Say what an approval of many drafts would come to, before anybody confirms it.

    Returns:
        `open`: how many this editor could decide now; `gone`, `held` and `own`: how many are
        decided or put off, on another desk, or the editor's own to be seen by somebody else;
        `second`: how many of the open ones somebody else would have to see after that; `live`: how
        many would cover a text that visitors read; `queried`: in how many a check found something;
        `by_kind`: pairs of a kind and a number; `left`: which are not open, by one of the three.
    """
    now, wanted = timezone.now(), Draft.objects.filter(pk__in=draft_ids)
    mine = wanted.awaiting_second().filter(Decision.objects.first_of(editor))
    own = set(mine.values_list("pk", flat=True))
    busy = wanted.open().filter(Claim.objects.held_from(editor, now))
    held = set(busy.values_list("pk", flat=True)) - own
    free = wanted.open().exclude(Claim.objects.held_from(editor, now))
    free = free.exclude(Q(status=Draft.Status.SECOND) & Decision.objects.first_of(editor))
    rules = list(SecondOpinionRule.objects.in_force())
    drafts = free.annotate(live_text=ShelfCopy.objects.text_in_place_of()).select_related("kind")
    kinds: Counter[ContentKind] = Counter()
    seen: set[int] = set()
    second = covers = queried = 0
    for draft in drafts:
        seen.add(draft.pk)
        kinds[draft.kind] += 1
        covers += draft.live_text is not None
        queried += bool(draft.findings)
        is_first = draft.status == Draft.Status.PROPOSED
        second += is_first and any(rule.applies_to(draft, "approved") for rule in rules)
    gone = set(draft_ids) - seen - held - own
    left = {"held": held, "own": own, "gone": gone}
    return {
        "open": len(seen),
        **{why: len(pks) for why, pks in left.items()},
        "second": second,
        "live": covers,
        "queried": queried,
        "by_kind": kinds.most_common(),
        "left": {why: [pk for pk in draft_ids if pk in pks] for why, pks in left.items()},
    }


def undo_group(group: UUID, *, editor: User) -> BulkOutcome:
    """Take back all that was decided together and can be.

    Raises:
        AlreadyUndone: nothing of it stands any more, or there is no such group.
        CannotUndo: none of it may be taken back; the reason is that of the first.
    """
    standing = Decision.objects.revocable().filter(group=group).select_related("editor")
    decisions = list(standing.order_by("pk"))
    done: list[int] = []
    refusals: dict[int, CannotUndo] = {}
    for start in range(0, len(decisions), AT_ONCE):
        some = decisions[start : start + AT_ONCE]
        try:
            parts = [take_back(some, editor=editor)]
        except AlreadyUndone:  # one of them is in the way of the others
            parts = [_take_back_alone(decision, editor) for decision in some]
        for undoings, refused in parts:
            done += [undoing.draft_id for undoing in undoings]
            refusals |= refused
    if not done:
        raise next(iter(refusals.values()), AlreadyUndone())
    return BulkOutcome(done=done, skipped=list(refusals), group=group)


def _take_back_alone(
    decision: Decision, editor: User
) -> tuple[list[Decision], dict[int, CannotUndo]]:
    try:
        return take_back([decision], editor=editor)
    except AlreadyUndone as refusal:
        return [], {decision.draft_id: refusal}


def _given(wanted: Sequence[int], source: str, group: UUID | None) -> Circumstances:
    """The circumstances of each of them; one alone was not decided together with others."""
    return Circumstances(source=source, group=(group or uuid4()) if len(wanted) > 1 else None)


def _decide(
    wanted: Sequence[int], decide: _Decide, *, editor: User, given: Circumstances
) -> BulkOutcome:
    done = _done_before(editor, given.group)
    rest = [pk for pk in wanted if pk not in done]
    for start in range(0, len(rest), AT_ONCE):
        done.update(_decide_some(rest[start : start + AT_ONCE], decide, editor=editor))
    return BulkOutcome(
        done=[pk for pk in wanted if pk in done],
        skipped=[pk for pk in wanted if pk not in done],
        group=given.group,
    )


def _done_before(editor: User, group: UUID | None) -> set[int]:
    """What the same wish has decided already, where it comes a second time or was interrupted."""
    if group is None:
        return set()
    earlier = Decision.objects.by(editor).filter(group=group).exclude(verdict="undone")
    return set(earlier.values_list("draft_id", flat=True))


@transaction.atomic
def _decide_some(draft_ids: Sequence[int], decide: _Decide, *, editor: User) -> list[int]:
    """Decide those of the drafts that this editor may now, in the order given; say which."""
    held = Claim.objects.held_from(editor, timezone.now())
    rows = Draft.objects.open().for_decision().filter(pk__in=draft_ids).exclude(held)
    drafts = {draft.pk: draft for draft in rows.select_for_update(of=("self",))}
    firsts = {
        first.draft_id: first
        for first in Decision.objects.standing()
        .select_related("editor")
        .filter(
            draft__in=[pk for pk, draft in drafts.items() if draft.status == Draft.Status.SECOND]
        )
    }
    decisions = []
    for pk in draft_ids:
        first = firsts.get(pk)
        if pk in drafts and not (first and first.editor_id == editor.pk):
            decisions.append(decide(drafts[pk], first))
    decisions = newest([one for one in decisions if _fits(one)])
    _move(decisions)
    pks = [decision.draft_id for decision in decisions]
    Claim.objects.filter(draft__in=pks).release()
    Decision.objects.bulk_create(decisions)
    settled = [one for one in decisions if not one.is_provisional]
    Example.objects.bulk_create([lesson for one in settled for lesson in lessons_of(one)])
    publish_decisions([one for one in settled if one.final_text], are_new=True)
    supersede(decisions, editor=editor)
    tell_of_decisions(decisions, editor=editor)
    if pks:
        transaction.on_commit(lambda: live.announce_decided(pks), robust=True)
    return pks


def _fits(decision: Decision) -> bool:
    """What awaits a second opinion cannot be put off."""
    is_deferral = decision.verdict == Decision.Verdict.DEFERRED
    return not (is_deferral and decision.draft.status == Draft.Status.SECOND)


def _move(decisions: Sequence[Decision]) -> None:
    """Move the drafts as was decided; they are locked, so each of them moves."""
    provisional = [one.draft_id for one in decisions if one.is_provisional]
    accepted = [one.draft_id for one in decisions if one.final_text and not one.is_provisional]
    rejected = [one.draft_id for one in decisions if one.verdict == Decision.Verdict.REJECTED]
    put_off = [one for one in decisions if one.verdict == Decision.Verdict.DEFERRED]
    moved = Draft.objects.filter(pk__in=provisional).ask_second()
    moved += Draft.objects.filter(pk__in=accepted).approve()
    moved += Draft.objects.filter(pk__in=rejected).reject()
    if put_off:
        drafts = Draft.objects.filter(pk__in=[one.draft_id for one in put_off])
        moved += drafts.put_off(put_off[0].until)
    if moved != len(decisions):
        raise RuntimeError("A draft that was locked did not move.")
