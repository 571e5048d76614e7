"""One order for training, with what it reports while it runs."""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from django.conf import settings as django_settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models.job import StoppableJob, StoppableJobQuerySet
from generation.choices import TrainingKind
from generation.models.checkpoint import Checkpoint


class TrainingRunQuerySet(StoppableJobQuerySet):
    """Trainings; their transitions are those of every job that can be stopped."""

    def for_list(self) -> Self:
        """Trainings with all that a list of them shows, in one query."""
        return self.select_related("checkpoint", "parent", "requested_by", "stopped_by")


class TrainingRun(StoppableJob):
    """One order for training; it ends in an inactive checkpoint.

    It is from feedback, from nothing, or tunes a language model. `settings` are the library's,
    where they differ from what is usual; `corpus` names files below `GALLEY_CORPUS_DIR`. What it
    learns from is what was decided when it first began: so it can be taken up again after days.
    """

    seed = models.BigIntegerField(_("seed"))
    is_feedback = models.BooleanField(_("from feedback"), default=True)
    is_large = models.BooleanField(_("tunes a language model"), default=False)
    corpus = models.JSONField(_("corpora"), default=list, blank=True)
    minutes = models.FloatField(_("minutes"))
    settings = models.JSONField(_("settings"), default=dict, blank=True)
    progress = models.JSONField(_("progress"), default=dict, blank=True)
    parent = models.ForeignKey(
        Checkpoint,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="trainings_begun",
        verbose_name=_("continued checkpoint"),
    )
    checkpoint = models.ForeignKey(
        Checkpoint,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="training_runs",
        verbose_name=_("checkpoint"),
    )

    objects = TrainingRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("training run")
        verbose_name_plural = _("training runs")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(minutes__gt=0), name="training_run_takes_time"),
            models.CheckConstraint(
                condition=~Q(is_feedback=True, is_large=True), name="training_run_is_of_one_kind"
            ),
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="running"), name="training_run_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def kind(self) -> TrainingKind:
        """What it does."""
        if self.is_feedback:
            return "feedback"
        return "large" if self.is_large else "full"

    @property
    def corpora(self) -> list[Path]:
        """The files it learns from besides the bundled ones."""
        return [Path(django_settings.GALLEY_CORPUS_DIR) / name for name in self.corpus]

    @property
    def work(self) -> Path:
        """The folder that keeps its place until it has ended."""
        return Path(django_settings.GALLEY_WORK_DIR) / f"training-{self.pk}"

    @property
    def kept_bytes(self) -> int:
        """What its place takes of the disk; its worker may move a file while they are counted."""
        size = 0
        for folder, _folders, names in os.walk(self.work):
            for name in names:
                with suppress(FileNotFoundError):
                    size += Path(folder, name).stat().st_size
        return size

    @property
    def is_kept(self) -> bool:
        """Say whether there is a place to go on from."""
        return any(self.work.glob("state-*"))

    def forget_place(self) -> None:
        """Free the disk: the training has ended, or nobody will take it up again."""
        if self.work.is_dir():
            shutil.rmtree(self.work)


class TrainingPointQuerySet(models.QuerySet["TrainingPoint"]):
    """What trainings reported, in the order of their steps."""

    def keep(self, order: TrainingRun, line: dict[str, Any], *, lease: UUID) -> int:
        """Keep one line of a training that the holder of this lease works on.

        A training that was taken up again passes some steps twice; the second time counts.
        """
        if not TrainingRun.objects.filter(pk=order.pk).held(lease).exists():
            return 0
        figures = {name: value for name, value in line.items() if name not in {"phase", "step"}}
        self.update_or_create(
            training=order,
            phase=line["phase"],
            step=line["step"],
            defaults={"figures": figures},
        )
        return 1


class TrainingPoint(models.Model):
    """One line that a training reported: where it was, and its figures there."""

    training = models.ForeignKey(
        TrainingRun,
        on_delete=models.CASCADE,
        related_name="points",
        verbose_name=_("training run"),
    )
    phase = models.CharField(_("phase"), max_length=20)
    step = models.PositiveIntegerField(_("step"))
    figures = models.JSONField(_("figures"), default=dict)
    created_at = models.DateTimeField(_("created"), auto_now=True)

    objects = TrainingPointQuerySet.as_manager()

    class Meta:
        verbose_name = _("training point")
        verbose_name_plural = _("training points")
        ordering = ["training", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["training", "phase", "step"], name="training_point_one_per_step"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.training_id}: {self.phase} {self.step}"
