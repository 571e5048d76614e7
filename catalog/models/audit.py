"""Who did what, and when: a line for each act that changes how the shop's copy comes about."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.errors import AuditIsFinal


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Reads only: what was done stays done."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse: an entry is final."""
        raise AuditIsFinal

    def delete(self) -> NoReturn:
        """Refuse: an entry is final."""
        raise AuditIsFinal


class AuditEntry(models.Model):
    """One act: who, what, on which row, with what to know of it.

    The row is named in words, so that the entry says as much when the row is gone.
    """

    at = models.DateTimeField(_("at"), auto_now_add=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("user"),
    )
    action = models.CharField(_("action"), max_length=60)
    target = models.CharField(_("target"), max_length=200)
    details = models.JSONField(_("details"), default=dict, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["action", "-at"], name="audit_by_action")]

    def __str__(self) -> str:
        return f"{self.action}: {self.target}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new entry; refuse to write an existing one again.

        Raises:
            AuditIsFinal: the entry is in the database already.
        """
        if not self._state.adding:
            raise AuditIsFinal
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: an entry is final."""
        raise AuditIsFinal
