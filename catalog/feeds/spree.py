"""Spree's product export: variant rows repeat the slug, name their options and have no name."""

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
    currency_of,
    language_of,
    plain,
    price_of,
    require_columns,
    sku_of,
)

_LENGTHS = {"sku": "sku", "title": "name", "category": "category1"}


def require(columns: Sequence[str]) -> None:
    """Refuse a table without one of the columns that every export has.

    Raises:
        Unreadable: names it.
    """
    require_columns(columns, ("slug", "sku", "name"))


def group(row: dict[str, Any]) -> str:
    """The slug."""
    return row.get("slug") or row.get("sku", "")


def gather(rows: Sequence[PlacedRow], refuse: Refuse) -> FeedProduct | None:
    """Make one product of the rows of a slug."""
    product: FeedProduct | None = None
    measures: list[dict[str, str]] = []
    for place, row in rows:
        try:
            known = product or _product(place, row)
            _add_price(known, row)
        except RowRefused as refused:
            refuse(place, refused)
            continue
        product = known
        for number in (1, 2, 3):
            product.add(row.get(f"option{number}_name", ""), row.get(f"option{number}_value", ""))
        measures.append(_measures(row))
    if product:
        _add_measures(product, measures)
    return product


def _product(place: int, row: dict[str, str]) -> FeedProduct:
    if not row.get("name"):
        raise RowRefused("name", "no_title", row.get("slug", ""))
    sku = sku_of(row.get("sku") or row.get("slug", ""))
    if not sku:
        raise RowRefused("sku", "no_sku", row["name"])
    title = plain(row["name"])
    category = row.get("category1", "").split("->")[-1].strip()
    product = FeedProduct(place, sku, category=category, handle=sku_of(row.get("slug", "")))
    product.texts[language_of(title)] = FeedText(title, plain(row.get("description", "")))
    for column, value in row.items():
        if column.startswith("custom_field."):
            product.add(column.rsplit(".", 1)[-1].replace("_", " "), value)
    check_lengths(product, _LENGTHS.get)
    return product


def _add_price(product: FeedProduct, row: dict[str, str]) -> None:
    """Keep the lowest price: a master row says 0 and leaves the price to its variants."""
    price, mark = price_of(row.get("price", ""), "price")
    if price is not None:
        currency = currency_of(row.get("currency", "")) or mark or "usd"
        product.prices[currency] = min(price, product.prices.get(currency, price))


def _measures(row: dict[str, str]) -> dict[str, str]:
    sides = {side: row.get("dimensions_unit", "") for side in ("width", "height", "depth")}
    units = {**sides, "weight": row.get("weight_unit", "")}
    return {name: f"{row[name]} {unit}" for name, unit in units.items() if unit and row.get(name)}


def _add_measures(product: FeedProduct, found: list[dict[str, str]]) -> None:
    """Note the measures that all variants share; one that differs is no fact of the product."""
    measured = [measures for measures in found if measures]
    for name, value in measured[0].items() if measured else ():
        if all(measures.get(name) == value for measures in measured):
            product.add(name, value)
