"""What rules about drafts have in common: of which kind and language the drafts are."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.choices import Language
from catalog.models import ContentKind


class DraftRuleQuerySet(models.QuerySet["DraftRule"]):
    """Reads are adjectives."""

    def in_force(self) -> Self:
        """The rules that are, the first first."""
        return self.filter(is_active=True).order_by("pk")


class DraftRule(models.Model):
    """A rule about drafts of a kind and a language, or of all."""

    name = models.CharField(_("name"), max_length=120)
    kind = models.ForeignKey(
        ContentKind,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("kind"),
        help_text=_("Empty: every kind."),
    )
    language = models.CharField(
        _("language"),
        max_length=10,
        choices=Language,
        blank=True,
        help_text=_("Empty: every language."),
    )
    is_active = models.BooleanField(_("in force"), default=True)

    objects = DraftRuleQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    def is_about(self, kind_id: int, language: str) -> bool:
        """Whether it is about drafts of this kind and language."""
        return self.kind_id in {None, kind_id} and self.language in {"", language}
