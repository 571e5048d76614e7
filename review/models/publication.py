"""The outbox: one approved text on its way to, or on, one channel.

`next_attempt_at` is when the clock may pick a row up: for a queued row five minutes after it
was queued (the broker was down), for a row being sent when the lease of its worker ends, for a
failed one when its pause is over, for a withdrawn one when the channel should be asked again to
take the text down. A failed row without it was given up and waits for a person.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.utils.translation import gettext_lazy as _

from catalog.choices import Language

QUEUE_PATIENCE = timedelta(minutes=5)
SENDING_LEASE = timedelta(minutes=2)
FIRST_PAUSE = timedelta(minutes=1)
MAX_ATTEMPTS = 5


class PublicationQuerySet(models.QuerySet["Publication"]):
    """Reads are adjectives; transitions are verbs.

    A transition is one conditional UPDATE and returns how many rows moved, so a publication
    that two workers hold is sent and counted once. `attempts` is the fence: what a worker says
    about its attempt counts only while no later one has begun.
    """

    def for_list(self) -> Self:
        """Publications with all a row of a list shows, in one query.

        `is_covered` says of a published one whether a text that was asked for later stands on
        the same place.
        """
        newer = Publication.objects.live().filter(
            *(Q(**{name: OuterRef(name)}) for name in ("channel", "product", "kind", "language")),
            Q(queued_at__gt=OuterRef("queued_at"))
            | Q(queued_at=OuterRef("queued_at"), pk__gt=OuterRef("pk")),
        )
        return self.select_related(
            "channel", "product", "product__brand", "kind", "draft__run__campaign"
        ).annotate(is_covered=Q(status=Publication.Status.PUBLISHED) & Exists(newer))

    def for_delivery(self) -> Self:
        """Publications with all that a publisher needs, in one query."""
        return self.select_related("channel", "product", "kind", "draft")

    def for_news(self) -> Self:
        """Publications with who approved them, in one query."""
        return self.select_related("draft", "decision__editor", "decision__seconds__editor")

    def due(self, at: datetime) -> Self:
        """Publications that the clock should have delivered at this moment."""
        return self.filter(
            status__in=[
                Publication.Status.QUEUED,
                Publication.Status.SENDING,
                Publication.Status.FAILED,
            ],
            next_attempt_at__lte=at,
        )

    def due_for_removal(self, at: datetime) -> Self:
        """Withdrawn publications that the clock should have taken down at this moment."""
        return self.coming_down().filter(next_attempt_at__lte=at)

    def live(self) -> Self:
        """Publications that their channel has taken."""
        return self.filter(status=Publication.Status.PUBLISHED)

    def coming_down(self) -> Self:
        """Withdrawn publications whose channel has not yet said that they are gone."""
        return self.filter(status=Publication.Status.WITHDRAWN, withdrawn_at__isnull=True)

    def over(self, publication: "Publication") -> Self:
        """Live publications that cover this one: on the same place, and asked for later."""
        return self.live().filter(
            Q(queued_at__gt=publication.queued_at)
            | Q(queued_at=publication.queued_at, pk__gt=publication.pk),
            channel=publication.channel_id,
            product=publication.product_id,
            kind=publication.kind_id,
            language=publication.language,
        )

    def republishable(self) -> Self:
        """Publications a person may send again: taken down for good, or failed."""
        return self.filter(
            Q(status=Publication.Status.WITHDRAWN, withdrawn_at__isnull=False)
            | Q(status=Publication.Status.FAILED)
        )

    def withdrawable(self) -> Self:
        """Publications that wait, are live or failed.

        One that is being sent is not: whether the channel took it is known when it answers.
        """
        return self.filter(
            status__in=[
                Publication.Status.SCHEDULED,
                Publication.Status.QUEUED,
                Publication.Status.PUBLISHED,
                Publication.Status.FAILED,
            ]
        )

    def claim(self, at: datetime) -> int:
        """Take the queued and the due publications in this queryset for sending."""
        open_for_sending = Q(status=Publication.Status.QUEUED) | Q(
            status__in=[Publication.Status.SENDING, Publication.Status.FAILED],
            next_attempt_at__lte=at,
        )
        return self.filter(open_for_sending, attempts__lt=MAX_ATTEMPTS).update(
            status=Publication.Status.SENDING,
            attempts=F("attempts") + 1,
            next_attempt_at=at + SENDING_LEASE,
        )

    def mark_published(self, at: datetime, *, attempt: int, external_id: str) -> int:
        """Record what the channel called the text, if this attempt is still the latest."""
        return self.filter(status=Publication.Status.SENDING, attempts=attempt).update(
            status=Publication.Status.PUBLISHED,
            published_at=at,
            withdrawn_at=None,
            external_id=external_id,
            next_attempt_at=None,
            last_error="",
        )

    def mark_failed(self, at: datetime, *, attempt: int, error: str) -> int:
        """Keep the channel's words; each pause is twice the last, and the fifth attempt the end."""
        pause = FIRST_PAUSE * 2 ** (attempt - 1)
        return self.filter(status=Publication.Status.SENDING, attempts=attempt).update(
            status=Publication.Status.FAILED,
            next_attempt_at=at + pause if attempt < MAX_ATTEMPTS else None,
            last_error=error,
        )

    def abandoned(self, at: datetime) -> Self:
        """Publications whose last worker has vanished."""
        return self.filter(
            status=Publication.Status.SENDING,
            next_attempt_at__lte=at,
            attempts__gte=MAX_ATTEMPTS,
        )

    def give_up(self, at: datetime, *, error: str) -> int:
        """Move publications whose last worker vanished to failed, for a person to see."""
        return self.abandoned(at).update(
            status=Publication.Status.FAILED, next_attempt_at=None, last_error=error
        )

    def requeue_due(self, at: datetime) -> int:
        """Put due publications back in the queue; the clock asks again after its patience."""
        return (
            self.due(at)
            .filter(attempts__lt=MAX_ATTEMPTS)
            .update(status=Publication.Status.QUEUED, next_attempt_at=at + QUEUE_PATIENCE)
        )

    def withdraw(self, at: datetime, *, user: Any) -> int:
        """Move the publications in this queryset that can be withdrawn to withdrawn."""
        return self.withdrawable().update(
            status=Publication.Status.WITHDRAWN,
            withdrawn_by=user,
            withdrawn_at=None,
            next_attempt_at=at + QUEUE_PATIENCE,
            last_error="",
        )

    def mark_removed(self, at: datetime, *, key: uuid.UUID) -> int:
        """Record that the channel has taken down what it held under this key."""
        return (
            self.coming_down()
            .filter(key=key)
            .update(withdrawn_at=at, next_attempt_at=None, last_error="")
        )

    def mark_removal_failed(self, at: datetime, *, key: uuid.UUID, error: str) -> int:
        """Record why the channel has not taken the text down yet; the clock asks again."""
        return (
            self.coming_down()
            .filter(key=key)
            .update(next_attempt_at=at + QUEUE_PATIENCE, last_error=error)
        )

    def postpone_removal(self, at: datetime) -> int:
        """Have the clock ask for these removals again only after its usual patience."""
        return self.due_for_removal(at).update(next_attempt_at=at + QUEUE_PATIENCE)

    def schedule(self, publish_at: datetime, *, key: uuid.UUID) -> int:
        """Have the publications in this queryset that are on no channel wait for a moment."""
        waiting = Q(status__in=[Publication.Status.QUEUED, Publication.Status.SCHEDULED])
        gone = Q(status=Publication.Status.WITHDRAWN, withdrawn_at__isnull=False)
        failed = Q(status=Publication.Status.FAILED)
        return self.filter(waiting | gone | failed).update(
            key=Case(When(status=Publication.Status.WITHDRAWN, then=Value(key)), default=F("key")),
            status=Publication.Status.SCHEDULED,
            publish_at=publish_at,
            attempts=0,
            next_attempt_at=None,
            withdrawn_at=None,
            withdrawn_by=None,
            last_error="",
        )

    def scheduled_until(self, at: datetime) -> Self:
        """Publications whose moment has come."""
        return self.filter(status=Publication.Status.SCHEDULED, publish_at__lte=at)

    def release(self, at: datetime) -> int:
        """Queue the scheduled publications in this queryset."""
        return self.filter(status=Publication.Status.SCHEDULED).update(
            status=Publication.Status.QUEUED,
            queued_at=at,
            next_attempt_at=at + QUEUE_PATIENCE,
        )

    def requeue(self, at: datetime, *, key: uuid.UUID) -> int:
        """Send withdrawn or failed publications again.

        What was taken down comes as a new placement, under the new key. What failed keeps its
        key, because the channel may have taken the text and only its answer was lost.
        """
        return self.republishable().update(
            key=Case(When(status=Publication.Status.WITHDRAWN, then=Value(key)), default=F("key")),
            status=Publication.Status.QUEUED,
            attempts=0,
            queued_at=at,
            next_attempt_at=at + QUEUE_PATIENCE,
            withdrawn_at=None,
            withdrawn_by=None,
            last_error="",
        )


