"""Products, and what is known of them in each language."""

from __future__ import annotations

from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.choices import Language
from catalog.models.brand import Brand

# A SKU is part of an address, so it holds nothing that would end or split one.
fits_an_address = RegexValidator(
    r"^(?!\.{1,2}$)[^\s/\\?#%]+$", _("A SKU has no spaces and none of / \\ ? # %%.")
)


def check_facts(facts: object) -> None:
    """Refuse anything but a list of pairs of a name and a value, neither of them blank.

    Raises:
        ValidationError: it is not such a list.
    """
    if not isinstance(facts, list) or not all(_is_fact(one) for one in facts):
        raise ValidationError(
            _("Facts are a list of pairs of a name and a value, such as %(example)s."),
            params={"example": '[["material", "oak"]]'},
        )


def _is_fact(pair: object) -> bool:
    is_pair = isinstance(pair, list) and len(pair) == 2
    return is_pair and all(isinstance(part, str) and part.strip() for part in pair)


class Category(models.Model):
    """A shelf of the shop."""

    slug = models.SlugField(_("short name"), unique=True, max_length=80, allow_unicode=True)
    name_zh = models.CharField(_("name in Chinese"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name_en

    def name(self, language: str) -> str:
        """What the category is called in a language."""
        return self.name_zh if language == Language.ZH else self.name_en


class ProductQuerySet(models.QuerySet["Product"]):
    """Reads of the shelf."""

    def with_texts(self) -> Self:
        """Products with their texts in all languages, in two queries."""
        return self.select_related("brand", "category").prefetch_related("texts")

    def for_page(self) -> Self:
        """Products with all that a product page shows."""
        return self.with_texts().prefetch_related("buyer_reviews")

    def in_language(self, language: str) -> Self:
        """Products that have facts in a language."""
        return self.filter(texts__language=language)


class Product(models.Model):
    """A thing on the shelf."""

    sku = models.CharField(_("SKU"), max_length=64, unique=True, validators=[fits_an_address])
    brand = models.ForeignKey(Brand, models.PROTECT, null=True, blank=True, verbose_name=_("brand"))
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, verbose_name=_("category")
    )
    price_cny = models.DecimalField(
        _("price in CNY"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    price_usd = models.DecimalField(
        _("price in USD"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    picture = models.CharField(_("picture"), max_length=200, blank=True)
    source = models.CharField(_("source"), max_length=40, blank=True)
    created_at = models.DateTimeField(_("added at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["sku"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(sku=""), name="product_has_a_sku"),
            models.CheckConstraint(
                condition=(models.Q(price_cny=None) | models.Q(price_cny__gte=0))
                & (models.Q(price_usd=None) | models.Q(price_usd__gte=0)),
                name="product_prices_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.sku

    def text(self, language: str) -> ProductText | None:
        """What is known in a language; uses prefetched texts where there are any."""
        return next((text for text in self.texts.all() if text.language == language), None)

    def title(self, language: str) -> str:
        """The title in a language, else in the other one, else the SKU."""
        text = self.text(language) or next(iter(self.texts.all()), None)
        return text.title if text else self.sku


class ProductText(models.Model):
    """A product's title, facts and earlier copy in one language."""

    product = models.ForeignKey(
        Product, models.CASCADE, related_name="texts", verbose_name=_("product")
    )
    language = models.CharField(_("language"), max_length=8, choices=Language)
    title = models.CharField(_("title"), max_length=255)
    audience = models.CharField(_("who it is for"), max_length=255, blank=True)
    attributes = models.JSONField(_("facts"), default=list, blank=True, validators=[check_facts])
    description = models.TextField(_("copy before Galley"), blank=True)

    class Meta:
        verbose_name = _("product text")
        verbose_name_plural = _("product texts")
        ordering = ["product", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "language"], name="product_text_one_per_language"
            ),
            models.CheckConstraint(
                condition=models.Q(language__in=Language.values),
                name="product_text_known_language",
            ),
            models.CheckConstraint(condition=~models.Q(title=""), name="product_text_has_a_title"),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Take whatever is empty for no facts: no validator is asked about it."""
        self.attributes = self.attributes or []
