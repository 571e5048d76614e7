"""Filters of the queue that somebody keeps."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction

from review.errors import NothingToKeep, TooManyViews
from review.models import QueueView
from review.models.queue_view import MOST_VIEWS


@transaction.atomic
def save_view(owner: User, *, name: str, filters: str, is_shared: bool = False) -> QueueView:
    """Keep filters under a name; a view of the owner's with this name is replaced.

    Raises:
        NothingToKeep: there is no filter.
        TooManyViews: the owner has as many as the desk can show.
    """
    if not filters:
        raise NothingToKeep
    mine = QueueView.objects.filter(owner=owner)
    if mine.exclude(name=name).count() >= MOST_VIEWS:
        raise TooManyViews(MOST_VIEWS)
    values = {"filters": filters, "is_shared": is_shared}
    return QueueView.objects.update_or_create(owner=owner, name=name, defaults=values)[0]


def delete_view(view: QueueView) -> None:
    """Forget a view."""
    view.delete()
