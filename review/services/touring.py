"""The tour of the desk: each user is shown it once."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.cache import cache

from review.models import Tour

_KEPT_SECONDS = 3_600


def needs_tour(user: User) -> bool:
    """Whether a user may decide drafts and has not been shown how.

    That somebody has been is kept, and asks nothing of the database for an hour.
    """
    if not user.has_perm("review.add_decision") or cache.get(_name(user)):
        return False
    if is_over := Tour.objects.filter(user=user).exists():
        cache.set(_name(user), 1, _KEPT_SECONDS)
    return not is_over


def end_tour(user: User) -> None:
    """Show a user no tour again; safe to call again."""
    Tour.objects.get_or_create(user=user)
    cache.set(_name(user), 1, _KEPT_SECONDS)


def _name(user: User) -> str:
    return f"review.tour.{user.pk}"
