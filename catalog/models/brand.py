"""Brands and the voices that their copy is written in."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.choices import Language


def check_words(words: object) -> None:
    """Refuse anything but a list of words, none of them blank.

    Raises:
        ValidationError: it is not such a list.
    """
    is_list = isinstance(words, list)
    if not is_list or not all(isinstance(word, str) and word.strip() for word in words):
        raise ValidationError(
            _("These words are a list, such as %(example)s."),
            params={"example": '["cheap", "miracle"]'},
        )


class Brand(models.Model):
    """A name on the label, with its voice in each language."""

    slug = models.SlugField(_("short name"), unique=True, allow_unicode=True)
    name = models.CharField(_("name"), max_length=120)
    voice_zh = models.TextField(_("voice in Chinese"), blank=True)
    voice_en = models.TextField(_("voice in English"), blank=True)
    banned_words = models.JSONField(
        _("words it never uses"), default=list, blank=True, validators=[check_words]
    )

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def voice(self, language: str) -> str:
        """How the brand speaks in a language."""
        return self.voice_zh if language == Language.ZH else self.voice_en

    def clean(self) -> None:
        """Take whatever is empty for no words: no validator is asked about it."""
        self.banned_words = self.banned_words or []
