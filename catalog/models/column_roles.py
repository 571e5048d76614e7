"""What the columns of a shop's own tables are."""

from collections.abc import Sequence
from hashlib import sha256

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ColumnRolesQuerySet(models.QuerySet["ColumnRoles"]):
    """Reads are adjectives."""

    def of(self, columns: Sequence[str]) -> dict[str, str]:
        """What somebody said of a table with these columns, by their names; {} where nobody did."""
        found = self.filter(fingerprint=fingerprint_of(columns)).first()
        return found.roles if found else {}


class ColumnRoles(models.Model):
    """What somebody said that the columns of a table are; tables with the same columns follow.

    Tables are the same where their columns have the same names, in whatever order.
    """

    fingerprint = models.CharField(_("fingerprint"), max_length=64, unique=True)
    file_name = models.CharField(_("file"), max_length=255)
    roles = models.JSONField(_("columns"))
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("changed by"),
    )
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects = ColumnRolesQuerySet.as_manager()

    class Meta:
        verbose_name = _("columns of a table")
        verbose_name_plural = _("columns of tables")
        ordering = ["-updated_at", "-pk"]

    def __str__(self) -> str:
        return self.file_name


def fingerprint_of(columns: Sequence[str]) -> str:
    """What tables with the same columns have in common."""
    return sha256("\0".join(sorted(set(columns))).encode(errors="replace")).hexdigest()
