"""The one way in: bytes to products, refusals and remarks."""

from __future__ import annotations

from collections.abc import Callable

from catalog.feeds import generic, shopify, spree, woocommerce
from catalog.feeds.decoding import decode
from catalog.feeds.rows import Note, Reading, Unreadable
from catalog.feeds.tables import Table, read_table

FORMATS = ("auto", "shopify", "woocommerce", "spree", "generic")

_DIALECTS = {"shopify": shopify, "woocommerce": woocommerce, "spree": spree}


def read_feed(content: bytes, *, format: str = "auto") -> Reading:  # noqa: A002
    """Read a product feed.

    Args:
        content: the file's bytes.
        format: one of FORMATS; "auto" tells by the columns.

    Raises:
        Unreadable: the file is no feed, or lacks a column that its format needs.
    """
    if not content.strip(b"\xef\xbb\xbf \t\r\n"):
        raise Unreadable("empty")
    text, encoding = decode(content)
    table = read_table(text)
    reading = _reader(table, _told(table.header) if format == "auto" else format)(table)
    reading.encoding, reading.lines = encoding, table.lines
    _refuse_repeated_skus(reading)
    _leave_out_other_currencies(reading)
    reading.refusals = sorted([*table.refusals, *reading.refusals], key=_line)
    if encoding == "latin-1":
        reading.remarks.insert(0, Note(1, "", "latin_1"))
    return reading


def _reader(table: Table, format: str) -> Callable[[Table], Reading]:  # noqa: A002
    """The dialect's reader, once its columns are there.

    Raises:
        Unreadable: one of them is missing.
    """
    if format not in _DIALECTS:
        return generic.read
    dialect = _DIALECTS[format]
    columns = dialect.header(table.header)
    for column in dialect.NEEDED:
        if column not in columns:
            raise Unreadable("column", column=column, found=", ".join(table.header))
    return dialect.read


def _told(header: list[str]) -> str:
    """The dialect that columns belong to, also when one of its needed columns is missing."""
    columns = set(header)
    if columns & {"Option1 Name", "Option1 name", "Body (HTML)", "URL handle"}:
        return "shopify"
    if columns & {"Attribute 1 name", "Visibility in catalog", "Regular price", "Is featured?"}:
        return "woocommerce"
    if columns & {"option1_name", "category1"} or any(
        column.startswith("custom_field.") for column in columns
    ):
        return "spree"
    return "generic"


def _refuse_repeated_skus(reading: Reading) -> None:
    """Keep the first of several products that would share a SKU."""
    seen: set[str] = set()
    kept = []
    for product in reading.products:
        if product.sku in seen:
            reading.refusals.append(Note(product.line, "", "duplicate_sku", product.sku))
        else:
            kept.append(product)
        seen.add(product.sku)
    reading.products = kept


def _leave_out_other_currencies(reading: Reading) -> None:
    """Keep the prices in yuan and dollars, and say once which others there were."""
    for currency in sorted({name for one in reading.products for name in one.prices}):
        if currency not in {"cny", "usd"}:
            found = [one.prices.pop(currency, None) is not None for one in reading.products]
            reading.remark(1, "", "other_currency", f"{currency.upper()} ({sum(found)})")


def _line(note: Note) -> int:
    return note.line
