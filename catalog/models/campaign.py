"""Campaigns: which copy is wanted for which products, and when."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.choices import Language
from catalog.models.channel import Channel
from catalog.models.content_kind import ContentKind
from catalog.models.product import Product


def check_languages(languages: object) -> None:
    """Refuse anything but a list of languages, each once.

    Raises:
        ValidationError: it is not such a list.
    """
    is_known = isinstance(languages, list) and all(one in Language.values for one in languages)
    if not is_known or len(set(languages)) != len(languages):
        raise ValidationError(
            _("A list of languages, each once, out of: %(languages)s."),
            params={"languages": ", ".join(Language.values)},
        )


class CampaignQuerySet(models.QuerySet["Campaign"]):
    """Reads are adjectives; transitions are verbs that return how many rows moved."""

    def open(self) -> Self:
        """Campaigns that still want copy."""
        return self.filter(status=Campaign.Status.OPEN)

    def due(self, at: datetime) -> Self:
        """Open campaigns whose hour has come and that were not started since."""
        waiting = Q(started_at=None) | Q(started_at__lt=F("starts_at"))
        return self.open().filter(waiting, starts_at__lte=at)

    def mark_started(self, at: datetime) -> int:
        """Note that the campaigns are started now, whether or not they were before."""
        return self.update(started_at=at)

    def close(self, at: datetime) -> int:
        """Close the open campaigns."""
        return self.open().update(status=Campaign.Status.CLOSED, closed_at=at)


class Campaign(models.Model):
    """A wish for copy: products, kinds, languages, channels, and a time."""

    class Status(models.TextChoices):
        """Whether a campaign still wants copy."""

        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    slug = models.SlugField(_("short name"), unique=True, max_length=80, allow_unicode=True)
    name = models.CharField(_("name"), max_length=120)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.OPEN)
    kinds = models.ManyToManyField(ContentKind, verbose_name=_("kinds of copy"))
    languages = models.JSONField(_("languages"), default=list, validators=[check_languages])
    channels = models.ManyToManyField(Channel, verbose_name=_("channels"), blank=True)
    products = models.ManyToManyField(
        Product, related_name="campaigns", verbose_name=_("products"), blank=True
    )
    variants = models.PositiveSmallIntegerField(_("drafts for each text"), default=1)
    starts_at = models.DateTimeField(_("starts at"), null=True, blank=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True, editable=False)
    due_at = models.DateTimeField(_("wanted by"), null=True, blank=True)
    publish_at = models.DateTimeField(_("not published before"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("opened by"),
    )
    created_at = models.DateTimeField(_("opened at"), auto_now_add=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True, editable=False)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(variants__range=(1, 8)), name="campaign_one_to_eight_variants"
            ),
            models.CheckConstraint(
                condition=Q(status="open", closed_at=None)
                | Q(status="closed", closed_at__isnull=False),
                name="campaign_closed_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def awaits_its_hour(self) -> bool:
        """Say whether the clock has still to start it; an earlier start by hand does not count."""
        if self.starts_at is None or self.status != self.Status.OPEN:
            return False
        return self.started_at is None or self.started_at < self.starts_at
