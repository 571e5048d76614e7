"""One editor's verdict on one draft: written once, never changed."""

from typing import Any, NoReturn, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from review.errors import DecisionIsFinal


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Reads only: a decision has no transitions.

    The database holds the same line with triggers, so that a stray statement is refused too.
    """

    def for_list(self) -> Self:
        """Decisions with all a row of a list shows, in one query."""
        return self.select_related(
            "editor", "draft__product", "draft__kind", "draft__run__campaign"
        )

    def by(self, editor: Any) -> Self:
        """The decisions of one editor."""
        return self.filter(editor=editor)

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse: a decision is final."""
        raise DecisionIsFinal

    def delete(self) -> NoReturn:
        """Refuse: a decision is final."""
        raise DecisionIsFinal


class Decision(models.Model):
    """An editor's verdict on a draft, the final text, the reason and the seconds it took.

    The draft's own text is what the machine wrote; `final_text` is what the editor made of it,
    and empty for a rejection. The difference is the lesson.
    """

    class Verdict(models.TextChoices):
        APPROVED = "approved", _("Approved")
        EDITED = "edited", _("Edited")
        REJECTED = "rejected", _("Rejected")

    class Reason(models.TextChoices):
        """Why a draft was refused; the order is the order of the digit keys."""

        WRONG_FACT = "wrong_fact", _("Wrong fact")
        DULL = "dull", _("Dull")
        OFF_BRAND = "off_brand", _("Off brand")
        GARBLED = "garbled", _("Garbled")
        REPETITIVE = "repetitive", _("Repetitive")
        BANNED_CLAIM = "banned_claim", _("Banned claim")
        NOT_NEEDED = "not_needed", _("Not needed")

    draft = models.ForeignKey(
        "generation.Draft",
        on_delete=models.PROTECT,
        related_name="decisions",
        verbose_name=_("draft"),
    )
    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="decisions",
        verbose_name=_("editor"),
    )
    verdict = models.CharField(_("verdict"), max_length=16, choices=Verdict)
    final_text = models.TextField(_("final text"), blank=True)
    reason = models.CharField(_("reason"), max_length=16, choices=Reason, blank=True)
    note = models.TextField(_("note"), blank=True)
    active_seconds = models.FloatField(_("active seconds"), null=True, blank=True)
    draft_version = models.PositiveIntegerField(_("draft version"))
    created_at = models.DateTimeField(_("decided at"), auto_now_add=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["draft"], name="decision_one_per_draft"),
            models.CheckConstraint(
                condition=(
                    models.Q(verdict="rejected", final_text="") & ~models.Q(reason="")
                    | models.Q(verdict__in=["approved", "edited"], reason="")
                    & ~models.Q(final_text="")
                ),
                name="decision_text_or_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(active_seconds__isnull=True) | models.Q(active_seconds__gte=0),
                name="decision_seconds_not_negative",
            ),
        ]
        indexes = [models.Index(fields=["-created_at"], name="decision_newest_first")]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} · {self.draft_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new decision; refuse to write an existing one again.

        Raises:
            DecisionIsFinal: the decision is in the database already.
        """
        if not self._state.adding:
            raise DecisionIsFinal
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: a decision is final."""
        raise DecisionIsFinal
