"""What a draft's text has in common with texts that are nearly the same."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from generation.models.draft import Draft


class DraftBand(models.Model):
    """One of the values by which `checks.bands` finds a draft's text again."""

    draft = models.ForeignKey(
        Draft, on_delete=models.CASCADE, related_name="bands", verbose_name=_("draft")
    )
    value = models.BigIntegerField(_("value"))

    class Meta:
        verbose_name = _("band of a text")
        verbose_name_plural = _("bands of texts")
        indexes = [models.Index(fields=["value", "draft"], name="draft_band_by_value")]

    def __str__(self) -> str:
        return f"{self.draft_id}: {self.value}"
