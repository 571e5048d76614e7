"""Whose draft it is to decide, and which rules say so."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from generation.models import Draft
from review.models.decision import Decision
from review.models.draft_rule import DraftRule


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """Reads are adjectives; transitions are verbs, and return how many rows moved."""

    def to_remind(self, before: datetime) -> Self:
        """Those whose draft waits for its editor and is due before a moment, not yet reminded of.

        Whoever gave the first opinion on a draft waits for somebody else's.
        """
        own = Decision.objects.standing().filter(draft=OuterRef("draft"), editor=OuterRef("editor"))
        waiting = self.filter(reminded_at=None, draft__status__in=Draft.UNDECIDED)
        return waiting.filter(draft__run__campaign__due_at__lt=before).exclude(Exists(own))

    def remind(self, at: datetime) -> int:
        """Keep that the editors of those in this queryset were reminded."""
        return self.filter(reminded_at=None).update(reminded_at=at)

    def to_others(self, editor: Any) -> Exists:
        """For a query over drafts: whether the draft is somebody else's to decide."""
        return Exists(self.exclude(editor=editor).filter(draft=OuterRef("pk")))

    def to_anybody(self) -> Exists:
        """For a query over drafts: whether it is one person's to decide."""
        return Exists(self.filter(draft=OuterRef("pk")))

    def load(self) -> dict[int, int]:
        """How many drafts wait for each editor who has any, by the editor's id."""
        waiting = self.filter(draft__status__in=Draft.UNDECIDED).order_by()
        counted = waiting.values("editor").annotate(number=models.Count("pk"))
        return dict(counted.values_list("editor", "number"))


class Assignment(models.Model):
    """A draft is one editor's to decide: others are not handed it, and may still open it."""

    draft = models.OneToOneField(
        "generation.Draft",
        on_delete=models.CASCADE,
        related_name="assignment",
        verbose_name=_("draft"),
    )
    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="assignments",
        verbose_name=_("editor"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("assigned by"),
    )
    at = models.DateTimeField(_("assigned at"), auto_now_add=True)
    reminded_at = models.DateTimeField(_("reminded at"), null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.draft_id} → {self.editor}"


class AssignmentRule(DraftRule):
    """Whose drafts of a kind and language are: of its editors, whoever has fewest waiting."""

    editors = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="assignment_rules", verbose_name=_("editors")
    )

    class Meta(DraftRule.Meta):
        verbose_name = _("rule for assignments")
        verbose_name_plural = _("rules for assignments")
