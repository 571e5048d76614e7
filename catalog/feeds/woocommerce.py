"""WooCommerce's product export: variations are gathered under their parent.

A parent is named by its SKU or as `id:741`, and may stand before or after its variations.
"""

from __future__ import annotations

import re
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

_MEASURE = re.compile(r"(Weight|Length|Width|Height) \((\w+)\)")
_LIST_COMMA = re.compile(r"(?<!\\),")
_LENGTHS = {"sku": "SKU", "title": "Name", "brand": "Brands", "category": "Categories"}


def require(columns: Sequence[str]) -> None:
    """Refuse a table without one of the columns that every export has.

    Raises:
        Unreadable: names it.
    """
    require_columns(columns, ("Type", "SKU", "Name"))


def group(row: dict[str, Any]) -> str:
    """The SKU, or that of the parent or its `id:741`."""
    return row.get("Parent", "") if _is_variation(row) else _sku(row)


def other_names(row: dict[str, Any]) -> tuple[str, ...]:
    """What variations may call this product besides its SKU."""
    return (f"id:{row['ID']}",) if row.get("ID") and not _is_variation(row) else ()


def gather(rows: Sequence[PlacedRow], refuse: Refuse) -> FeedProduct | None:
    """Make one product of a row and its variations, wherever it stands among them."""
    product: FeedProduct | None = None
    for place, row in sorted(rows, key=lambda one: _is_variation(one[1])):
        try:
            if _is_variation(row):
                _add_variation(product, row)
            elif product:
                raise RowRefused("SKU", "duplicate_sku", product.sku)
            else:
                product = _product(place, row)
        except RowRefused as refused:
            refuse(place, refused)
    return product


def _is_variation(row: dict[str, Any]) -> bool:
    return "variation" in _listed(row.get("Type", ""))


def _sku(row: dict[str, Any]) -> str:
    return row.get("SKU") or (f"woo-{row['ID']}" if row.get("ID") else "")


def _product(place: int, row: dict[str, str]) -> FeedProduct:
    if not row.get("Name"):
        raise RowRefused("Name", "no_title", row.get("SKU", ""))
    sku = _sku(row)
    if not sku:
        raise RowRefused("SKU", "no_sku", row["Name"])
    title = plain(row["Name"])
    product = FeedProduct(
        place=place,
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
    check_lengths(product, _LENGTHS.get)
    return product


def _add_variation(parent: FeedProduct | None, row: dict[str, str]) -> None:
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
