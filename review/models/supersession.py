"""Which drafts gave way to a newer text of their place, and by which decision."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Supersession(models.Model):
    """A draft that nobody had decided expired, since a later run's text was accepted.

    It lasts as long as that decision: see `review.services.superseding`.
    """

    draft = models.OneToOneField(
        "generation.Draft",
        on_delete=models.CASCADE,
        related_name="supersession",
        verbose_name=_("draft"),
    )
    decision = models.ForeignKey(
        "review.Decision",
        on_delete=models.PROTECT,
        related_name="supersessions",
        verbose_name=_("decision"),
    )

    class Meta:
        verbose_name = _("superseded draft")
        verbose_name_plural = _("superseded drafts")

    def __str__(self) -> str:
        return f"{self.draft_id} → {self.decision_id}"
