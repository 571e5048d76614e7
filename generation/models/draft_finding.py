"""Which queries the checks have about a draft, where a filter finds them."""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from generation.models.draft import Draft


class DraftFindingQuerySet(models.QuerySet["DraftFinding"]):
    """Rows of `Draft.findings` by their code."""

    def keep(self, drafts: Iterable[Draft]) -> None:
        """Keep the codes of the findings of drafts that were written just now."""
        self.bulk_create(
            DraftFinding(draft=draft, code=code)
            for draft in drafts
            for code in sorted({finding["code"] for finding in draft.findings})
        )


class DraftFinding(models.Model):
    """That a draft has a finding of a code.

    `Draft.findings` holds all that is known of it; to find few drafts among very many by that,
    each would have to be read.
    """

    draft = models.ForeignKey(
        Draft, on_delete=models.CASCADE, related_name="codes", verbose_name=_("draft")
    )
    code = models.CharField(_("code"), max_length=40)

    objects = DraftFindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding of a draft")
        verbose_name_plural = _("findings of drafts")
        indexes = [models.Index(fields=["code", "draft"], name="draft_finding_by_code")]

    def __str__(self) -> str:
        return f"{self.draft_id}: {self.code}"
