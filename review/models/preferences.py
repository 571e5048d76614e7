"""How a person wants to be told of news."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import get_default_timezone, localtime
from django.utils.translation import gettext_lazy as _


class PreferencesQuerySet(models.QuerySet["Preferences"]):
    """Reads are adjectives; transitions are verbs, and return how many rows moved."""

    def due(self, at: datetime) -> Self:
        """Of people who want a digest and have had none on the shop's day of that moment."""
        here = localtime(at, get_default_timezone())
        day = here.replace(hour=0, minute=0, second=0, microsecond=0)
        return self.filter(Q(digested_at=None) | Q(digested_at__lt=day), wants_digest=True)

    def take_digest(self, at: datetime) -> int:
        """Take the digest of the day for the people in this queryset who are due one.

        Of two that send digests at once exactly one takes it.
        """
        return self.due(at).update(digested_at=at)

    def give_back_digest(self, at: datetime) -> int:
        """Make those due again whose digest of that moment did not leave."""
        return self.filter(digested_at=at).update(digested_at=None)


class Preferences(models.Model):
    """What one person chose; who has no row wants the digest, in the site's language.

    `digested_at` is when the last digest was taken to be sent.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="preferences",
        verbose_name=_("user"),
    )
    wants_digest = models.BooleanField(_("wants the digest"), default=True)
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, blank=True
    )
    digested_at = models.DateTimeField(_("last digest"), null=True, blank=True)

    objects = PreferencesQuerySet.as_manager()

    class Meta:
        verbose_name = _("preferences")
        verbose_name_plural = _("preferences")

    def __str__(self) -> str:
        return str(self.user)
