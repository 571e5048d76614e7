"""One editor's verdict on one draft: written once, never changed.

A verdict that is taken back stays, and a second row says by whom and when: see `undoes`.
"""

import uuid
from datetime import datetime
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

    def of(self, draft: Any) -> Self:
        """All that was decided of a draft, the first first."""
        return self.select_related("editor").filter(draft=draft).order_by("pk")

    def by(self, editor: Any) -> Self:
        """The decisions of one editor."""
        return self.filter(editor=editor)

    def standing(self) -> Self:
        """Verdicts that nobody has taken back; at most one of each draft."""
        return self.filter(undone_by=None).exclude(verdict=Decision.Verdict.UNDONE)

    def since(self, at: datetime) -> Self:
        """Decisions made at a moment or after it."""
        return self.filter(created_at__gte=at)

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

    `key` is the wish that it came of: the same wish sent twice is one decision. `undoes` names the
    verdict that this row takes back, and `draft_version` the draft as it was decided.
    """

    class Verdict(models.TextChoices):
        APPROVED = "approved", _("Approved")
        EDITED = "edited", _("Edited")
        REJECTED = "rejected", _("Rejected")
        UNDONE = "undone", _("Taken back")

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
    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    undoes = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="undone_by",
        verbose_name=_("takes back"),
    )
    created_at = models.DateTimeField(_("decided at"), auto_now_add=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        permissions = [("undo_any_decision", _("Can take back anybody's decision"))]
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "draft_version"], name="decision_one_per_version"
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(verdict="rejected", final_text="") & ~models.Q(reason="")
                    | models.Q(verdict__in=["approved", "edited"], reason="")
                    & ~models.Q(final_text="")
                    | models.Q(verdict="undone", final_text="", reason="")
                ),
                name="decision_text_or_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(verdict="undone", undoes__isnull=False)
                | ~models.Q(verdict="undone") & models.Q(undoes__isnull=True),
                name="decision_undone_names_which",
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
