"""How Django knows the generation app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GenerationConfig(AppConfig):
    """The app that orders texts from the writer and keeps what it learns from."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "generation"
    verbose_name = _("Generation")
