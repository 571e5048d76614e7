"""A text that passed the checks and awaits an editor."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Self

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Now, TruncWeek
from django.utils.translation import gettext_lazy as _

from catalog.choices import Language
from catalog.models import ContentKind, Product
from generation.models.checkpoint import Checkpoint
from generation.models.run import Run, Slot
from generation.terms import phrases

# For a query in a query over drafts: what is written for the same place of a shop.
_PLACE = {name: OuterRef(name) for name in ("product", "kind", "language")}


class DraftQuerySet(models.QuerySet["Draft"]):
    """Reads are adjectives; transitions are verbs.

    A transition is one conditional UPDATE and returns how many drafts moved. Two
    editors who decide the same draft at once can therefore never both win.
    """

    def awaiting_review(self) -> Self:
        """Drafts no editor has decided yet."""
        return self.filter(status=Draft.Status.PROPOSED)

    def awaiting_second(self) -> Self:
        """Drafts that one editor accepted and that somebody else has to see too."""
        return self.filter(status=Draft.Status.SECOND)

    def open(self) -> Self:
        """Drafts that wait for a decision, the first one or the second."""
        return self.filter(status__in=Draft.OPEN)

    def due_back(self, at: datetime) -> Self:
        """Drafts that were put off until this moment, or until one before it."""
        return self.filter(status=Draft.Status.DEFERRED, waits_until__lte=at)

    def late(self, at: datetime, *, old: timedelta) -> Self:
        """Drafts that a campaign wanted by now, or that were written longer ago than `old`."""
        due = Run.objects.filter(campaign__due_at__lt=at)
        # An old draft is of an old run: by runs an index finds them, and in the order of the queue.
        runs = due | Run.objects.filter(created_at__lt=at - old)
        found = self.of_runs(runs)
        return found.filter(Q(created_at__lt=at - old) | Q(turn__in=due.values("turn")))

    def of_runs(self, runs: models.QuerySet[Run]) -> Self:
        """The drafts of some runs, which an index finds by their turns, in the queue's order."""
        return self.filter(turn__in=runs.order_by().values("turn"))

    def refused_before(self, times: int = 2) -> Self:
        """Drafts for a place for which editors have refused so many already."""
        refused = Draft.objects.filter(status=Draft.Status.REJECTED).order_by()
        often = refused.values("product").annotate(number=Count("pk")).filter(number__gte=times)
        there = Exists(refused.filter(**_PLACE)[times - 1 : times])
        # Found by the few products first, and put in order then.
        found = self.order_by().filter(there, product__in=often.values("product"))
        return self.filter(pk__in=found.values("pk"))

    def folded(self, *, unless: Q) -> Self:
        """Without those that are read with another of their run that waits and is nearly the same.

        What chance placed is never among them: its text has no say in whether it is read.

        Args:
            unless: what else makes a draft one that is read by itself.
        """
        alone = Q(duplicate_of=None) | Q(is_random=True) | unless
        decided = ~Q(duplicate_of__status=Draft.Status.PROPOSED) | ~Q(duplicate_of__run=F("run"))
        return self.filter(alone | decided)

    def alike(self, draft: "Draft") -> Self:
        """The drafts that are nearly the same as one: `title`, text and status, the first first."""
        first = draft.duplicate_of_id or draft.pk
        others = self._titled().filter(Q(pk=first) | Q(duplicate_of__in=[first, draft.pk]))
        return others.exclude(pk=draft.pk).only("status", "text").order_by("pk")

    def duplicates_there(self) -> Exists:
        """For a query over drafts: whether later ones are nearly the same as the draft."""
        return Exists(self.filter(duplicate_of=OuterRef("pk")))

    def number_folded(self) -> Coalesce:
        """For a query over drafts: how many that wait are read with the draft."""
        folded = Q(run=OuterRef("run"), is_random=False, status=Draft.Status.PROPOSED)
        # Beside what they are like, which an index finds them by, and not by all of their run.
        alike = self.filter(duplicate_of=OuterRef("pk")).order_by().values("duplicate_of")
        counted = alike.annotate(number=Count("pk", filter=folded))
        return Coalesce(Subquery(counted.values("number")), 0)

    def newer_in_place(self) -> Subquery:
        """For a query over drafts: the newest accepted one that a later run wrote for its place."""
        accepted = self.filter(status__in=[Draft.Status.APPROVED, Draft.Status.PUBLISHED])
        later = accepted.filter(**_PLACE, run__gt=OuterRef("run"))
        return Subquery(later.order_by("-run", "-pk").values("pk")[:1])

    def older_there(self) -> Exists:
        """For a query over drafts: whether earlier runs of its campaign left any for its place.

        Such as nobody has decided or put off.
        """
        earlier = self.filter(run__lt=OuterRef("run"), run__campaign=OuterRef("run__campaign"))
        return Exists(earlier.awaiting_review().filter(**_PLACE))

    def for_queue(self) -> Self:
        """Drafts with all that a row of the queue shows in one query: with `title` and `due_at`."""
        shown = ["turn", "language", "text", "score", "rank", "findings", "status", "version"]
        shown += ["created_at", "waits_until"]
        names = ["kind__name_zh", "kind__name_en"]
        drafts = self._titled().annotate(due_at=F("run__campaign__due_at"))
        return drafts.select_related("kind").only("product", *shown, *names)

    def for_card(self) -> Self:
        """Drafts with all that their card shows, in one query."""
        whole = self.select_related("product__brand", "kind", "checkpoint")
        return whole.defer("checkpoint__metrics")

    def for_api(self) -> Self:
        """Drafts with what their product, kind and checkpoint are called by, in one query."""
        whole = self.select_related("product", "kind", "checkpoint")
        return whole.defer("checkpoint__metrics", "alternatives", "spans")

    def for_decision(self) -> Self:
        """Drafts with all that a decision looks at, in one query.

        That is also whether older ones would give way to them (`has_older`), and their `campaign`.
        """
        told = {"has_older": Draft.objects.older_there(), "campaign": F("run__campaign")}
        return self.defer("spans", "explanation", "alternatives").annotate(**told)

    def holding(self, words: str) -> Self:
        """Drafts that hold all that somebody searches for, the newest first.

        In that order an index of words gives them out one by one, however many there are.
        """
        wanted = phrases(words)
        if not wanted:
            return self.none()
        return self.filter(words__words__match=wanted).order_by("-words")

    def in_order(self) -> Self:
        """The order of the queue: what is wanted soonest, and in each run what is best read first.

        What is wanted by no date comes after that, the newest run first.
        """
        return self.order_by("-turn", "-rank", "pk")

    def _titled(self) -> Self:
        """With their `title`, for drafts that are read without their brief or their product."""
        called = Coalesce(KT("brief__title"), F("product__sku"), output_field=models.TextField())
        return self.annotate(title=called)

    def like(self, place: "Slot | Draft", bands: Iterable[int]) -> Self:
        """Texts that the shop has for other products and that share a band, most shared first."""
        return (
            self.filter(bands__value__in=bands, kind_id=place.kind_id, language=place.language)
            .filter(status__in=Draft.HELD)
            .exclude(product_id=place.product_id)
            .annotate(shared=Count("bands"))
            .order_by("-shared", "-pk")
        )

    def scores(self, run_id: int, kind_id: int) -> models.QuerySet["Draft", float]:
        """The scores of a run's drafts of one kind, the lowest first."""
        drafts = self.filter(run=run_id, kind=kind_id).order_by("score")
        return drafts.values_list("score", flat=True)

    def by_week(self) -> Self:
        """What editors made of drafts in each week in which they decided any, oldest first.

        A week begins with Monday in the reader's zone.
        """
        decided = self.filter(decided_at__isnull=False).order_by()
        weeks = decided.values(week=TruncWeek("decided_at"))
        return weeks.with_verdicts().order_by("week")

    def by_checkpoint(self) -> Self:
        """What editors made of each checkpoint's drafts, the oldest checkpoint first."""
        named = self.order_by().values("checkpoint_id", name=F("checkpoint__name"))
        return named.with_verdicts().order_by("checkpoint_id")

    def by_age(self, before: Mapping[str, datetime]) -> dict[str, int]:
        """Count drafts that were written before each of some moments.

        Args:
            before: the moments, by the names that the counts shall have.

        Returns:
            The counts, and `all`, whatever their age.
        """
        older = {
            name: Count("pk", filter=Q(created_at__lt=moment)) for name, moment in before.items()
        }
        return self.order_by().aggregate(all=Count("pk"), **older)

    def oldest(self) -> Self:
        """The one that was written first, which an index of ages finds."""
        first = self.order_by("created_at", "pk").values("pk")[:1]
        return self.model.objects.filter(pk__in=first)

    def by_campaign(self) -> Self:
        """What editors made of each campaign's drafts; rows have `campaign` and the counts."""
        known = [*Draft.UNDECIDED, *Draft.APPROVED, Draft.Status.REJECTED]  # an index begins so
        of_campaign = self.order_by().filter(status__in=known).values(campaign=F("run__campaign"))
        return of_campaign.with_verdicts()

    def with_verdicts(self) -> Self:
        """Group what the queryset counts over: approved (as it was or edited), rejected, waiting.

        To be called on `values(...)`.
        """
        return self.annotate(
            approved=Count("pk", filter=Q(status__in=Draft.APPROVED)),
            rejected=Count("pk", filter=Q(status=Draft.Status.REJECTED)),
            waiting=Count("pk", filter=Q(status__in=Draft.UNDECIDED)),
        )

    def approve(self) -> int:
        """Move the open drafts in this queryset to approved."""
        return self.open()._move(Draft.Status.APPROVED, decided_at=Now())  # noqa: SLF001

    def ask_second(self) -> int:
        """Move the open drafts in this queryset to where somebody else has to see them."""
        return self.open()._move(Draft.Status.SECOND)  # noqa: SLF001

    def reject(self) -> int:
        """Move the open drafts in this queryset to rejected."""
        return self.open()._move(Draft.Status.REJECTED, decided_at=Now())  # noqa: SLF001

    def put_off(self, until: datetime) -> int:
        """Put the proposed drafts in this queryset off until a moment."""
        return self.awaiting_review()._move(  # noqa: SLF001
            Draft.Status.DEFERRED, waits_until=until
        )

    def resume(self) -> int:
        """Move the deferred drafts in this queryset back to proposed."""
        return self.filter(status=Draft.Status.DEFERRED)._move(  # noqa: SLF001
            Draft.Status.PROPOSED, waits_until=None
        )

    def expire(self) -> int:
        """Move the undecided drafts in this queryset to expired."""
        return self.filter(status__in=Draft.UNDECIDED)._move(  # noqa: SLF001
            Draft.Status.EXPIRED, waits_until=None
        )

    def follow_runs(self) -> int:
        """Give the drafts in this queryset the turns that their runs have now."""
        turn = Run.objects.filter(pk=OuterRef("run")).order_by().values("turn")
        return self.order_by().update(turn=Subquery(turn))

    def give_way(self) -> int:
        """Move the proposed drafts in this queryset to expired."""
        return self.awaiting_review()._move(Draft.Status.EXPIRED)  # noqa: SLF001

    def revive(self) -> int:
        """Move the expired drafts in this queryset back to proposed."""
        return self.filter(status=Draft.Status.EXPIRED)._move(  # noqa: SLF001
            Draft.Status.PROPOSED
        )

    def publish(self) -> int:
        """Move the approved and the withdrawn drafts in this queryset to published."""
        ready = [Draft.Status.APPROVED, Draft.Status.WITHDRAWN]
        return self.filter(status__in=ready)._move(Draft.Status.PUBLISHED)  # noqa: SLF001

    def withdraw(self) -> int:
        """Move the published drafts in this queryset to withdrawn."""
        return self.filter(status=Draft.Status.PUBLISHED)._move(  # noqa: SLF001
            Draft.Status.WITHDRAWN
        )

    def reopen(self, *, second: bool = False) -> int:
        """Move the drafts in this queryset that were decided or put off back to proposed.

        With `second` they go back to where a second opinion is awaited. What is on a shelf stays.
        """
        status = Draft.Status.SECOND if second else Draft.Status.PROPOSED
        movable = [*Draft.SETTLED, Draft.Status.SECOND, Draft.Status.DEFERRED]
        return self.filter(status__in=movable)._move(  # noqa: SLF001
            status, decided_at=None, waits_until=None
        )

    def _move(self, status: "Draft.Status", **changes: Any) -> int:
        return self.order_by().update(status=status, version=F("version") + 1, **changes)


