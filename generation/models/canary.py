"""A checkpoint on trial: it writes a share of the next drafts beside the active one."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from generation.models.checkpoint import Checkpoint

SHARES = (1, 50)  # per cent of the drafts


class CanaryQuerySet(models.QuerySet["Canary"]):
    """Reads are adjectives; transitions are verbs that return how many canaries moved."""

    def running(self) -> Self:
        """The canary that new runs get; there is at most one."""
        return self.filter(status=Canary.Status.RUNNING)

    def writing(self) -> Self:
        """Canaries that write in the runs that have them: a promoted one finishes its runs."""
        return self.exclude(status=Canary.Status.ENDED)

    def for_list(self) -> Self:
        """Canaries with all that a list of them shows, in one query."""
        return self.select_related("checkpoint", "against", "started_by", "ended_by")

    def promote(self, user: Any) -> int:
        """Move running canaries to promoted: the checkpoint writes everything."""
        return self._close(Canary.Status.PROMOTED, user)

    def end(self, user: Any) -> int:
        """Move running canaries to ended: the checkpoint writes nothing more."""
        return self._close(Canary.Status.ENDED, user)

    def _close(self, status: "Canary.Status", user: Any) -> int:
        return self.running().update(status=status, ended_by=user, ended_at=Now())


class Canary(models.Model):
    """A trial: which checkpoint, against which, and what share of the drafts it writes."""

    class Status(models.TextChoices):
        """Whether it is under way, and how it ended."""

        RUNNING = "running", _("On trial")
        PROMOTED = "promoted", _("Promoted")
        ENDED = "ended", _("Trial ended")

    checkpoint = models.ForeignKey(
        Checkpoint,
        on_delete=models.PROTECT,
        related_name="canaries",
        verbose_name=_("checkpoint"),
    )
    against = models.ForeignKey(
        Checkpoint, on_delete=models.PROTECT, related_name="+", verbose_name=_("active checkpoint")
    )
    share = models.PositiveSmallIntegerField(_("share of the drafts, per cent"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.RUNNING)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("started by"),
    )
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ended by"),
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = CanaryQuerySet.as_manager()

    class Meta:
        verbose_name = _("canary")
        verbose_name_plural = _("canaries")
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="running"), name="canary_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(share__gte=SHARES[0], share__lte=SHARES[1]),
                name="canary_share_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.checkpoint_id}: {self.share} %"
