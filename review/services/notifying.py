"""Telling people what concerns them: on the page at once, and by mail once a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from generation import live
from generation.models import Draft
from review import digests, tasks
from review.models import Notification, Preferences

MOST = 100  # unread notifications that are counted
_KEPT_SECONDS = 10


@transaction.atomic
def notify(
    recipients: Iterable[User], *, kind: str, draft: Draft | None = None, actor: User | None = None
) -> None:
    """Tell people that something happened, except whoever did it.

    What a person has not read yet moves its time and makes no second line.

    Args:
        recipients: who is told; each once, however often they are in it.
        kind: of `Notification.Kind`.
        draft: that it happened to, if it happened to one.
        actor: who did it; None is the clock.
    """
    told = {user.pk: user for user in recipients if user != actor and user.is_active}
    if not told:
        return
    now = timezone.now()
    news = {"kind": kind, "draft": draft}
    Notification.objects.filter(recipient__in=told, **news).repeat(actor, now)
    Notification.objects.tell(
        Notification(recipient=user, actor=actor, created_at=now, **news) for user in told.values()
    )
    _announce(list(told))


@transaction.atomic
def read_notification(notification: Notification) -> None:
    """Say that its recipient has read a notification; once more changes nothing."""
    if Notification.objects.filter(pk=notification.pk).read(timezone.now()):
        _announce([notification.recipient_id])


@transaction.atomic
def read_all_notifications(user: User) -> int:
    """Say that a person has read all there is; return how many that were."""
    number = Notification.objects.to(user).read(timezone.now())
    if number:
        _announce([user.pk])
    return number


def unread_number(user: User, *, anew: bool = False) -> int:
    """How many notifications a person has not read, `MOST` at most, as it was seconds ago.

    Args:
        user: whose.
        anew: ask the database, because something has just happened.
    """
    number = None if anew else cache.get(_place(user.pk))
    if number is None:
        number = Notification.objects.filter(recipient=user).unread().order_by()[:MOST].count()
        cache.set(_place(user.pk), number, _KEPT_SECONDS)
    return number


def preferences_of(user: User) -> Preferences:
    """What a person chose, or what stands where they chose nothing, not saved."""
    return Preferences.objects.filter(user=user).first() or Preferences(user=user)


def choose(user: User, *, wants_digest: bool, language: str) -> Preferences:
    """Keep whether a person wants the digest, and in which language; "" is the site's."""
    chosen = {"wants_digest": wants_digest, "language": language}
    preferences, _ = Preferences.objects.update_or_create(user=user, defaults=chosen)
    return preferences


def queue_digests() -> int:
    """Queue a digest for everybody who is due one; return how many those are."""
    due = digests.due(timezone.now())
    for user_id in due:
        _queue_digest(user_id)
    return len(due)


def _queue_digest(user_id: int) -> None:
    transaction.on_commit(lambda: tasks.send_digest.delay(user_id), robust=True)


def _announce(user_ids: Sequence[int]) -> None:
    """Forget the numbers that are kept, and tell the people's pages, once it is committed."""
    transaction.on_commit(lambda: _tell(user_ids), robust=True)


def _tell(user_ids: Sequence[int]) -> None:
    cache.delete_many([_place(user_id) for user_id in user_ids])
    live.announce_notified(user_ids)


def _place(user_id: int) -> str:
    return f"review.unread.{user_id}"
