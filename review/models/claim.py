"""Who has which draft open: held softly, for a few minutes, and renewed while the page is open."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.utils.translation import gettext_lazy as _

TERM = timedelta(minutes=3)


class ClaimQuerySet(models.QuerySet["Claim"]):
    """Reads are adjectives; transitions are verbs.

    A transition is one conditional UPDATE or one INSERT against a unique draft, so of two editors
    who open a draft at once exactly one holds it.
    """

    def live(self, at: datetime) -> Self:
        """Claims that have not run out."""
        return self.filter(expires_at__gt=at)

    def of_others(self, editor: Any) -> Self:
        """Claims of anybody else."""
        return self.exclude(editor=editor)

    def for_list(self) -> Self:
        """Claims with all that is said of them, in one query."""
        return self.select_related("editor")

    def held_from(self, editor: Any, at: datetime) -> Exists:
        """For a query over drafts: whether somebody else holds the draft."""
        return Exists(self.live(at).of_others(editor).filter(draft=OuterRef("pk")))

    def holder(self, editor: Any, at: datetime) -> Case:
        """For a query over drafts: the name of whoever else holds the draft, or None."""
        held = Q(claim__expires_at__gt=at) & ~Q(claim__editor=editor)
        return Case(When(held, then=F("claim__editor__username")))

    def renew(self, editor: Any, at: datetime) -> int:
        """Hold on to the claims in this queryset that the editor has."""
        return self.live(at).filter(editor=editor).update(expires_at=at + TERM)

    def inherit(self, editor: Any, at: datetime, *, given_at: datetime | None = None) -> int:
        """Take the claims in this queryset that have run out."""
        return self.filter(expires_at__lte=at).update(
            editor=editor, since=at, given_at=given_at, expires_at=at + TERM
        )

    def given_until(self, at: datetime) -> Self:
        """Claims on drafts that no page was given after that moment."""
        return self.filter(Q(given_at=None) | Q(given_at__lte=at))

    def give(self, at: datetime) -> int:
        """Note that a page is given the drafts whose claims these are."""
        return self.update(given_at=at)

    def release(self) -> int:
        """Let go of the drafts of the claims in this queryset."""
        return self.delete()[0]


class Claim(models.Model):
    """An editor has a draft open; nobody else is handed it until then."""

    draft = models.OneToOneField(
        "generation.Draft",
        on_delete=models.CASCADE,
        related_name="claim",
        verbose_name=_("draft"),
    )
    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="claims",
        verbose_name=_("editor"),
    )
    since = models.DateTimeField(_("since"))
    # When a page was last given the draft: one that was given it before and closes lets it go no
    # more. None where a page asked for the claim that has shown the draft since before it.
    given_at = models.DateTimeField(_("given"), null=True, blank=True)
    expires_at = models.DateTimeField(_("until"))

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering = ["since", "pk"]
        indexes = [models.Index(fields=["expires_at"], name="claim_by_expiry")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("since")),
                name="claim_ends_after_it_began",
            )
        ]

    def __str__(self) -> str:
        return f"{self.editor} · {self.draft_id}"
