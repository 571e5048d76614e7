"""What people say of a draft to each other: it stays, but for words that their author removes."""

import uuid
from datetime import datetime
from typing import Any, NoReturn, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce, Length
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from review.errors import CommentStays

MOST_CHARS = 2_000


class CommentQuerySet(models.QuerySet["Comment"]):
    """Reads are adjectives; transitions are verbs.

    A transition is one conditional UPDATE and returns how many comments moved. The database
    refuses every other change with triggers.
    """

    def of(self, draft: Any) -> Self:
        """All that was said of a draft, the first first, with who said it, in one query."""
        return self.select_related("author", "resolved_by").filter(draft=draft).order_by("pk")

    def open(self) -> Self:
        """Comments that wait for somebody: no replies, not resolved, not removed."""
        return self.filter(parent=None, resolved_at=None, removed_at=None)

    def on_draft(self) -> Exists:
        """For a query over drafts: whether anybody has commented on the draft."""
        return Exists(self.filter(draft=OuterRef("pk")))

    def number_open(self) -> Coalesce:
        """For a query over drafts: how many comments on the draft are open."""
        waiting = self.open().filter(draft=OuterRef("pk")).order_by().values("draft")
        return Coalesce(Subquery(waiting.annotate(number=Count("pk")).values("number")), 0)

    def resolve(self, user: Any, at: datetime) -> int:
        """Move the open comments in this queryset to resolved."""
        return self.open().update(resolved_by=user, resolved_at=at)

    def remove(self, at: datetime) -> int:
        """Take the words out of the comments in this queryset that have any."""
        return self.filter(removed_at=None).update(text="", mentions=[], removed_at=at)

    def delete(self) -> NoReturn:
        """Refuse: that something was said stays."""
        raise CommentStays


class Comment(models.Model):
    """A remark on a draft, on a place in its text or on all of it, or a reply to such a remark.

    `start` and `end` are code points of the draft's text, as a decision's `spans` are; `mentions`
    are the places in the comment's own text where somebody is named who was told of it. `key` is
    the wish that it came of: the same wish sent twice is one comment.
    """

    draft = models.ForeignKey(
        "generation.Draft",
        on_delete=models.PROTECT,
        related_name="comments",
        verbose_name=_("draft"),
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="comments",
        verbose_name=_("author"),
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replies",
        verbose_name=_("reply to"),
    )
    text = models.CharField(_("text"), max_length=MOST_CHARS, blank=True)
    mentions = models.JSONField(_("places of names"), default=list, blank=True)
    start = models.PositiveIntegerField(_("from character"), null=True, blank=True)
    end = models.PositiveIntegerField(_("to character"), null=True, blank=True)
    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(_("written at"), auto_now_add=True)
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("resolved by"),
    )
    removed_at = models.DateTimeField(_("words removed at"), null=True, blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["draft"],
                condition=models.Q(parent=None, resolved_at=None, removed_at=None),
                name="comment_open_by_draft",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(removed_at__isnull=True) & ~models.Q(text="")
                | models.Q(removed_at__isnull=False, text=""),
                name="comment_has_text_until_removed",
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("text"), MOST_CHARS),
                name="comment_is_not_too_long",
            ),
            models.CheckConstraint(
                condition=models.Q(start__isnull=True, end__isnull=True)
                | models.Q(
                    start__isnull=False,
                    end__isnull=False,
                    end__gt=models.F("start"),
                    parent__isnull=True,
                ),
                name="comment_place_is_a_stretch",
            ),
            models.CheckConstraint(
                condition=models.Q(resolved_at__isnull=True, resolved_by__isnull=True)
                | models.Q(
                    resolved_at__isnull=False, resolved_by__isnull=False, parent__isnull=True
                ),
                name="comment_resolved_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author} · {self.draft_id}"

    @property
    def is_open(self) -> bool:
        """Whether it waits for somebody."""
        return not (self.parent_id or self.resolved_at or self.removed_at)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: that something was said stays."""
        raise CommentStays
