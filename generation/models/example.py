"""Texts with a label that the discriminator learns from."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from generation.errors import NothingToLearn
from generation.models.checkpoint import Checkpoint
from generation.models.draft import Draft
from generation.texts import Brief, Lesson

_HELD_OUT_SHARE = 5  # one product in five


def is_held_out(product_ref: str) -> bool:
    """Say whether this product's examples are kept from learning, to measure with.

    The product decides, so that what is measured with is of products that nothing was learnt from.
    What chance placed in the queue is kept from learning besides: see `Example`.
    """
    return int.from_bytes(sha256(product_ref.encode()).digest()[:8]) % _HELD_OUT_SHARE == 0


class ExampleQuerySet(models.QuerySet["Example"]):
    """Reads are adjectives."""

    def for_learning(self) -> Self:
        """Examples that may be learnt from."""
        return self.filter(is_held_out=False, weight__gt=0)

    def require_some(self) -> None:
        """Refuse where there is none.

        Raises:
            NothingToLearn: nobody has decided anything yet.
        """
        if not self.exists():
            raise NothingToLearn(_("There is nothing to learn from yet: decide some drafts first."))

    def held_out(self) -> Self:
        """Examples that are only measured with."""
        return self.filter(is_held_out=True, weight__gt=0)

    def unused(self) -> Self:
        """Examples no checkpoint has learnt from yet."""
        return self.filter(used_in=None)

    def decided_by(self, at: datetime) -> Self:
        """Examples that there were at a moment."""
        return self.filter(created_at__lte=at)

    def rejections_of(self, kind_id: int, language: str) -> Self:
        """What editors refused of a kind and language, newest first."""
        return self.filter(
            label=Example.Label.REJECTED, draft__kind=kind_id, draft__language=language
        ).order_by("-pk")

    def take_back(self, drafts: Iterable[int]) -> int:
        """Forget what decisions on these drafts were to teach; say how many examples that were."""
        return self.filter(draft__in=drafts).delete()[0]

    def lessons(self, *, at: datetime) -> list[Lesson]:
        """Give the examples as plain data, oldest first, as they weigh at a moment."""
        return [example.lesson(at=at) for example in self.order_by("pk")]


class Example(models.Model):
    """A judged text; where an editor rewrote it, both versions.

    One of a product in five, and one of a draft that chance placed, is never learnt from: the
    former are new to the writer, the latter were read whatever the discriminator thought of them.
    """

    class Label(models.TextChoices):
        """What an editor made of the text."""

        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        EDITED = "edited", _("Edited")

    draft = models.ForeignKey(
        Draft,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="examples",
        verbose_name=_("draft"),
    )
    label = models.CharField(_("label"), max_length=10, choices=Label)
    text = models.TextField(_("text"))
    draft_text = models.TextField(_("draft text"), blank=True)
    brief = models.JSONField(_("brief"), default=dict)
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    weight = models.FloatField(_("weight"), default=1.0)
    is_held_out = models.BooleanField(_("held out"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    used_in = models.ForeignKey(
        Checkpoint,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="examples",
        verbose_name=_("used in"),
    )

    objects = ExampleQuerySet.as_manager()

    class Meta:
        verbose_name = _("example")
        verbose_name_plural = _("examples")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(weight__gte=0), name="example_weight_not_negative"),
            models.CheckConstraint(
                condition=~Q(label="edited") | ~Q(draft_text=""), name="example_edit_has_both_texts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_label_display()}: {self.text[:40]}"

    @classmethod
    def positive(cls, draft: Draft, text: str, weight: float = 1.0) -> "Example":
        """An approved text as an example to follow, not written yet."""
        return cls._of(draft, label=cls.Label.APPROVED, text=text, weight=weight)

    @classmethod
    def negative(cls, draft: Draft, reason: str, weight: float = 1.0) -> "Example":
        """A rejected draft's text as an example to avoid, not written yet."""
        label = cls.Label.REJECTED
        return cls._of(draft, label=label, text=draft.text, reason=reason, weight=weight)

    @classmethod
    def pair(cls, draft: Draft, text: str, weight: float = 1.0) -> "Example":
        """The editor's words as an example to follow against the writer's own, not written yet.

        The weight is of the writer's words as a refusal: the less was changed, the less was wrong.
        """
        label = cls.Label.EDITED
        return cls._of(draft, label=label, text=text, draft_text=draft.text, weight=weight)

    @classmethod
    def _of(cls, draft: Draft, **fields: object) -> "Example":
        held_out = draft.is_random or is_held_out(draft.brief["product_ref"])
        return cls(draft=draft, brief=draft.brief, is_held_out=held_out, **fields)

    def lesson(self, *, at: datetime) -> Lesson:
        """The example as plain data, with what it weighs at a moment.

        A rejection fades: taste changes, and the writer that it was about is gone. It halves with
        every `GALLEY_REJECTION_HALF_LIFE_DAYS`.
        """
        weight = self.weight
        if self.label == self.Label.REJECTED:
            days = max((at - self.created_at).total_seconds(), 0) / 86_400
            weight *= 0.5 ** (days / settings.GALLEY_REJECTION_HALF_LIFE_DAYS)
        return Lesson(
            brief=Brief.from_dict(self.brief),
            text=self.text,
            label=self.label,
            weight=weight,
            draft_text=self.draft_text,
        )
