"""Closed lists that are code: the languages of copy, and what its length is counted in."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Language(models.TextChoices):
    """The languages of copy; the interface has the same two."""

    ZH = "zh-hans", _("Chinese")
    EN = "en", _("English")


class Unit(models.TextChoices):
    """What the length of copy is counted in; each place that takes copy has its own."""

    CHARS = "chars", _("characters")  # code points
    WIDTH = "width", _("half-width characters")  # a full-width one counts as two
    GB = "gb", _("GB18030 bytes")
    UTF8 = "utf8", _("UTF-8 bytes")
    PIXELS = "px", _("pixels")