class Publication(models.Model):
    """One approved text on one channel, with what the channel called it.

    The key goes to the channel with the text: a second delivery under the same key is the same
    publication, so a task may run twice.
    """

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", _("Scheduled")
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Sending")
        PUBLISHED = "published", _("Published")
        FAILED = "failed", _("Failed")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    draft = models.ForeignKey(
        "generation.Draft",
        on_delete=models.PROTECT,
        related_name="publications",
        verbose_name=_("draft"),
    )
    decision = models.ForeignKey(
        "review.Decision",
        on_delete=models.PROTECT,
        related_name="publications",
        verbose_name=_("decision"),
    )
    channel = models.ForeignKey(
        "catalog.Channel",
        on_delete=models.PROTECT,
        related_name="publications",
        verbose_name=_("channel"),
    )
    product = models.ForeignKey(
        "catalog.Product",
        on_delete=models.PROTECT,
        related_name="publications",
        verbose_name=_("product"),
    )
    kind = models.ForeignKey(
        "catalog.ContentKind",
        on_delete=models.PROTECT,
        related_name="publications",
        verbose_name=_("kind"),
    )
    language = models.CharField(_("language"), max_length=16, choices=Language)
    text = models.TextField(_("text"))
    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)
    external_id = models.CharField(_("id on the channel"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    publish_at = models.DateTimeField(_("not published before"), null=True, blank=True)
    queued_at = models.DateTimeField(_("queued at"))
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("withdrawn by"),
    )

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        ordering = ["-queued_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "channel"], name="publication_one_per_decision_and_channel"
            ),
            models.CheckConstraint(
                condition=~models.Q(status="published") | models.Q(published_at__isnull=False),
                name="publication_published_has_a_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="scheduled") | models.Q(publish_at__isnull=False),
                name="publication_scheduled_has_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "next_attempt_at"], name="publication_due"),
            models.Index(fields=["-queued_at"], name="publication_newest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} → {self.channel_id} ({self.get_status_display()})"
