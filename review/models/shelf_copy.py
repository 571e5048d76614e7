"""The storefront's own table: what stands on the product pages of the built-in shop.

Only `review.publishers.storefront` writes here. Removing the newest text of a product, kind and
language uncovers the one before it, because nothing is ever overwritten.
"""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from catalog.choices import Language


class ShelfCopyQuerySet(models.QuerySet["ShelfCopy"]):
    """Reads are adjectives; transitions are verbs."""

    def standing(self) -> Self:
        """Texts nobody has taken down, the covered ones included."""
        return self.filter(removed_at__isnull=True)

    def live(self) -> Self:
        """What visitors see: the newest standing text of each product, kind and language."""
        newer = (
            ShelfCopy.objects.standing()
            .filter(
                product=OuterRef("product"), kind=OuterRef("kind"), language=OuterRef("language")
            )
            .filter(
                Q(ordered_at__gt=OuterRef("ordered_at"))
                | Q(ordered_at=OuterRef("ordered_at"), pk__gt=OuterRef("pk"))
            )
        )
        return self.standing().filter(~Exists(newer))

    def text_in_place_of(self) -> Subquery:
        """For a query over drafts: the text that visitors see now where the draft would stand."""
        there = self.standing().filter(
            product=OuterRef("product"), kind=OuterRef("kind"), language=OuterRef("language")
        )
        return Subquery(there.order_by("-ordered_at", "-pk").values("text")[:1])

    def for_page(self) -> Self:
        """Texts with all a shop page shows, in one query."""
        return self.select_related("product", "product__brand", "product__category", "kind")

    def remove(self, at: datetime) -> int:
        """Take the standing texts in this queryset down."""
        return self.standing().update(removed_at=at)


class ShelfCopy(models.Model):
    """One text that the storefront has placed, or had placed, on a product page.

    `ordered_at` is when a person asked for it. A delivery that was late, because the worker was
    down, therefore never covers a text that was asked for after it.
    """

    product = models.ForeignKey(
        "catalog.Product",
        on_delete=models.PROTECT,
        related_name="shelf_copies",
        verbose_name=_("product"),
    )
    kind = models.ForeignKey(
        "catalog.ContentKind",
        on_delete=models.PROTECT,
        related_name="shelf_copies",
        verbose_name=_("kind"),
    )
    language = models.CharField(_("language"), max_length=16, choices=Language)
    text = models.TextField(_("text"))
    key = models.UUIDField(_("key"), unique=True, editable=False)
    ordered_at = models.DateTimeField(_("ordered at"))
    placed_at = models.DateTimeField(_("placed at"))
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)

    objects = ShelfCopyQuerySet.as_manager()

    class Meta:
        verbose_name = _("shelf copy")
        verbose_name_plural = _("shelf copies")
        ordering = ["-ordered_at", "-pk"]
        indexes = [
            models.Index(
                fields=["product", "kind", "language", "-ordered_at"],
                condition=Q(removed_at__isnull=True),
                name="shelf_copy_standing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} · {self.kind_id} · {self.language}"
