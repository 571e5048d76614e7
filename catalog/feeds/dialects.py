"""The dialects of product feeds: each turns rows into products, variants under their product."""

from __future__ import annotations

import re
from collections.abc import Iterable

from catalog.feeds.rows import FeedProduct, Reading, language_of, plain, price_of
from catalog.feeds.tables import Row

_OPTIONS = (1, 2, 3)


def shopify(rows: Iterable[Row]) -> Reading:
    """Read Shopify's product export: the rows of one handle are one product.

    The first row of a handle has the title; the others hold variants and pictures.
    """
    reading = Reading("shopify")
    known: dict[str, FeedProduct] = {}
    options: dict[tuple[str, int], str] = {}
    for line, row in rows:
        handle = row.get("Handle", "")
        product = known.get(handle)
        if product is None:
            product = _shopify_product(reading, line, row, handle)
            if product is None:
                continue
            known[handle] = product
            reading.products.append(product)
        for at in _OPTIONS:
            name = options.setdefault((handle, at), row.get(f"Option{at} Name", ""))
            if name != "Title":
                product.add(name, row.get(f"Option{at} Value", ""))
    return reading


def _shopify_product(
    reading: Reading, line: int, row: dict[str, str], handle: str
) -> FeedProduct | None:
    if not handle:
        reading.refuse(line, "Handle", "no_sku")
        return None
    if not row.get("Title"):
        reading.refuse(line, "Title", "no_title", handle)
        return None
    price = _price(reading, line, row, "Variant Price")
    if price is False:
        return None
    product = FeedProduct(
        line=line,
        sku=row.get("Variant SKU") or handle,
        title=row["Title"],
        brand=row.get("Vendor", ""),
        category=row.get("Type", ""),
        description=plain(row.get("Body (HTML)", "")),
        price=price,
        currency="usd",
        language=language_of(row["Title"]),
    )
    product.add("gender", row.get("Google Shopping / Gender", ""))
    return product


def woocommerce(rows: Iterable[Row]) -> Reading:
    """Read WooCommerce's product export: variations are gathered under their parent."""
    reading = Reading("woocommerce")
    known: dict[str, FeedProduct] = {}
    for line, row in rows:
        is_variation = "variation" in re.split(r"\s*,\s*", row.get("Type", ""))
        parent = known.get(row.get("Parent", "").strip())
        if is_variation and parent is not None:
            _woocommerce_facts(parent, row)
            continue
        if is_variation:
            reading.refuse(line, "Parent", "no_parent", row.get("Parent", ""))
            continue
        product = _woocommerce_product(reading, line, row)
        if product is not None:
            known[product.sku] = known[f"id:{row.get('ID', '')}"] = product
            reading.products.append(product)
    return reading


def _woocommerce_product(reading: Reading, line: int, row: dict[str, str]) -> FeedProduct | None:
    if not row.get("Name"):
        reading.refuse(line, "Name", "no_title")
        return None
    sku = row.get("SKU") or (f"woo-{row['ID']}" if row.get("ID") else "")
    if not sku:
        reading.refuse(line, "SKU", "no_sku", row["Name"])
        return None
    price = _price(reading, line, row, "Regular price")
    if price is False:
        return None
    product = FeedProduct(
        line=line,
        sku=sku,
        title=re.sub(r"\s+", " ", row["Name"]),
        category=row.get("Categories", "").split(",")[0].split(">")[-1].strip(),
        description=plain(row.get("Description", "") or row.get("Short description", "")),
        price=price,
        currency="usd",
        language=language_of(row["Name"]),
    )
    _woocommerce_facts(product, row)
    for column in ("Weight (kg)", "Length (cm)", "Width (cm)", "Height (cm)"):
        name, unit = column.rstrip(")").split(" (")
        product.add(name.lower(), f"{row[column]} {unit}" if row.get(column) else "")
    return product


def _woocommerce_facts(product: FeedProduct, row: dict[str, str]) -> None:
    names = [column for column in row if re.fullmatch(r"Attribute \d+ name", column)]
    for column in names:
        for value in row.get(column.replace("name", "value(s)"), "").split(","):
            product.add(row[column], value)


def spree(rows: Iterable[Row]) -> Reading:
    """Read Spree's product export: variant rows repeat the slug and have no name."""
    reading = Reading("spree")
    known: dict[str, FeedProduct] = {}
    for line, row in rows:
        slug = row.get("slug", "")
        if slug in known and not row.get("name"):
            _spree_variant(reading, line, known[slug], row)
            continue
        if not row.get("name"):
            reading.refuse(line, "name", "no_title", slug)
            continue
        if not (row.get("sku") or slug):
            reading.refuse(line, "sku", "no_sku", row["name"])
            continue
        price = _price(reading, line, row, "price")
        if price is False:
            continue
        known[slug] = product = _spree_product(line, row, price)
        reading.products.append(product)
    return reading


def _spree_product(line: int, row: dict[str, str], price: object) -> FeedProduct:
    product = FeedProduct(
        line=line,
        sku=row.get("sku") or row["slug"],
        title=row["name"],
        category=row.get("category1", "").split("->")[-1].strip(),
        description=plain(row.get("description", "")),
        price=price,
        currency=row.get("currency", "usd").lower(),
        language=language_of(row["name"]),
    )
    for column, value in row.items():
        if column.startswith("custom_field."):
            product.add(column.rsplit(".", 1)[-1].replace("_", " "), value)
    return product


def _spree_variant(reading: Reading, line: int, product: FeedProduct, row: dict[str, str]) -> None:
    for at in (1, 2):
        product.add(row.get(f"option{at}_name", "").lower(), row.get(f"option{at}_value", ""))
    unit = row.get("dimensions_unit", "")
    for side in ("width", "height", "depth"):
        if row.get(side) and unit:
            product.add(side, f"{row[side]} {unit}")
    if row.get("weight") and row.get("weight_unit"):
        product.add("weight", f"{row['weight']} {row['weight_unit']}")
    if product.price is None:
        product.price = _price(reading, line, row, "price") or None


def _price(reading: Reading, line: int, row: dict[str, str], column: str):
    """The price of a row, or False when it was refused for its price."""
    try:
        return price_of(row.get(column, ""))
    except ValueError:
        reading.refuse(line, column, "bad_price", row.get(column, ""))
        return False
