"""One editor's verdict on one draft: written once, never changed.

A verdict that is taken back stays, and a second row says by whom and when: see `undoes`.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NoReturn, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Sum, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext_lazy as _

from generation.models import Draft
from review.errors import DecisionIsFinal


def _is_last() -> Exists:
    return ~Exists(Decision.objects.filter(seconds=OuterRef("pk"), undone_by=None))


def _stands() -> Q:
    return Q(verdict__in=Decision.VERDICTS, undone_by=None) & Q(_is_last())


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Reads only: a decision has no transitions.

    The database holds the same line with triggers, so that a stray statement is refused too.
    """

    def for_list(self) -> Self:
        """Decisions with all a row of a list shows, in one query."""
        return self.select_related(
            "editor", "draft__product", "draft__kind", "draft__run__campaign"
        )

    def of(self, draft: Any) -> Self:
        """All that was decided of a draft, the first first."""
        return self.select_related("editor").filter(draft=draft).order_by("pk")

    def by(self, editor: Any) -> Self:
        """The decisions of one editor."""
        return self.filter(editor=editor)

    def standing(self) -> Self:
        """Verdicts that nobody has taken back or given a second one on; at most one of a draft."""
        return self.filter(_stands())

    def revocable(self) -> Self:
        """What can be taken back: verdicts that stand, and drafts that are still put off."""
        put_off = Q(
            verdict=Decision.Verdict.DEFERRED, undone_by=None, draft__status=Draft.Status.DEFERRED
        )
        return self.filter(_stands() | put_off)

    def first_of(self, editor: Any) -> Exists:
        """For a query over drafts: whether the verdict that stands is the editor's own."""
        return Exists(self.standing().filter(editor=editor, draft=OuterRef("pk")))

    def since(self, at: datetime) -> Self:
        """Decisions made at a moment or after it."""
        return self.filter(created_at__gte=at)

    def given(self) -> Self:
        """Verdicts that nobody has taken back, those too that somebody gave a second one on."""
        return self.filter(verdict__in=Decision.VERDICTS, undone_by=None)

    def taken_back(self) -> Self:
        """Verdicts that somebody has taken back since."""
        undone = Decision.objects.filter(undoes__isnull=False).values("undoes")
        return self.filter(verdict__in=Decision.VERDICTS, pk__in=undone)

    def pairs(self) -> dict[tuple[str, str], int]:
        """How many drafts had each first verdict with each second one of somebody else.

        A second approval is of the text as the first person left it: on an edit it says "edited".
        """
        seconds = self.given().filter(seconds__isnull=False).order_by()
        told = When(verdict=Decision.Verdict.APPROVED, then=F("seconds__verdict"))
        pairs = seconds.values_list("seconds__verdict", Case(told, default=F("verdict")))
        return {(first, second): count for first, second, count in pairs.annotate(Count("pk"))}

    def by_day(self, days: Sequence[datetime]) -> Self:
        """Add up what each editor decided on each day, and in how much time.

        Args:
            days: when each of them begins, in order; what is older counts to the first.

        Returns:
            Rows with `day` (its place in `days`), `whose` (an editor's), `verdict`, `is_last` (no
            second one is on it), `count`, and of those whose time is known `timed`, how many, and
            `taken`, the seconds of all together.
        """
        return (
            self.order_by()
            .values(
                "verdict",
                day=_place(days),
                whose=F("editor"),  # by another name, or SQLite reads editor by editor
                is_last=_is_last(),
            )
            .annotate(count=Count("pk"), timed=Count("active_seconds"), taken=Sum("active_seconds"))
        )

    def by_kind(self) -> Self:
        """Add up what was decided of each checkpoint's drafts of each kind, and for what reason.

        Rows have `checkpoint`, `kind`, `by_chance` (what placed the draft), `verdict`, `reason` and
        `count`.
        """
        of_draft = {"checkpoint": F("draft__checkpoint"), "kind": F("draft__kind")}
        of_draft |= {"by_chance": F("draft__is_random")}
        return self.order_by().values("verdict", "reason", **of_draft).annotate(count=Count("pk"))

    def scores_by_chance(self) -> tuple[list[float], list[float]]:
        """The discriminator's scores of what was accepted and of what was rejected.

        Only of drafts that chance placed: that they were read says nothing about their scores.
        """
        rows = self.order_by().filter(draft__is_random=True)
        scores: tuple[list[float], list[float]] = ([], [])
        for verdict, score in rows.values_list("verdict", "draft__score"):
            scores[verdict == Decision.Verdict.REJECTED].append(score)
        return scores

    def by_editor(self) -> Self:
        """Count each editor's; rows have `whose` and `count`."""
        return self.order_by().values(whose=F("editor")).annotate(count=Count("pk"))

    def in_the_middle(self) -> Self:
        """Of each verdict the one or two whose active seconds have as many above as below.

        Rows have `verdict`, `active_seconds` and `timed`, how many have a known time.
        """
        ranked = self.order_by().filter(active_seconds__isnull=False)
        ranked = ranked.annotate(
            rank=Window(RowNumber(), partition_by="verdict", order_by="active_seconds"),
            timed=Window(Count("pk"), partition_by="verdict"),
        )
        middle = F("timed") / 2.0
        return ranked.filter(rank__gte=middle, rank__lte=middle + 1).values(
            "verdict", "active_seconds", "timed"
        )

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse: a decision is final."""
        raise DecisionIsFinal

    def delete(self) -> NoReturn:
        """Refuse: a decision is final."""
        raise DecisionIsFinal


def _place(days: Sequence[datetime]) -> Value | Case:
    """On which of some days a row was made, by halving: few comparisons for many days."""

    def among(low: int, high: int) -> Value | Case:
        if low == high:
            return Value(low)
        middle = (low + high + 1) // 2
        later = When(created_at__gte=days[middle], then=among(middle, high))
        return Case(later, default=among(low, middle - 1))

    return among(0, len(days) - 1)


class Decision(models.Model):
    """An editor's verdict on a draft, the final text, the reason and the seconds it took.

    The draft's own text is what the machine wrote; `final_text` is what the editor made of it,
    and empty for a rejection. The difference is the lesson.

    `key` is the wish that it came of: the same wish sent twice is one decision. `undoes` names the
    verdict that this row takes back, and `draft_version` the draft as it was decided. `seconds`
    names the verdict of somebody else that this one is a second opinion on; the database refuses
    an opinion on one's own. `is_provisional` says that a rule wants one on this. `until` is when a
    draft that was put off comes back.

    What it was made on is kept too, so that a writer learns what an editor meant and not what a
    screen suggested: where it was made (`source`), with which others (`group`), the score that was
    shown and since when, how grave the fault was and where (`spans`, code points of the draft's
    text), and how much of the text an edit changed.
    """

    class Verdict(models.TextChoices):
        APPROVED = "approved", _("Approved")
        EDITED = "edited", _("Edited")
        REJECTED = "rejected", _("Rejected")
        DEFERRED = "deferred", _("Put off")
        UNDONE = "undone", _("Taken back")

    # What somebody thought of the text; the rest says what was done with the draft or the verdict.
    VERDICTS = (Verdict.APPROVED, Verdict.EDITED, Verdict.REJECTED)

    class Source(models.TextChoices):
        """Where a decision was made."""

        DESK = "desk", _("Desk")
        BULK = "bulk", _("Desk, many at once")
        ADMIN = "admin", _("Admin")
        API = "api", _("API")

    class Severity(models.IntegerChoices):
        """How grave the fault of a refused draft is."""

        SLIGHT = 1, _("Slight")
        PLAIN = 2, _("Plain")
        GRAVE = 3, _("Grave")

    class Reason(models.TextChoices):
        """Why a draft was refused; the order is the order of the digit keys."""

        WRONG_FACT = "wrong_fact", _("Wrong fact")
        DULL = "dull", _("Dull")
        OFF_BRAND = "off_brand", _("Off brand")
        GARBLED = "garbled", _("Garbled")
        REPETITIVE = "repetitive", _("Repetitive")
        BANNED_CLAIM = "banned_claim", _("Banned claim")
        NOT_NEEDED = "not_needed", _("Not needed")

    draft = models.ForeignKey(
        Draft,
        on_delete=models.PROTECT,
        related_name="decisions",
        verbose_name=_("draft"),
    )
    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="decisions",
        verbose_name=_("editor"),
    )
    verdict = models.CharField(_("verdict"), max_length=16, choices=Verdict)
    final_text = models.TextField(_("final text"), blank=True)
    reason = models.CharField(_("reason"), max_length=16, choices=Reason, blank=True)
    note = models.TextField(_("note"), blank=True)
    severity = models.PositiveSmallIntegerField(
        _("severity"), choices=Severity, null=True, blank=True
    )
    spans = models.JSONField(_("marked places"), default=list, blank=True)
    source = models.CharField(_("made in"), max_length=8, choices=Source, blank=True)
    group = models.UUIDField(_("made together"), null=True, blank=True, db_index=True)
    score = models.FloatField(_("score that was shown"), null=True, blank=True)
    shown_at = models.DateTimeField(_("shown since"), null=True, blank=True)
    edit_ratio = models.FloatField(_("share that was changed"), null=True, blank=True)
    active_seconds = models.FloatField(_("active seconds"), null=True, blank=True)
    draft_version = models.PositiveIntegerField(_("draft version"))
    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    undoes = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="undone_by",
        verbose_name=_("takes back"),
    )
    seconds = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="seconded_by",
        verbose_name=_("second opinion on"),
    )
    is_provisional = models.BooleanField(_("awaits a second opinion"), default=False)
    until = models.DateTimeField(_("put off until"), null=True, blank=True)
    created_at = models.DateTimeField(_("decided at"), auto_now_add=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        permissions = [
            ("undo_any_decision", _("Can take back anybody's decision")),
            ("see_dashboard", _("Can see how the desk and its editors do")),
        ]
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "draft_version"], name="decision_one_per_version"
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(verdict="rejected", final_text="") & ~models.Q(reason="")
                    | models.Q(verdict__in=["approved", "edited"], reason="")
                    & ~models.Q(final_text="")
                    | models.Q(verdict__in=["undone", "deferred"], final_text="", reason="")
                ),
                name="decision_text_or_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(verdict="deferred", until__isnull=False)
                | ~models.Q(verdict="deferred") & models.Q(until__isnull=True),
                name="decision_deferral_has_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(is_provisional=False)
                | models.Q(verdict__in=["approved", "edited"]),
                name="decision_provisional_accepts",
            ),
            models.CheckConstraint(
                condition=models.Q(seconds__isnull=True)
                | models.Q(verdict__in=["approved", "edited", "rejected"]),
                name="decision_second_is_a_verdict",
            ),
            models.CheckConstraint(
                condition=models.Q(verdict="undone", undoes__isnull=False)
                | ~models.Q(verdict="undone") & models.Q(undoes__isnull=True),
                name="decision_undone_names_which",
            ),
            models.CheckConstraint(
                condition=models.Q(verdict="rejected", severity__in=[1, 2, 3])
                | models.Q(severity__isnull=True),
                name="decision_severity_of_a_rejection",
            ),
            models.CheckConstraint(
                condition=models.Q(verdict="edited", edit_ratio__gte=0, edit_ratio__lte=1)
                | models.Q(edit_ratio__isnull=True),
                name="decision_edit_ratio_of_an_edit",
            ),
            models.CheckConstraint(
                condition=models.Q(active_seconds__isnull=True) | models.Q(active_seconds__gte=0),
                name="decision_seconds_not_negative",
            ),
        ]
        indexes = [models.Index(fields=["-created_at"], name="decision_newest_first")]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} · {self.draft_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new decision; refuse to write an existing one again.

        Raises:
            DecisionIsFinal: the decision is in the database already.
        """
        if not self._state.adding:
            raise DecisionIsFinal
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: a decision is final."""
        raise DecisionIsFinal
