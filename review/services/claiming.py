"""Opening a draft: who has it open holds it softly, so that no two people read the same one.

A claim keeps others from being handed the draft and from deciding it unasked. It ends with the
decision, when its holder opens another draft, or by itself; and anybody may take it over. An editor
holds the draft that is open, the one that comes after it, and what was decided and is on its way.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from catalog import audit
from catalog.prepared import Prepared
from generation import live
from generation.models import Draft
from review.errors import DraftHeld
from review.models import Claim, Notification
from review.models.claim import TERM
from review.services.notifying import notify

_FRESH = TERM - timedelta(seconds=30)  # left of a claim that need not be renewed yet
_BARE = Prepared(Draft.objects.all)
_CLAIMS = Prepared(Claim.objects.all, by="editor")
_ATTEMPTS = 20  # at the first draft of a queue that others take from at the same moment


def claim_draft(draft: Draft, *, editor: User) -> None:
    """Hold a draft for an editor, who lets go of any other.

    Raises:
        DraftHeld: somebody else has it open; nothing is written.
    """
    mine = _claims_of(editor)
    _claim(draft.pk, editor, mine)
    if any(claim.draft_id == draft.pk for claim in mine):
        _give(draft.pk, editor, Draft.objects.all())


@transaction.atomic
def renew_claim(draft: Draft, *, editor: User) -> None:
    """Hold on to a draft that is still open on an editor's screen, and to the one after it.

    What the editor let go by opening another draft is not taken back by a page that is still open
    somewhere.

    Raises:
        DraftHeld: it ran out, and somebody else has the draft now; nothing is written.
    """
    mine = _claims_of(editor)
    if all(claim.draft_id != draft.pk for claim in mine):
        if holder := holder_of(draft, editor=editor):
            raise DraftHeld(holder)
        if not any(claim.expires_at > timezone.now() for claim in mine):
            _claim(draft.pk, editor, mine, is_given=False)
        return
    _hold(draft.pk, editor, mine)
    Claim.objects.filter(pk__in=[claim.pk for claim in mine if claim.draft_id != draft.pk]).renew(
        editor, timezone.now()
    )


@transaction.atomic
def release_drafts(given: Mapping[int, datetime], *, editor: User) -> int:
    """Let go of the drafts that a page showed which was closed; return how many were held.

    What is somebody else's by now stays theirs, and what another page of the editor's was given
    since stays open there: a page that goes is often heard of after the one that took its place.

    Args:
        given: the drafts, and when the page was given each.
        editor: whose page it was.
    """
    held = [claim.draft_id for claim in _claims_of(editor) if claim.draft_id in given]
    released = [
        pk
        for pk in held
        if Claim.objects.filter(draft=pk, editor=editor).given_until(given[pk]).release()
    ]
    if released:
        _announce(released, editor)
    return len(released)


@transaction.atomic
def take_over_draft(draft: Draft, *, editor: User, note: str = "") -> None:
    """Take a draft from whoever has it open; the audit log says from whom, and why.

    Whoever had it is notified.

    Raises:
        DraftHeld: somebody else opened it at this moment; nothing is written.
    """
    if held := holder_of(draft, editor=editor):
        Claim.objects.filter(pk=held.pk).release()
        name = held.editor.get_username()
        audit.record("draft.take_over", draft, user=editor, holder=name, note=note.strip())
        notify([held.editor], kind=Notification.Kind.TAKEN_OVER, draft=draft, actor=editor)
    claim_draft(draft, editor=editor)


def claim_first(
    drafts: QuerySet[Draft],
    *,
    editor: User,
    beside: Collection[int] = (),
    cards: Prepared[Draft] = _BARE,
) -> Draft | None:
    """Hold the first of these drafts that nobody else holds; None where there is none.

    The editor's own open draft comes first, so that a page loaded anew shows what it showed.

    Args:
        drafts: in order.
        editor: who will have it open.
        beside: the draft that the editor reads meanwhile and those that the editor has decided on a
            page that has not sent it yet, which are held as well and not given.
        cards: drafts with what the editor is shown of them.
    """
    now = timezone.now()
    drafts = drafts.exclude(pk__in=beside) if beside else drafts
    mine = _claims_of(editor)
    _hold_again(set(beside) - {claim.draft_id for claim in mine}, editor, mine)
    open_now = (claim.draft_id for claim in mine if claim.expires_at > now)
    own = next((pk for pk in open_now if pk not in beside), None)
    if own and _give(own, editor, drafts) and (draft := _open(cards.get(own))):
        return draft
    free = drafts.exclude(Claim.objects.held_from(editor, now)).values_list("pk", flat=True)
    for _ in range(_ATTEMPTS):
        pk = free.first()
        if pk is None:
            return None
        try:
            _claim(pk, editor, mine, beside)
        except DraftHeld:
            continue  # somebody opened it at this moment, so the next query leaves it out
        if draft := _open(cards.get(pk)):
            return draft
        Claim.objects.filter(draft=pk, editor=editor).release()  # decided at this moment
    return None


def _open(draft: Draft | None) -> Draft | None:
    return draft if draft and draft.is_open else None


def holder_of(draft: Draft, *, editor: User) -> Claim | None:
    """Who else has a draft open."""
    now = timezone.now()
    return Claim.objects.for_list().live(now).of_others(editor).filter(draft=draft).first()


def _claims_of(editor: User) -> list[Claim]:
    """What an editor holds, or has held until somebody asks for it; the oldest first."""
    return list(_CLAIMS.all(editor.pk))


def _hold_again(pks: Collection[int], editor: User, mine: Sequence[Claim]) -> None:
    """Hold what a page shows, where one that showed it too has let it go as it was closed.

    A page that is loaded anew is such a one: the old one goes when the new one has been given out.
    """
    lost = Draft.objects.open().filter(pk__in=pks).values_list("pk", flat=True) if pks else ()
    for pk in lost:
        with suppress(DraftHeld):  # by somebody who was faster: the page hears of that
            _hold(pk, editor, mine)


def _give(pk: int, editor: User, drafts: QuerySet[Draft]) -> bool:
    """Note that a page is given what its editor held already, if it is one of these drafts."""
    there = Exists(drafts.filter(pk=OuterRef("draft")))
    return Claim.objects.filter(there, draft=pk, editor=editor).give(timezone.now()) > 0


def _claim(
    pk: int,
    editor: User,
    mine: Sequence[Claim],
    beside: Collection[int] = (),
    *,
    is_given: bool = True,
) -> None:
    """Hold a draft, and let go of all that the editor holds but those it is `beside`.

    `mine` are the editor's claims; `is_given` says whether a page is given the draft with it.

    Raises:
        DraftHeld: somebody else has it open; nothing is written.
    """
    others = [claim for claim in mine if claim.draft_id not in {pk, *beside}]
    if _is_held(pk, mine) and not others:
        return
    with transaction.atomic():
        _hold(pk, editor, mine, is_given=is_given)
        if others:
            # One that ran out may be somebody else's by now.
            Claim.objects.filter(pk__in=[claim.pk for claim in others], editor=editor).release()
            _announce([claim.draft_id for claim in others], editor)


def _is_held(pk: int, mine: Sequence[Claim]) -> bool:
    """Whether one of these claims holds the draft, and need not be renewed yet."""
    fresh = timezone.now() + _FRESH
    return any(claim.draft_id == pk and claim.expires_at > fresh for claim in mine)


def _hold(pk: int, editor: User, mine: Sequence[Claim], *, is_given: bool = False) -> None:
    """Hold a draft from now on, where `mine` are the editor's claims.

    Raises:
        DraftHeld: somebody else has it open.
    """
    if _is_held(pk, mine):
        return
    now = timezone.now()
    row = Claim.objects.filter(draft=pk)
    if any(claim.draft_id == pk for claim in mine) and row.renew(editor, now):
        return
    given_at = now if is_given else None
    while not (_created(pk, editor, now, given_at) or row.inherit(editor, now, given_at=given_at)):
        if row.renew(editor, now):  # another page of the editor's has opened it just now
            return
        if holder := Claim.objects.for_list().filter(draft=pk).first():
            raise DraftHeld(holder)  # else it was let go just now
    _announce([pk], editor)


def _created(pk: int, editor: User, at: datetime, given_at: datetime | None) -> bool:
    """Whether the draft was nobody's, and is the editor's now."""
    try:
        with transaction.atomic():
            Claim.objects.create(
                draft_id=pk, editor=editor, since=at, given_at=given_at, expires_at=at + TERM
            )
    except IntegrityError:
        return False
    return True


def _announce(draft_ids: Sequence[int], editor: User) -> None:
    """Tell the desks, once it is committed, that an editor holds these drafts now, or nobody."""
    transaction.on_commit(lambda: live.announce_held(draft_ids, editor.pk), robust=True)
