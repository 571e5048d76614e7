"""Shopify's product export: the rows of one handle are one product.

The first row of a handle has its title; the others hold further variants and pictures. The
exports of recent years name some columns otherwise; both names are read.
"""

from __future__ import annotations

from catalog.feeds.rows import (
    FeedProduct,
    FeedText,
    Reading,
    RowRefused,
    check_lengths,
    language_of,
    plain,
    price_of,
    sku_of,
)
from catalog.feeds.tables import Row, Table

NEEDED = ("Handle", "Title")

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


def header(columns: list[str]) -> list[str]:
    """The columns by the names this reader uses."""
    return [_NEWER.get(column, column) for column in columns]


def read(table: Table) -> Reading:
    """Gather the rows of each handle into one product."""
    reading = Reading("shopify")
    known: dict[str, FeedProduct] = {}
    options: dict[tuple[str, int], str] = {}
    for line, found in table.rows:
        row = {_NEWER.get(column, column): cell for column, cell in found.items()}
        handle = row.get("Handle", "")
        try:
            product = known.get(handle) or _product(line, row)
            price = price_of(row.get("Variant Price", ""), "Variant Price")[0]
        except RowRefused as refused:
            reading.refuse(line, refused)
            continue
        if handle in known:
            reading.merged += 1
        else:
            known[handle] = product
            reading.products.append(product)
        _add_variant(product, row, options)
        if price is not None:
            currency = "cny" if "zh-hans" in product.texts else "usd"
            product.prices[currency] = min(price, product.prices.get(currency, price))
    return reading


def _product(line: int, row: Row) -> FeedProduct:
    if not row.get("Handle"):
        raise RowRefused("Handle", "no_sku")
    if not row.get("Title"):
        raise RowRefused("Title", "no_title", row["Handle"])
    title = plain(row["Title"])
    product = FeedProduct(
        line=line,
        sku=sku_of(row.get("Variant SKU") or row["Handle"]),
        brand=row.get("Vendor", ""),
        category=row.get("Type") or row.get("Product Category", "").split(">")[-1].strip(),
    )
    product.texts[language_of(title)] = FeedText(title, plain(row.get("Body (HTML)", "")))
    product.add("gender", row.get("Google Shopping / Gender", ""))
    product.add("age group", row.get("Google Shopping / Age Group", ""))
    check_lengths(product, _LENGTHS)
    return product


def _add_variant(
    product: FeedProduct, row: dict[str, str], options: dict[tuple[str, int], str]
) -> None:
    """Note the options of one variant; only the first row of a handle names them."""
    for place in (1, 2, 3):
        name = options.setdefault((row["Handle"], place), row.get(f"Option{place} Name", ""))
        if name != "Title":
            product.add(name, row.get(f"Option{place} Value", ""))
