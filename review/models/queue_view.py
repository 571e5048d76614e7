"""A choice of filters that somebody wants to come back to."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

MOST_VIEWS = 20  # of one person's


class QueueViewQuerySet(models.QuerySet["QueueView"]):
    """Reads are adjectives."""

    def for_desk(self, user: Any) -> Self:
        """The user's own views and those that are shared, by name."""
        seen = models.Q(owner=user) | models.Q(is_shared=True)
        return self.filter(seen).order_by("name", "pk")


class QueueView(models.Model):
    """Filters of the queue under a name: its owner's alone, or everybody's."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="queue_views",
        verbose_name=_("owner"),
    )
    name = models.CharField(_("name"), max_length=40)
    filters = models.CharField(_("filters"), max_length=500)
    is_shared = models.BooleanField(_("for everybody"), default=False)

    objects = QueueViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("view of the queue")
        verbose_name_plural = _("views of the queue")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="queue_view_one_of_a_name"),
            models.CheckConstraint(
                condition=~models.Q(name="") & ~models.Q(filters=""),
                name="queue_view_says_something",
            ),
        ]

    def __str__(self) -> str:
        return self.name
