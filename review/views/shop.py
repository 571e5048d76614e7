"""The built-in storefront: product pages and shelves, in both languages."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from catalog.choices import Language
from catalog.forms import whole_number
from catalog.models import Category, Product
from review.models import Publication, ShelfCopy

_SHELF = 24


@require_safe
def product(request: HttpRequest, language: str, sku: str) -> HttpResponse:
    """Show one product with the copy that is live."""
    _known(language)
    thing = get_object_or_404(Product.objects.for_page(), sku=sku)
    text = thing.text(language)
    copies = {
        copy.kind.slug: copy
        for copy in ShelfCopy.objects.live().for_page().filter(product=thing, language=language)
    }
    description, ad = copies.pop("description", None), copies.pop("ad", None)
    words = description.text if description else (text.description if text else "")
    context = {
        "product": thing,
        "language": language,
        "title": thing.title(language),
        "category": thing.category.name(language) if thing.category else "",
        "facts": text.attributes if text else [],
        "words": words,
        "is_written_by_machine": bool(description or copies),
        "ad": ad,
        "more": [copies[slug] for slug in sorted(copies)],
        "reviews": [item for item in thing.buyer_reviews.all() if item.language == language],
        "structured": _structured(thing, language, words),
        "publications": _publications(request, thing, language),
        "categories": Category.objects.all(),
    }
    with translation.override(language):
        return render(request, "shop/product.html", context)


@require_safe
def shelf(request: HttpRequest, language: str) -> HttpResponse:
    """Show a shelf: the products of a category."""
    _known(language)
    products = Product.objects.with_texts().order_by("pk")
    category = Category.objects.filter(slug=request.GET.get("category", "")).first()
    if category:
        products = products.filter(category=category)
    after = whole_number(request.GET.get("after", ""))
    if after is not None:
        products = products.filter(pk__gt=after)
    rows = list(products[: _SHELF + 1])
    context = {
        "items": [(item, item.title(language)) for item in rows[:_SHELF]],
        "language": language,
        "category": category,
        "categories": Category.objects.all(),
        "next_key": rows[_SHELF - 1].pk if len(rows) > _SHELF else None,
    }
    with translation.override(language):
        return render(request, "shop/shelf.html", context)


def _known(language: str) -> None:
    if language not in Language.values:
        raise Http404


def _publications(request: HttpRequest, thing: Product, language: str) -> list[Publication]:
    """What an editor may know of the live copy; nothing for a visitor."""
    if not request.user.has_perm("review.view_publication"):
        return []
    live = Publication.objects.live().for_list().filter(product=thing, language=language)
    return list(live[:4])


def _structured(thing: Product, language: str, words: str) -> SafeString:
    """Schema.org data of the product as JSON that no text can break out of."""
    price, currency = (
        (thing.price_cny, "CNY") if language == Language.ZH else (thing.price_usd, "USD")
    )
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "sku": thing.sku,
        "name": thing.title(language),
    }
    if words:
        data["description"] = words
    if thing.brand:
        data["brand"] = {"@type": "Brand", "name": thing.brand.name}
    if price is not None:
        data["offers"] = {"@type": "Offer", "price": str(price), "priceCurrency": currency}
    text = json.dumps(data, ensure_ascii=False)
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return mark_safe(text)  # noqa: S308 - no letter is left that could end the script
