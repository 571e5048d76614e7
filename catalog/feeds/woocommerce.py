"""WooCommerce's product export: variations are gathered under their parent.

A parent is named by its SKU or as `id:741`, and may stand before or after its variations.
"""

from __future__ import annotations

import re

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

NEEDED = ("Type", "SKU", "Name")

_MEASURE = re.compile(r"(Weight|Length|Width|Height) \((\w+)\)")
_LIST_COMMA = re.compile(r"(?<!\\),")
_LENGTHS = {"sku": "SKU", "title": "Name", "brand": "Brands", "category": "Categories"}


def header(columns: list[str]) -> list[str]:
    """The columns as they stand."""
    return columns


def read(table: Table) -> Reading:
    """Read the products, then add each variation to its parent."""
    reading = Reading("woocommerce")
    known: dict[str, FeedProduct] = {}
    variations: list[Row] = []
    for line, row in table.rows:
        if "variation" in _listed(row.get("Type", "")):
            variations.append((line, row))
            continue
        try:
            product = _product(line, row)
            if product.sku in known:
                raise RowRefused("SKU", "duplicate_sku", product.sku)
        except RowRefused as refused:
            reading.refuse(line, refused)
            continue
        reading.products.append(product)
        known[product.sku] = product
        known[row.get("SKU", "") or product.sku] = known[f"id:{row.get('ID', '')}"] = product
    for line, row in variations:
        try:
            _add_variation(known, row)
            reading.merged += 1
        except RowRefused as refused:
            reading.refuse(line, refused)
    return reading


def _product(line: int, row: dict[str, str]) -> FeedProduct:
    if not row.get("Name"):
        raise RowRefused("Name", "no_title", row.get("SKU", ""))
    sku = row.get("SKU") or (f"woo-{row['ID']}" if row.get("ID") else "")
    if not sku:
        raise RowRefused("SKU", "no_sku", row["Name"])
    title = plain(row["Name"])
    product = FeedProduct(
        line=line,
        sku=sku_of(sku),
        brand=next(iter(_listed(row.get("Brands", ""))), ""),
        category=next(iter(_listed(row.get("Categories", ""))), "").split(">")[-1].strip(),
    )
    copy = row.get("Description") or row.get("Short description", "")
    language = language_of(title)
    product.texts[language] = FeedText(title, plain(copy))
    price, currency = price_of(row.get("Regular price", ""), "Regular price")
    if price is not None:
        product.prices[currency or ("cny" if language == "zh-hans" else "usd")] = price
    _add_facts(product, row)
    check_lengths(product, _LENGTHS)
    return product


def _add_variation(known: dict[str, FeedProduct], row: dict[str, str]) -> None:
    parent = known.get(row.get("Parent", ""))
    if parent is None:
        raise RowRefused("Parent", "no_parent", row.get("Parent", ""))
    price, currency = price_of(row.get("Regular price", ""), "Regular price")
    if price is not None:
        currency = currency or ("cny" if "zh-hans" in parent.texts else "usd")
        parent.prices[currency] = min(price, parent.prices.get(currency, price))
    _add_facts(parent, row, with_measures=False)


def _add_facts(product: FeedProduct, row: dict[str, str], *, with_measures: bool = True) -> None:
    """Note the attributes, then weight and sides: what is the product's own comes first."""
    for column, name in row.items():
        if re.fullmatch(r"Attribute \d+ name", column):
            for value in _listed(row.get(column.replace("name", "value(s)"), "")):
                product.add(name, value)
    for column, amount in row.items() if with_measures else ():
        measure = _MEASURE.fullmatch(column)
        if measure and amount:
            product.add(measure[1].lower(), f"{amount} {measure[2]}")


def _listed(cell: str) -> list[str]:
    """The parts of a cell that lists; a comma inside a part has a backslash before it."""
    parts = (part.replace("\\,", ",").strip() for part in _LIST_COMMA.split(cell))
    return [part for part in parts if part]
