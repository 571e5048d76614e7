"""What buyers said."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.choices import Language
from catalog.models.product import Product


class BuyerReview(models.Model):
    """One buyer's words on one product, as they came."""

    product = models.ForeignKey(
        Product, models.CASCADE, related_name="buyer_reviews", verbose_name=_("product")
    )
    language = models.CharField(_("language"), max_length=8, choices=Language)
    rating = models.PositiveSmallIntegerField(_("rating"))
    is_verified = models.BooleanField(_("bought here"), default=False)
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("buyer's review")
        verbose_name_plural = _("buyers' reviews")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(rating__range=(1, 5)), name="buyer_review_rating_one_to_five"
            )
        ]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.text[:40]}"
