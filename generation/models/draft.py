"""A text that passed the checks and awaits an editor."""

from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.db.models import Count, F, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Now, TruncWeek
from django.utils.translation import gettext_lazy as _

from catalog.choices import Language
from catalog.models import ContentKind, Product
from generation.models.checkpoint import Checkpoint
from generation.models.run import Run, Slot
from generation.terms import phrases


class DraftQuerySet(models.QuerySet["Draft"]):
    """Reads are adjectives; transitions are verbs.

    A transition is one conditional UPDATE and returns how many drafts moved. Two
    editors who decide the same draft at once can therefore never both win.
    """

    def awaiting_review(self) -> Self:
        """Drafts no editor has decided yet."""
        return self.filter(status=Draft.Status.PROPOSED)

    def for_queue(self) -> Self:
        """Drafts with all that a row of the queue shows, and their `title`, in one query."""
        shown = ["run", "language", "text", "score", "findings", "status", "version", "created_at"]
        names = ["kind__name_zh", "kind__name_en"]
        return self._titled().select_related("kind").only("product", *shown, *names)

    def for_card(self) -> Self:
        """Drafts with all that their card shows, and their `title`, in one query."""
        return self._titled().select_related("product__brand", "kind", "checkpoint")

    def holding(self, words: str) -> Self:
        """Drafts that hold all that somebody searches for, the newest first.

        In that order an index of words gives them out one by one, however many there are.
        """
        wanted = phrases(words)
        if not wanted:
            return self.none()
        return self.filter(words__words__match=wanted).order_by("-words")

    def in_order(self) -> Self:
        """The order of the queue: the newest run first, and in it the best draft."""
        return self.order_by("-run_id", "-score", "pk")

    def _titled(self) -> Self:
        """With what the product was called when its copy was written, or else its SKU."""
        called = Coalesce(KT("brief__title"), F("product__sku"), output_field=models.TextField())
        return self.annotate(title=called)

    def like(self, slot: Slot, bands: Iterable[int]) -> Self:
        """Texts that the shop has for other products and that share a band, most shared first."""
        return (
            self.filter(bands__value__in=bands, kind_id=slot.kind_id, language=slot.language)
            .filter(status__in=Draft.HELD)
            .exclude(product_id=slot.product_id)
            .annotate(shared=Count("bands"))
            .order_by("-shared", "-pk")
        )

    def scores(self, run_id: int, kind_id: int) -> models.QuerySet["Draft", float]:
        """The scores of a run's drafts of one kind, the lowest first."""
        drafts = self.filter(run=run_id, kind=kind_id).order_by("score")
        return drafts.values_list("score", flat=True)

    def by_week(self) -> Self:
        """What editors made of drafts in each week in which they decided any, oldest first."""
        decided = self.filter(decided_at__isnull=False).order_by()
        weeks = decided.values(week=TruncWeek("decided_at"))
        return weeks.with_verdicts().order_by("week")

    def by_checkpoint(self) -> Self:
        """What editors made of each checkpoint's drafts, the oldest checkpoint first."""
        named = self.order_by().values("checkpoint_id", name=F("checkpoint__name"))
        return named.with_verdicts().order_by("checkpoint_id")

    def with_verdicts(self) -> Self:
        """Group what the queryset counts over: approved (as it was or edited), rejected, waiting.

        To be called on `values(...)`.
        """
        return self.annotate(
            approved=Count("pk", filter=Q(status__in=Draft.APPROVED)),
            rejected=Count("pk", filter=Q(status=Draft.Status.REJECTED)),
            waiting=Count("pk", filter=Q(status=Draft.Status.PROPOSED)),
        )

    def approve(self) -> int:
        """Move the proposed drafts in this queryset to approved."""
        return self.awaiting_review()._move(Draft.Status.APPROVED, decided_at=Now())  # noqa: SLF001

    def reject(self) -> int:
        """Move the proposed drafts in this queryset to rejected."""
        return self.awaiting_review()._move(Draft.Status.REJECTED, decided_at=Now())  # noqa: SLF001

    def expire(self) -> int:
        """Move the proposed drafts in this queryset to expired."""
        return self.awaiting_review()._move(Draft.Status.EXPIRED)  # noqa: SLF001

    def publish(self) -> int:
        """Move the approved and the withdrawn drafts in this queryset to published."""
        ready = [Draft.Status.APPROVED, Draft.Status.WITHDRAWN]
        return self.filter(status__in=ready)._move(Draft.Status.PUBLISHED)  # noqa: SLF001

    def withdraw(self) -> int:
        """Move the published drafts in this queryset to withdrawn."""
        return self.filter(status=Draft.Status.PUBLISHED)._move(  # noqa: SLF001
            Draft.Status.WITHDRAWN
        )

    def reopen(self) -> int:
        """Move the decided drafts in this queryset that are on no shelf back to proposed."""
        decided = [Draft.Status.APPROVED, Draft.Status.REJECTED, Draft.Status.WITHDRAWN]
        return self.filter(status__in=decided)._move(  # noqa: SLF001
            Draft.Status.PROPOSED, decided_at=None
        )

    def _move(self, status: "Draft.Status", **changes: Any) -> int:
        return self.order_by().update(status=status, version=F("version") + 1, **changes)


class Draft(models.Model):
    """What the writer wrote for one slot. `text` is never changed."""

    class Status(models.TextChoices):
        """Where a draft stands on its way to the shelf."""

        PROPOSED = "proposed", _("Proposed")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        EXPIRED = "expired", _("Expired")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    # An editor said yes to it, as it was or in other words.
    APPROVED = (Status.APPROVED, Status.PUBLISHED, Status.WITHDRAWN)

    # The shop has it, or may come to have it.
    HELD = (Status.PROPOSED, Status.APPROVED, Status.PUBLISHED)

    slot = models.OneToOneField(
        Slot, on_delete=models.CASCADE, related_name="draft", verbose_name=_("slot")
    )
    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, related_name="drafts", verbose_name=_("run")
    )
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="drafts", verbose_name=_("product")
    )
    kind = models.ForeignKey(
        ContentKind, on_delete=models.PROTECT, related_name="drafts", verbose_name=_("kind")
    )
    checkpoint = models.ForeignKey(
        Checkpoint, on_delete=models.PROTECT, related_name="drafts", verbose_name=_("checkpoint")
    )
    language = models.CharField(_("language"), max_length=10, choices=Language)
    text = models.TextField(_("text"))
    score = models.FloatField(_("score"))
    spans = models.JSONField(_("spans"), default=list, blank=True)
    explanation = models.JSONField(_("explanation"), default=dict, blank=True)
    findings = models.JSONField(_("findings"), default=list, blank=True)
    alternatives = models.JSONField(_("alternatives"), default=list, blank=True)
    brief = models.JSONField(_("brief"), default=dict)
    seed = models.BigIntegerField(_("seed"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PROPOSED)
    version = models.PositiveIntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        ordering = ["-run", "-score", "pk"]
        indexes = [
            models.Index(fields=["status", "-run", "-score", "id"], name="draft_in_queue"),
            models.Index(fields=["run", "kind", "score"], name="draft_by_score"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(score__gte=0) & Q(score__lte=1), name="draft_score_is_a_probability"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="draft_text_not_empty"),
            models.CheckConstraint(
                condition=~Q(status="proposed") | Q(decided_at__isnull=True),
                name="draft_proposed_is_undecided",
            ),
        ]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 40 else f"{self.text[:39]}…"
