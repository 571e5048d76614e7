"""Spree's product export: variant rows repeat the slug, name their options and have no name."""

from __future__ import annotations

from catalog.feeds.rows import (
    FeedProduct,
    FeedText,
    Reading,
    RowRefused,
    check_lengths,
    currency_of,
    language_of,
    plain,
    price_of,
    sku_of,
)
from catalog.feeds.tables import Table

NEEDED = ("slug", "sku", "name")

_LENGTHS = {"sku": "sku", "title": "name", "category": "category1"}


def header(columns: list[str]) -> list[str]:
    """The columns as they stand."""
    return columns


def read(table: Table) -> Reading:
    """Gather the rows of each slug into one product."""
    reading = Reading("spree")
    known: dict[str, FeedProduct] = {}
    measures: dict[str, list[dict[str, str]]] = {}
    for line, row in table.rows:
        slug = row.get("slug") or row.get("sku", "")
        try:
            product = known.get(slug) or _product(line, row)
            _add_price(product, row)
        except RowRefused as refused:
            reading.refuse(line, refused)
            continue
        if slug in known:
            reading.merged += 1
        else:
            known[slug] = product
            reading.products.append(product)
        for place in (1, 2, 3):
            product.add(row.get(f"option{place}_name", ""), row.get(f"option{place}_value", ""))
        measures.setdefault(slug, []).append(_measures(row))
    for slug, product in known.items():
        _add_measures(product, measures[slug])
    return reading


def _product(line: int, row: dict[str, str]) -> FeedProduct:
    if not row.get("name"):
        raise RowRefused("name", "no_title", row.get("slug", ""))
    sku = sku_of(row.get("sku") or row.get("slug", ""))
    if not sku:
        raise RowRefused("sku", "no_sku", row["name"])
    title = plain(row["name"])
    product = FeedProduct(
        line=line, sku=sku, category=row.get("category1", "").split("->")[-1].strip()
    )
    product.texts[language_of(title)] = FeedText(title, plain(row.get("description", "")))
    for column, value in row.items():
        if column.startswith("custom_field."):
            product.add(column.rsplit(".", 1)[-1].replace("_", " "), value)
    check_lengths(product, _LENGTHS)
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
