"""The app that carries the commands and translations of the whole site."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The wiring, as an app: it has commands and a locale folder, and no models."""

    name = "config"
    verbose_name = "Galley"
