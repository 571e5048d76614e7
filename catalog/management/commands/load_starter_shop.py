"""Bring the starter shop into the catalogue; safe to run again."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from catalog.choices import Language
from catalog.models import (
    Brand,
    BuyerReview,
    Campaign,
    Category,
    Channel,
    ContentKind,
    Product,
    ProductText,
)

FOLDER = Path(__file__).parents[2] / "starter_shop"
_LANGUAGES = {"zh": Language.ZH, "en": Language.EN}


class Command(BaseCommand):
    """`manage.py load_starter_shop`: 240 products, two brands, three campaigns."""

    help = "Load the starter shop: products, brands, buyers' reviews and three campaigns."

    @transaction.atomic
    def handle(self, *args, **options):
        """Add what is not there yet; what a shop changed since stays as it is."""
        brands = {item["prefix"]: _brand(item) for item in _read("brands.json")}
        names = _read("categories.json")
        added = 0
        for slug, (chinese, english) in names.items():
            category, _ = Category.objects.get_or_create(
                slug=slug, defaults={"name_zh": chinese, "name_en": english}
            )
            added += _load_category(category, brands)
        for item in _read("campaigns.json"):
            _campaign(item)
        self.stdout.write(f"The starter shop is loaded: {added} products added.")


def _read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def _brand(item: dict[str, Any]) -> Brand:
    fields = {key: item[key] for key in ("name", "voice_zh", "voice_en", "banned_words")}
    return Brand.objects.get_or_create(slug=item["slug"], defaults=fields)[0]


def _load_category(category: Category, brands: dict[str, Brand]) -> int:
    lines = (FOLDER / f"{category.slug}.jsonl").read_text(encoding="utf-8").splitlines()
    items = [json.loads(line) for line in lines]
    known = set(
        Product.objects.filter(sku__in=[item["sku"] for item in items]).values_list(
            "sku", flat=True
        )
    )
    fresh = [item for item in items if item["sku"] not in known]
    products = Product.objects.bulk_create(
        Product(
            sku=item["sku"],
            brand=brands[item["sku"][:2]],
            category=category,
            price_cny=item["price_cny"],
            price_usd=item["price_usd"],
            picture=f"shop/{item['sku']}.svg",
            source="starter",
        )
        for item in fresh
    )
    pairs = list(zip(products, fresh, strict=True))
    ProductText.objects.bulk_create(
        ProductText(
            product=product,
            language=language,
            title=item["title"][short],
            audience=item["audience"][short],
            attributes=item["attributes"][short],
        )
        for product, item in pairs
        for short, language in _LANGUAGES.items()
    )
    BuyerReview.objects.bulk_create(
        BuyerReview(
            product=product,
            language=_LANGUAGES[review["lang"]],
            rating=review["rating"],
            is_verified=review["verified"],
            text=review["text"],
        )
        for product, item in pairs
        for review in item["reviews"]
    )
    return len(products)


def _campaign(item: dict[str, Any]) -> None:
    if Campaign.objects.filter(slug=item["slug"]).exists():
        return
    hours = item.get("starts_in_hours")
    campaign = Campaign.objects.create(
        slug=item["slug"],
        name=item["name"],
        languages=item["languages"],
        starts_at=None if hours is None else timezone.now() + timedelta(hours=hours),
    )
    campaign.kinds.set(ContentKind.objects.filter(slug__in=item["kinds"]))
    campaign.channels.set(Channel.objects.filter(slug="storefront"))
    campaign.products.set(
        Product.objects.filter(
            sku__in=_read("split.json")[item["split"]], category__slug__in=item["categories"]
        )
    )
