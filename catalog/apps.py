"""The app's name."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    """What to sell, to whom, and where."""

    name = "catalog"
    verbose_name = _("Catalogue")
