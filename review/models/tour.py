"""Who has been shown round the desk."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Tour(models.Model):
    """A user has seen what the desk is for, and is not shown it again unasked."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="tour",
        verbose_name=_("user"),
    )
    ended_at = models.DateTimeField(_("ended"), auto_now_add=True)

    class Meta:
        verbose_name = _("tour of the desk")
        verbose_name_plural = _("tours of the desk")

    def __str__(self) -> str:
        return str(self.user)
