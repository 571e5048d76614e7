"""One order for drafts, and the slots it has to fill."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from catalog.choices import Language
from catalog.models import Campaign, ContentKind, Product
from catalog.models.job import Job, JobQuerySet
from generation.models.canary import Canary
from generation.models.checkpoint import Checkpoint
from generation.ranking import urgency


class RunQuerySet(JobQuerySet):
    """Runs; their transitions are those of every job."""

    def with_counts(self) -> Self:
        """Runs with `slot_count`, `filled_count` and `refused_count`, in one query."""
        return self.annotate(
            slot_count=Count("slots"),
            filled_count=Count("slots", filter=Q(slots__outcome=Slot.Outcome.FILLED)),
            refused_count=Count("slots", filter=Q(slots__outcome=Slot.Outcome.REFUSED)),
        )

    def for_list(self) -> Self:
        """Runs with all that a list of them shows, in one query."""
        return self.with_counts().select_related("campaign", "checkpoint", "requested_by")

    def take_turns(self, due_at: datetime | None) -> int:
        """Place the runs in the queue as what is wanted by a moment, or by none."""
        return self.order_by().update(turn=F("pk") + urgency(due_at))


class Run(Job):
    """One order for drafts: a campaign, a seed, a checkpoint, slots to fill.

    `turn` places its drafts in the queue: the higher, the earlier (see `generation.ranking`).
    """

    seed = models.BigIntegerField(_("seed"))
    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="runs", verbose_name=_("campaign")
    )
    checkpoint = models.ForeignKey(
        Checkpoint, on_delete=models.PROTECT, related_name="runs", verbose_name=_("checkpoint")
    )

    canary = models.ForeignKey(
        Canary,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="runs",
        verbose_name=_("canary"),
    )
    turn = models.BigIntegerField(_("turn"), null=True, blank=True, editable=False)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["status", "queued_at"], name="run_by_status")]
        constraints = [
            # What is asked by turns is asked by runs.
            models.UniqueConstraint(fields=["turn"], name="run_one_in_each_turn"),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "finished", "failed"]),
                name="run_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="running") | Q(lease__isnull=False, heartbeat_at__isnull=False),
                name="run_running_has_lease",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} #{self.pk}"


class SlotQuerySet(models.QuerySet["Slot"]):
    """Reads are adjectives; transitions are verbs that return how many slots moved."""

    def open(self) -> Self:
        """Slots that have neither a draft nor a refusal."""
        return self.filter(outcome=Slot.Outcome.OPEN)

    def for_writing(self) -> Self:
        """Slots in order, with all a brief is built from."""
        return (
            self.select_related("product__brand", "product__category", "kind")
            .prefetch_related("product__texts")
            .order_by("ordinal")
        )

    def fill(self) -> int:
        """Move open slots to filled."""
        return self.open().update(outcome=Slot.Outcome.FILLED)

    def refuse(self, findings: list[dict]) -> int:
        """Move open slots to refused, with the findings that ruled every candidate out."""
        return self.open().update(outcome=Slot.Outcome.REFUSED, refusal=findings)


class Slot(models.Model):
    """A place for one draft in a run."""

    class Outcome(models.TextChoices):
        """What became of a slot."""

        OPEN = "open", _("Open")
        FILLED = "filled", _("Filled")
        REFUSED = "refused", _("Refused")

    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, related_name="slots", verbose_name=_("run")
    )
    ordinal = models.PositiveIntegerField(_("ordinal"))
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="slots", verbose_name=_("product")
    )
    kind = models.ForeignKey(
        ContentKind, on_delete=models.PROTECT, related_name="slots", verbose_name=_("kind")
    )
    language = models.CharField(_("language"), max_length=10, choices=Language)
    variant = models.PositiveSmallIntegerField(_("variant"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, default=Outcome.OPEN)
    refusal = models.JSONField(_("refusal"), default=list, blank=True)

    objects = SlotQuerySet.as_manager()

    class Meta:
        verbose_name = _("slot")
        verbose_name_plural = _("slots")
        ordering = ["run", "ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["run", "ordinal"], name="slot_one_per_ordinal"),
            models.UniqueConstraint(
                fields=["run", "product", "kind", "language", "variant"],
                name="slot_one_per_variant",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.ordinal}"
