"""What was measured of a checkpoint, or of several systems side by side."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from generation.models.checkpoint import Checkpoint


class EvaluationQuerySet(models.QuerySet["Evaluation"]):
    """Reads are adjectives; an evaluation never changes."""

    def of_checkpoints(self) -> Self:
        """Those of one checkpoint each, with it, in one query."""
        return self.filter(checkpoint__isnull=False).select_related("checkpoint")

    def comparisons(self) -> Self:
        """Those of several systems side by side."""
        return self.filter(checkpoint__isnull=True)


class Evaluation(models.Model):
    """The figures of one checkpoint on one set of held-out texts.

    A comparison of several systems has no checkpoint; its figures name what was compared.
    `figures` is what the writer gave: `docs/metrics.md` says what each of them means.
    """

    checkpoint = models.ForeignKey(
        Checkpoint,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="evaluations",
        verbose_name=_("checkpoint"),
    )
    data = models.CharField(_("texts"), max_length=200)
    figures = models.JSONField(_("figures"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = _("evaluation")
        verbose_name_plural = _("evaluations")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(data=""), name="evaluation_names_its_texts"),
        ]

    def __str__(self) -> str:
        return f"{self.checkpoint or _('comparison')}: {self.data}"
