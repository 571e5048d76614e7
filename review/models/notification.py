"""What a person is told of: one unread line for each kind of news of a draft."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import F, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


def readers() -> QuerySet[User]:
    """The active users who may see drafts, and so may be told of them."""
    return User.objects.with_perm("generation.view_draft")


def deciders() -> QuerySet[User]:
    """The active users who may decide drafts."""
    return User.objects.with_perm("review.add_decision")


def leads() -> QuerySet[User]:
    """The active users who may decide drafts and take back what anybody decided."""
    may_undo = User.objects.with_perm("review.undo_any_decision")
    return deciders().filter(pk__in=may_undo.values("pk"))


def publishers() -> QuerySet[User]:
    """The active users who may see to publications."""
    return User.objects.with_perm("review.change_publication")


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Reads are adjectives; transitions are verbs, and return how many rows moved."""

    def for_list(self) -> Self:
        """Notifications with all that is said of them, and their draft's `title`, in one query."""
        called = Coalesce(
            KeyTextTransform("title", "draft__brief"),
            F("draft__product__sku"),
            output_field=models.TextField(),
        )
        named = ["actor__username", "draft__language", "draft__kind__name_zh"]
        shown = self.select_related("actor", "draft__kind").annotate(title=called)
        return shown.only(*_OWN, *named, "draft__kind__name_en")

    def to(self, user: Any) -> Self:
        """What one person was told, the newest first."""
        return self.filter(recipient=user).order_by("-created_at", "-pk")

    def unread(self) -> Self:
        """What its recipient has not read."""
        return self.filter(read_at=None)

    def unmailed(self) -> Self:
        """What its recipient has neither read nor been sent."""
        return self.unread().filter(mailed_at=None)

    def repeat(self, actor: Any, at: datetime) -> int:
        """Move the unread rows in this queryset to a moment at which it happened again."""
        return self.unread().update(actor=actor, created_at=at, mailed_at=None)

    def read(self, at: datetime) -> int:
        """Move the unread rows in this queryset to read."""
        return self.unread().update(read_at=at)

    def mail(self, at: datetime) -> int:
        """Move the rows in this queryset that no mail told to mailed."""
        return self.unmailed().update(mailed_at=at)

    def unmail(self, at: datetime) -> int:
        """Move the rows in this queryset back whose mail of that moment did not leave."""
        return self.filter(mailed_at=at).update(mailed_at=None)

    def tell(self, rows: Iterable["Notification"]) -> None:
        """Write rows; where an unread one says the same, that one stays alone."""
        self.bulk_create(rows, ignore_conflicts=True)


_OWN = ["kind", "created_at", "read_at", "recipient"]


class Notification(models.Model):
    """Somebody was told that something happened, of a draft or of none.

    As long as it is unread, the same kind of news of the same draft moves its time and makes no
    second row. The actor is whoever did it; None is the clock.
    """

    class Kind(models.TextChoices):
        """What happened."""

        MENTIONED = "mentioned", gettext_lazy("You were mentioned")
        REPLIED = "replied", gettext_lazy("A reply to you")
        TAKEN_OVER = "taken_over", gettext_lazy("Your draft was taken over")
        OVERRULED = "overruled", gettext_lazy("Your decision was taken back")
        ASSIGNED = "assigned", gettext_lazy("A draft was assigned to you")
        UNASSIGNED = "unassigned", gettext_lazy("A draft is no longer assigned to you")
        DUE = "due", gettext_lazy("A draft assigned to you is due")
        SECOND_OPINION = "second_opinion", gettext_lazy("A second opinion is wanted")
        CONFIRMED = "confirmed", gettext_lazy("Your approval was confirmed")
        REFUSED = "refused", gettext_lazy("What you approved was refused")
        UNDELIVERED = "undelivered", gettext_lazy("A text could not be delivered")

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="notifications",
        verbose_name=gettext_lazy("recipient"),
    )
    kind = models.CharField(gettext_lazy("kind"), max_length=16, choices=Kind)
    draft = models.ForeignKey(
        "generation.Draft",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="notifications",
        verbose_name=gettext_lazy("draft"),
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("done by"),
    )
    created_at = models.DateTimeField(gettext_lazy("at"))
    read_at = models.DateTimeField(gettext_lazy("read at"), null=True, blank=True)
    mailed_at = models.DateTimeField(gettext_lazy("mailed at"), null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("notification")
        verbose_name_plural = gettext_lazy("notifications")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["recipient", "-created_at", "-id"], name="notification_newest_first"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(actor__isnull=True) | ~models.Q(actor=F("recipient")),
                name="notification_of_what_others_did",
            ),
            # Of these two the first also counts a person's unread rows.
            models.UniqueConstraint(
                fields=["recipient", "kind", "draft"],
                condition=models.Q(read_at__isnull=True),
                name="notification_one_unread",
            ),
            models.UniqueConstraint(
                fields=["recipient", "kind"],
                condition=models.Q(read_at__isnull=True, draft__isnull=True),
                name="notification_one_unread_of_no_draft",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient} · {self.get_kind_display()}"

    @property
    def sentence(self) -> str:
        """What happened, in one sentence of the reader's language, without the draft."""
        words = self._of_one() if self.draft_id else self._of_one() | self._of_several()
        return words[self.kind] % {"actor": self.actor.get_username() if self.actor else "Galley"}

    def _of_one(self) -> dict[str, str]:
        """The sentence of each kind, of one draft."""
        return {
            self.Kind.MENTIONED: _("%(actor)s mentioned you in a comment."),
            self.Kind.REPLIED: _("%(actor)s replied to a comment of yours."),
            self.Kind.TAKEN_OVER: _("%(actor)s took over a draft that you had open."),
            self.Kind.OVERRULED: _("%(actor)s took a decision of yours back."),
            self.Kind.ASSIGNED: _("%(actor)s assigned a draft to you."),
            self.Kind.UNASSIGNED: _("%(actor)s took back a draft that was assigned to you."),
            self.Kind.DUE: _("%(actor)s reminds you: this is assigned to you, and due or late."),
            self.Kind.SECOND_OPINION: _("%(actor)s asks for your second opinion."),
            self.Kind.CONFIRMED: _("%(actor)s confirmed what you had approved."),
            self.Kind.REFUSED: _("%(actor)s refused what you had approved."),
            self.Kind.UNDELIVERED: _("%(actor)s could not deliver a text that you had approved."),
        }

    def _of_several(self) -> dict[str, str]:
        """The sentences that are others where something happened to many drafts at once."""
        return {
            self.Kind.ASSIGNED: _("%(actor)s assigned drafts to you."),
            self.Kind.UNASSIGNED: _("%(actor)s took back drafts that were assigned to you."),
            self.Kind.DUE: _("%(actor)s reminds you: drafts assigned to you are due or late."),
            self.Kind.SECOND_OPINION: _("%(actor)s asks for your second opinion on drafts."),
            self.Kind.CONFIRMED: _("%(actor)s confirmed texts that you had approved."),
            self.Kind.REFUSED: _("%(actor)s refused texts that you had approved."),
            self.Kind.UNDELIVERED: _("%(actor)s could not deliver texts to a channel."),
        }

    @property
    def is_talk(self) -> bool:
        """Whether the comments of its draft say more."""
        return self.kind in {self.Kind.MENTIONED, self.Kind.REPLIED}
