"""Kinds of copy are rows, so that a new one needs no code."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.choices import Language
from catalog.models.brand import check_words


class ContentKind(models.Model):
    """A kind of copy with its length in each language, in code points."""

    slug = models.SlugField(_("short name"), unique=True)
    name_zh = models.CharField(_("name in Chinese"), max_length=60)
    name_en = models.CharField(_("name in English"), max_length=60)
    writer_kind = models.CharField(_("what the writer calls it"), max_length=40)
    min_chars_zh = models.PositiveIntegerField(_("least characters in Chinese"))
    max_chars_zh = models.PositiveIntegerField(_("most characters in Chinese"))
    min_chars_en = models.PositiveIntegerField(_("least characters in English"))
    max_chars_en = models.PositiveIntegerField(_("most characters in English"))
    required_facts = models.JSONField(
        _("facts that each text tells"),
        default=list,
        blank=True,
        validators=[check_words],
        help_text=_(
            "Their names in either language, such as [“material”, “材质”]. Of a product that has "
            "such a fact, a text that leaves it out is not offered and cannot be approved."
        ),
    )

    class Meta:
        verbose_name = _("kind of copy")
        verbose_name_plural = _("kinds of copy")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(min_chars_zh__lte=models.F("max_chars_zh"))
                & models.Q(min_chars_en__lte=models.F("max_chars_en")),
                name="content_kind_least_not_above_most",
            )
        ]

    def __str__(self) -> str:
        return self.name_en

    def clean(self) -> None:
        """Take whatever is empty for no facts: no validator is asked about it."""
        self.required_facts = self.required_facts or []

    def name(self, language: str) -> str:
        """What the kind is called in a language."""
        return self.name_zh if language == Language.ZH else self.name_en

    def limits(self, language: str) -> tuple[int, int]:
        """The least and the most code points of a text in a language."""
        if language == Language.ZH:
            return self.min_chars_zh, self.max_chars_zh
        return self.min_chars_en, self.max_chars_en
