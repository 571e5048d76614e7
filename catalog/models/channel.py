"""Places that copy goes to."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.Model):
    """A place where copy is published, and the name of the publisher that serves it."""

    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    publisher = models.CharField(_("publisher"), max_length=40)
    is_active = models.BooleanField(_("in use"), default=True)
    settings = models.JSONField(_("settings"), default=dict, blank=True)

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
