"""Shopify's product export: the rows of one handle are one product.

The first row of a handle has its title; the others hold further variants and pictures. The
exports of recent years name some columns otherwise; both names are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catalog.feeds.rows import (
    FeedProduct,
    FeedText,
    PlacedRow,
    Refuse,
    RowRefused,
    check_lengths,
    language_of,
    plain,
    price_of,
    require_columns,
    sku_of,
)

_NEWER = {
    "URL handle": "Handle",
    "Description": "Body (HTML)",
    "SKU": "Variant SKU",
    "Price": "Variant Price",
    "Product category": "Product Category",
    "Option1 name": "Option1 Name",
    "Option1 value": "Option1 Value",
    "Option2 name": "Option2 Name",
    "Option2 value": "Option2 Value",
    "Option3 name": "Option3 Name",
    "Option3 value": "Option3 Value",
}
_LENGTHS = {"sku": "Handle", "title": "Title", "brand": "Vendor", "category": "Type"}


def require(columns: Sequence[str]) -> None:
    """Refuse a table without one of the columns that every export has.

    Raises:
        Unreadable: names it.
    """
    require_columns([_NEWER.get(column, column) for column in columns], ("Handle", "Title"))


def group(row: dict[str, Any]) -> str:
    """The handle."""
    return _named(row).get("Handle", "")


def gather(rows: Sequence[PlacedRow], refuse: Refuse) -> FeedProduct | None:
    """Make one product of the rows of a handle."""
    product: FeedProduct | None = None
    options: dict[int, str] = {}
    for place, found in rows:
        row = _named(found)
        try:
            known = product or _product(place, row)
            price = price_of(row.get("Variant Price", ""), "Variant Price")[0]
        except RowRefused as refused:
            refuse(place, refused)
            continue
        product = known
        _add_variant(product, row, options)
        if price is not None:
            currency = "cny" if "zh-hans" in product.texts else "usd"
            product.prices[currency] = min(price, product.prices.get(currency, price))
    return product


def _named(row: dict[str, Any]) -> dict[str, str]:
    return {_NEWER.get(column, column): cell for column, cell in row.items()}


def _product(place: int, row: dict[str, str]) -> FeedProduct:
    if not row.get("Handle"):
        raise RowRefused("Handle", "no_sku")
    if not row.get("Title"):
        raise RowRefused("Title", "no_title", row["Handle"])
    title = plain(row["Title"])
    product = FeedProduct(
        place=place,
        handle=sku_of(row["Handle"]),
        sku=sku_of(row.get("Variant SKU") or row["Handle"]),
        brand=row.get("Vendor", ""),
        category=row.get("Type") or row.get("Product Category", "").split(">")[-1].strip(),
    )
    product.texts[language_of(title)] = FeedText(title, plain(row.get("Body (HTML)", "")))
    product.add("gender", row.get("Google Shopping / Gender", ""))
    product.add("age group", row.get("Google Shopping / Age Group", ""))
    check_lengths(product, _LENGTHS.get)
    return product


def _add_variant(product: FeedProduct, row: dict[str, str], options: dict[int, str]) -> None:
    """Note the options of one variant; only the first row of a handle names them."""
    for place in (1, 2, 3):
        name = options.setdefault(place, row.get(f"Option{place} Name", ""))
        if name != "Title":
            product.add(name, row.get(f"Option{place} Value", ""))
