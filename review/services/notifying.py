"""Telling people what concerns them: on the page at once, and by mail once a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import timedelta

from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from generation.models import Draft
from review import digests, tasks
from review.models import Assignment, Decision, Notification, Preferences
from review.models.notification import deciders, leads
from review.news import announce, notify, number_kept_at

SOON = timedelta(days=1)  # before a campaign's date, whoever has its drafts is reminded
MOST = 100  # unread notifications that are counted
_KEPT_SECONDS = 10
_AT_ONCE = 1_000  # rows that one statement names


@transaction.atomic
def read_notification(notification: Notification) -> None:
    """Say that its recipient has read a notification; once more changes nothing."""
    if Notification.objects.filter(pk=notification.pk).read(timezone.now()):
        announce([notification.recipient_id])


@transaction.atomic
def read_all_notifications(user: User) -> int:
    """Say that a person has read all there is; return how many that were."""
    number = Notification.objects.to(user).read(timezone.now())
    if number:
        announce([user.pk])
    return number


def unread_number(user: User, *, anew: bool = False) -> int:
    """How many notifications a person has not read, `MOST` at most, as it was seconds ago.

    Args:
        user: whose.
        anew: ask the database, because something has just happened.
    """
    number = None if anew else cache.get(number_kept_at(user.pk))
    if number is None:
        number = Notification.objects.filter(recipient=user).unread().order_by()[:MOST].count()
        cache.set(number_kept_at(user.pk), number, _KEPT_SECONDS)
    return number


def preferences_of(user: User) -> Preferences:
    """What a person chose, or what stands where they chose nothing, not saved."""
    return Preferences.objects.filter(user=user).first() or Preferences(user=user)


def choose(user: User, *, wants_digest: bool, language: str) -> Preferences:
    """Keep whether a person wants the digest, and in which language; "" is the site's."""
    chosen = {"wants_digest": wants_digest, "language": language}
    preferences, _ = Preferences.objects.update_or_create(user=user, defaults=chosen)
    return preferences


def tell_of_decisions(decisions: Sequence[Decision], *, editor: User) -> None:
    """Tell whom decisions concern: who is to give a second opinion, and on whose one was given.

    Where nobody is to be told nothing is asked. What was decided together is one line for each.

    Args:
        decisions: made just now, with the first ones (`seconds`) and their editors.
        editor: who made them.
    """
    kinds = Notification.Kind
    told: dict[str, list[User]] = defaultdict(list)
    asked = [one.draft_id for one in decisions if one.is_provisional and one.seconds is None]
    if asked:
        told[kinds.SECOND_OPINION] += _asked_for_a_second(asked, first=editor)
    for one in decisions:
        if one.seconds is None:
            continue
        if one.is_provisional:  # it is the first one's eyes that the new words need
            told[kinds.SECOND_OPINION].append(one.seconds.editor)
        else:
            told[kinds.CONFIRMED if one.final_text else kinds.REFUSED].append(one.seconds.editor)
    for kind, people in told.items():
        only = None if decisions[0].group else decisions[0].draft
        notify(people, kind=kind, draft=only, actor=editor)


def _asked_for_a_second(draft_ids: Collection[int], *, first: User) -> list[User]:
    """Those to whom a second opinion on drafts falls: whose they are, and else the leads."""
    whose = Assignment.objects.filter(draft__in=draft_ids, editor__in=deciders().values("pk"))
    rows = list(whose.exclude(editor=first).select_related("editor"))
    people = [row.editor for row in rows]
    return people if len(rows) == len(draft_ids) else [*people, *leads()]


@transaction.atomic
def remind_of_due_drafts() -> int:
    """Remind people of drafts of theirs that are due soon or late, once of each; say how many."""
    now = timezone.now()
    due = list(Assignment.objects.to_remind(now + SOON).values_list("pk", "editor", "draft"))
    theirs: dict[int, list[int]] = defaultdict(list)
    for _pk, editor, draft in due:
        theirs[editor].append(draft)
    for start in range(0, len(due), _AT_ONCE):
        some = [pk for pk, *_ in due[start : start + _AT_ONCE]]
        Assignment.objects.filter(pk__in=some).remind(now)
    alone = Draft.objects.in_bulk([pks[0] for pks in theirs.values() if len(pks) == 1])
    people = User.objects.in_bulk(theirs)
    for editor, drafts in theirs.items():
        only = alone[drafts[0]] if len(drafts) == 1 else None
        notify([people[editor]], kind=Notification.Kind.DUE, draft=only)
    return len(due)


def queue_digests() -> int:
    """Queue a digest for everybody who is due one; return how many those are.

    Whose drafts are due soon is reminded first, so that the mail says so.
    """
    remind_of_due_drafts()
    due = digests.due(timezone.now())
    for user_id in due:
        _queue_digest(user_id)
    return len(due)


def _queue_digest(user_id: int) -> None:
    transaction.on_commit(lambda: tasks.send_digest.delay(user_id), robust=True)
