"""Drafts that are much alike, of which a sample is read to decide what becomes of the rest."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _


class BatchQuerySet(models.QuerySet["Batch"]):
    """Reads are adjectives; transitions are verbs that return how many rows moved."""

    def open(self) -> Self:
        """Batches whose sample is still being read, or waits to be settled."""
        return self.filter(status=Batch.Status.OPEN)

    def of(self, editor: Any) -> Self:
        """The batches of one editor, the newest first."""
        return self.filter(editor=editor).order_by("-pk")

    def settle(self, status: Batch.Status) -> int:
        """Close the open batches in this queryset with what became of them."""
        return self.open().update(status=status)


class Batch(models.Model):
    """A lot of drafts and a random sample of it: if the sample passes, so may the rest.

    `group` is what the decisions on the rest are known by together.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Being read")
        PASSED = "passed", _("Passed")
        FAILED = "failed", _("Not passed")

    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="batches",
        verbose_name=_("editor"),
    )
    status = models.CharField(_("state"), max_length=8, choices=Status, default=Status.OPEN)
    group = models.UUIDField(_("group"), default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.pk} · {self.get_status_display()}"


class BatchDraftQuerySet(models.QuerySet["BatchDraft"]):
    """Reads are adjectives."""

    def sampled_in(self, batch: int) -> Exists:
        """For a query over drafts: whether it is of the batch's sample."""
        return Exists(self.filter(batch=batch, is_sampled=True, draft=OuterRef("pk")))


class BatchDraft(models.Model):
    """A draft in a batch; of its sample, or of the rest."""

    batch = models.ForeignKey(
        Batch, on_delete=models.CASCADE, related_name="members", verbose_name=_("batch")
    )
    draft = models.ForeignKey(
        "generation.Draft",
        on_delete=models.CASCADE,
        related_name="batches",
        verbose_name=_("draft"),
    )
    is_sampled = models.BooleanField(_("of the sample"), default=False)

    objects = BatchDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft of a batch")
        verbose_name_plural = _("drafts of batches")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "draft"], name="batch_draft_once"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} · {self.draft_id}"
