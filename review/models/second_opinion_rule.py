"""Which accepted drafts somebody else has to see before they go out."""

from __future__ import annotations

from hashlib import sha256

from django.db import models
from django.utils.translation import gettext_lazy as _

from generation.models import Draft
from review.models.decision import Decision
from review.models.draft_rule import DraftRule


class SecondOpinionRule(DraftRule):
    """A policy: an accepted draft to which one of the conditions applies needs a second opinion.

    `share` is a share of all, in per cent; which drafts those are is settled by their number, so
    that taking a decision back and deciding again draws no new lot.
    """

    of_edits = models.BooleanField(
        _("texts that an editor wrote"),
        default=False,
        help_text=_("Nobody publishes their own words alone."),
    )
    of_queried = models.BooleanField(_("drafts that a check has a query about"), default=False)
    below_score = models.FloatField(
        _("drafts with a score below"),
        null=True,
        blank=True,
        help_text=_("Of the discriminator, from 0 to 1."),
    )
    share = models.PositiveSmallIntegerField(
        _("share of all, in per cent"),
        default=0,
        help_text=_("100: every draft. A small share measures how well editors agree."),
    )

    class Meta(DraftRule.Meta):
        verbose_name = _("rule for second opinions")
        verbose_name_plural = _("rules for second opinions")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(share__range=(0, 100)),
                name="second_opinion_share_is_a_percentage",
            ),
            models.CheckConstraint(
                condition=models.Q(below_score__isnull=True)
                | models.Q(below_score__gt=0, below_score__lte=1),
                name="second_opinion_score_is_a_probability",
            ),
            models.CheckConstraint(
                condition=models.Q(of_edits=True)
                | models.Q(of_queried=True)
                | models.Q(below_score__isnull=False)
                | models.Q(share__gt=0),
                name="second_opinion_has_a_condition",
                violation_error_message=_("Choose at least one condition, or a share of all."),
            ),
        ]

    def applies_to(self, draft: Draft, verdict: str) -> bool:
        """Whether a draft that is accepted so needs a second opinion.

        Args:
            draft: which.
            verdict: one of `Decision.Verdict`, approved or edited.
        """
        return self.is_about(draft.kind_id, draft.language) and (
            (self.of_edits and verdict == Decision.Verdict.EDITED)
            or (self.of_queried and bool(draft.findings))
            or (self.below_score is not None and draft.score < self.below_score)
            or self._draws(draft)
        )

    def _draws(self, draft: Draft) -> bool:
        digest = sha256(f"second opinion/{self.pk}/{draft.pk}".encode()).digest()
        return int.from_bytes(digest[:7]) % 100 < self.share
