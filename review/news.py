"""The seam to people: what concerns them is a row, and their pages hear that there is one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from generation import live
from generation.models import Draft
from review.models import Notification


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
    announce(list(told))


def announce(user_ids: Sequence[int]) -> None:
    """Forget the numbers that are kept, and tell the people's pages, once it is committed."""
    transaction.on_commit(lambda: _tell(user_ids), robust=True)


def number_kept_at(user_id: int) -> str:
    """The place in the cache of how many notifications a person has not read."""
    return f"review.unread.{user_id}"


def _tell(user_ids: Sequence[int]) -> None:
    cache.delete_many([number_kept_at(user_id) for user_id in user_ids])
    live.announce_notified(user_ids)
