"""Brands and the voices that their copy is written in."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.choices import Language


class Brand(models.Model):
    """A name on the label, with its voice in each language."""

    slug = models.SlugField(_("short name"), unique=True, allow_unicode=True)
    name = models.CharField(_("name"), max_length=120)
    voice_zh = models.TextField(_("voice in Chinese"), blank=True)
    voice_en = models.TextField(_("voice in English"), blank=True)
    banned_words = models.JSONField(_("words it never uses"), default=list, blank=True)

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def voice(self, language: str) -> str:
        """How the brand speaks in a language."""
        return self.voice_zh if language == Language.ZH else self.voice_en
