"""Closed lists that are code: the languages that copy is written in."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Language(models.TextChoices):
    """The languages of copy; the interface has the same two."""

    ZH = "zh-hans", _("Chinese")
    EN = "en", _("English")
