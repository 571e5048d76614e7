"""Whose drafts are whose: by hand, or by rules that look who has fewest waiting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction

from catalog import audit
from generation import live
from generation.models import Draft
from review.models import Assignment, AssignmentRule, Notification
from review.services.notifying import notify

# One run of the clock gives out at most this many drafts, so that its transaction stays short.
AT_ONCE = 1_000


@transaction.atomic
def assign_drafts(draft_ids: Iterable[int], *, to: User | None, by: User) -> list[int]:
    """Make drafts one editor's to decide, or anybody's again where `to` is None.

    Drafts that are decided stay as they are. One entry of the audit log names them all, one
    notification tells the editor, and one each whose they were.

    Returns:
        The ids of the drafts that were undecided, and are assigned so now.
    """
    undecided = Draft.objects.filter(pk__in=list(draft_ids), status__in=Draft.UNDECIDED)
    drafts = list(undecided.order_by("pk").values_list("pk", flat=True))
    if not drafts:
        return []
    only = Draft.objects.get(pk=drafts[0]) if len(drafts) == 1 else None
    theirs = Assignment.objects.filter(draft__in=drafts)
    before = list(User.objects.filter(pk__in=theirs.exclude(editor=to).values("editor")))
    if to is None:
        theirs.delete()
    else:
        _assign(dict.fromkeys(drafts, to.pk), by=by)
        notify([to], kind=Notification.Kind.ASSIGNED, draft=only, actor=by)
    notify(before, kind=Notification.Kind.UNASSIGNED, draft=only, actor=by)
    name = to.get_username() if to else ""
    audit.record("drafts.assign", to or by, user=by, to=name, drafts=drafts)
    return drafts


def distribute_drafts() -> int:
    """Give drafts that are nobody's to editors, as the rules say; return how many were given.

    The first rule that fits a draft decides, and of its editors the one for whom fewest wait.
    """
    rules = list(AssignmentRule.objects.in_force().prefetch_related("editors"))
    if not rules:
        return 0
    with transaction.atomic():
        free = Draft.objects.awaiting_review().exclude(Assignment.objects.to_anybody()).in_order()
        load = defaultdict(int, Assignment.objects.load())
        given: dict[int, int] = {}
        for pk, kind, language in free.values_list("pk", "kind_id", "language")[:AT_ONCE]:
            editors = _editors_for(rules, kind, language)
            if editors:
                chosen = min(editors, key=lambda editor: (load[editor], editor))
                load[chosen] += 1
                given[pk] = chosen
        _assign(given, by=None)
        people = User.objects.filter(pk__in=set(given.values()))
        notify(people, kind=Notification.Kind.ASSIGNED)
    return len(given)


def _editors_for(rules: list[AssignmentRule], kind: int, language: str) -> list[int]:
    """The editors of the first rule that fits; none of those who may not sign in any more."""
    for rule in rules:
        if rule.is_about(kind, language):
            return [editor.pk for editor in rule.editors.all() if editor.is_active]
    return []


def _assign(editors: dict[int, int], *, by: User | None) -> None:
    rows = [Assignment(draft_id=draft, editor_id=to, by=by) for draft, to in editors.items()]
    Assignment.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["draft"],
        update_fields=["editor", "by", "at", "reminded_at"],
        batch_size=500,
    )
    for editor in set(editors.values()):
        theirs = [draft for draft, to in editors.items() if to == editor]
        transaction.on_commit(
            lambda theirs=theirs, to=editor: live.announce_held(theirs, to), robust=True
        )
