"""One order for training, with what it reports while it runs."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from generation.models.checkpoint import Checkpoint
from generation.models.job import Job


class TrainingRun(Job):
    """One order for training, from feedback or from nothing; it ends in an inactive checkpoint."""

    is_feedback = models.BooleanField(_("from feedback"), default=True)
    minutes = models.FloatField(_("minutes"))
    progress = models.JSONField(_("progress"), default=dict, blank=True)
    checkpoint = models.ForeignKey(
        Checkpoint,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="training_runs",
        verbose_name=_("checkpoint"),
    )

    class Meta:
        verbose_name = _("training run")
        verbose_name_plural = _("training runs")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(minutes__gt=0), name="training_run_takes_time"),
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="running"), name="training_run_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
