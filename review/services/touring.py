"""The tour of the desk: each user is shown it once."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.cache import cache

from review.models import Tour

_KEPT_SECONDS = 3_600  # that it is over
_ASKED_SECONDS = 60  # that it is not: it may be over in another process


def needs_tour(user: User) -> bool:
    """Whether a user may decide drafts and has not been shown how.

    The answer is kept for a while, so that few pages ask the database.
    """
    if not user.has_perm("review.add_decision"):
        return False
    is_over = cache.get(_name(user))
    if is_over is None:
        is_over = Tour.objects.filter(user=user).exists()
        cache.set(_name(user), is_over, _KEPT_SECONDS if is_over else _ASKED_SECONDS)
    return not is_over


def end_tour(user: User) -> None:
    """Show a user no tour again; safe to call again."""
    Tour.objects.get_or_create(user=user)
    cache.set(_name(user), True, _KEPT_SECONDS)


def _name(user: User) -> str:
    return f"review.tour.{user.pk}"
