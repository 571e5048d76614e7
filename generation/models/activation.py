"""Each time that a checkpoint began to write: whose word it was, and what spoke against it."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from generation.gate import Objection
from generation.models.checkpoint import Checkpoint


class ActivationQuerySet(models.QuerySet["Activation"]):
    """Reads are adjectives; transitions are verbs that return how many activations moved."""

    def for_list(self) -> Self:
        """Activations with all that a list of them shows, in one query."""
        return self.select_related("checkpoint", "previous", "user")

    def standing(self) -> Self:
        """Activations that were not rolled back; the newest one made the active checkpoint."""
        return self.filter(is_undone=False)

    def undo(self) -> int:
        """Move standing activations to rolled back."""
        return self.standing().update(is_undone=True)


class Activation(models.Model):
    """A checkpoint took another one's place.

    Those that stand are a pile: rolling back takes the newest one off, and the checkpoint before
    it writes again.
    """

    checkpoint = models.ForeignKey(
        Checkpoint,
        on_delete=models.CASCADE,
        related_name="activations",
        verbose_name=_("checkpoint"),
    )
    previous = models.ForeignKey(
        Checkpoint,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("checkpoint before"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("user"),
    )
    objections = models.JSONField(_("objections"), default=list, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    is_undone = models.BooleanField(_("rolled back"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = ActivationQuerySet.as_manager()

    class Meta:
        verbose_name = _("activation")
        verbose_name_plural = _("activations")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(objections=[]) | ~Q(reason=""), name="activation_override_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.checkpoint_id}"

    @property
    def sentences(self) -> list[str]:
        """What spoke against it, in the reader's language."""
        return [Objection.from_dict(data).sentence for data in self.objections]
