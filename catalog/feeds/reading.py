"""The one way in: bytes and a file name to products and refusals."""

from __future__ import annotations

from catalog.feeds import dialects
from catalog.feeds.generic import generic
from catalog.feeds.rows import Reading, Unreadable
from catalog.feeds.tables import decode, objects, table

FORMATS = ("auto", "shopify", "woocommerce", "spree", "generic")
_NEEDED = {
    "shopify": ("Handle", "Title", "Variant Price"),
    "woocommerce": ("Type", "SKU", "Name", "Regular price"),
    "spree": ("slug", "sku", "name", "price"),
}
_TELLING = {"shopify": "Handle", "woocommerce": "Regular price", "spree": "option1_name"}
_READERS = {
    "shopify": dialects.shopify,
    "woocommerce": dialects.woocommerce,
    "spree": dialects.spree,
}


def read_feed(content: bytes, *, file_name: str, format: str = "auto") -> Reading:  # noqa: A002
    """Read a product feed.

    Args:
        content: the file's bytes.
        file_name: its name; only the ending counts.
        format: one of FORMATS; "auto" tells by the columns.

    Raises:
        Unreadable: the file is no feed, or lacks a column that its format needs.
    """
    if not content.strip():
        raise Unreadable("empty")
    text = decode(content)
    if file_name.lower().endswith((".json", ".jsonl", ".ndjson")):
        reading = generic(objects(text), None)
    else:
        header, rows = table(text)
        dialect = _told(header) if format == "auto" else format
        for column in _NEEDED.get(dialect, ()):
            if column not in header:
                raise Unreadable("column", column=column, found=", ".join(header))
        reading = _READERS[dialect](rows) if dialect in _READERS else generic(rows, header)
    if not reading.products and not reading.refusals:
        raise Unreadable("empty")
    return reading


def _told(header: list[str]) -> str:
    return next((name for name, column in _TELLING.items() if column in header), "generic")