class Draft(models.Model):
    """What the writer wrote for one slot. `text` is never changed.

    `turn`, which is its run's, and in it `rank` place it in the queue (see `generation.ranking`).
    `is_random` says that chance did, so that what editors make of it says how good the ranking is.
    `duplicate_of` is the earlier draft, for another product, that its text is nearly the same as.
    """

    class Status(models.TextChoices):
        """Where a draft stands on its way to the shelf."""

        PROPOSED = "proposed", _("Proposed")
        DEFERRED = "deferred", _("Put off")
        SECOND = "second", _("Awaits a second opinion")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        EXPIRED = "expired", _("Expired")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    # An editor said yes to it, as it was or in other words.
    APPROVED = (Status.APPROVED, Status.PUBLISHED, Status.WITHDRAWN)

    # It waits for a decision: the first one, or the second.
    OPEN = (Status.PROPOSED, Status.SECOND)

    # Nobody has settled yet what becomes of it.
    UNDECIDED = (*OPEN, Status.DEFERRED)

    # It was settled, and it is on no shelf.
    SETTLED = (Status.APPROVED, Status.REJECTED, Status.WITHDRAWN)

    # The shop has it, or may come to have it.
    HELD = (*UNDECIDED, Status.APPROVED, Status.PUBLISHED)

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
    turn = models.BigIntegerField(_("turn"), default=0, editable=False)
    rank = models.FloatField(_("rank"), default=0.0)
    is_random = models.BooleanField(_("placed at random"), default=False)
    spans = models.JSONField(_("spans"), default=list, blank=True)
    explanation = models.JSONField(_("explanation"), default=dict, blank=True)
    findings = models.JSONField(_("findings"), default=list, blank=True)
    alternatives = models.JSONField(_("alternatives"), default=list, blank=True)
    brief = models.JSONField(_("brief"), default=dict)
    seed = models.BigIntegerField(_("seed"))
    duplicate_of = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="duplicates",
        verbose_name=_("nearly the same as"),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PROPOSED)
    version = models.PositiveIntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    waits_until = models.DateTimeField(_("put off until"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        ordering = ["-turn", "-rank", "pk"]
        indexes = [
            # In the order of the queue; what filters ask after it is read from the index alone, so
            # that those which hardly any draft passes need not fetch all that wait.
            models.Index(
                fields=[
                    *("status", "-turn", "-rank", "id"),
                    *("kind", "language", "checkpoint", "product", "score"),
                ],
                name="draft_in_queue",
            ),
            models.Index(
                fields=["waits_until"], condition=Q(status="deferred"), name="draft_put_off"
            ),
            models.Index(fields=["run", "kind", "score"], name="draft_by_score"),
            models.Index(fields=["status", "created_at", "run"], name="draft_by_age"),
            models.Index(fields=["status", "product", "kind", "language"], name="draft_of_place"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(score__gte=0) & Q(score__lte=1), name="draft_score_is_a_probability"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="draft_text_not_empty"),
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        *("proposed", "deferred", "second", "approved", "rejected"),
                        *("expired", "published", "withdrawn"),
                    ]
                ),
                name="draft_status_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "rejected", "published", "withdrawn"])
                | Q(decided_at__isnull=False),
                name="draft_settled_is_decided",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["proposed", "second", "deferred"])
                | Q(decided_at__isnull=True),
                name="draft_open_is_undecided",
            ),
            models.CheckConstraint(
                condition=Q(status="deferred", waits_until__isnull=False)
                | ~Q(status="deferred") & Q(waits_until__isnull=True),
                name="draft_deferred_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 40 else f"{self.text[:39]}…"

    @cached_property
    def title(self) -> str:
        """What the product was called when its copy was written, or else its SKU.

        Lists annotate it instead, so that they need not read the briefs.
        """
        title = self.brief.get("title")
        return self.product.sku if title is None else title

    @property
    def is_undecided(self) -> bool:
        """Whether it waits for a decision, or will again."""
        return self.status in self.UNDECIDED

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision, the first one or the second."""
        return self.status in self.OPEN
