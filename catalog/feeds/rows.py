"""What a reader gives: products, the rows it had to refuse, and what it read its own way."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import nh3

from catalog.choices import Language

MOST_CHARS = {"sku": 64, "title": 255, "audience": 255, "brand": 120, "category": 80}
# Whatever is longer is refused unread, so that no row fills the memory.
MOST_CHARS_OF_A_ROW = 1_000_000

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_BLOCK_END = re.compile(r"<\s*(?:br|hr|/p|/li|/div|/tr|/h\d|/ul|/ol)\b[^>]*>", re.IGNORECASE)
_UNFIT_FOR_ADDRESS = re.compile(r"[\s/\\?#%]+")
_PRICE = re.compile(r"(?P<before>\D{0,6}?)(?P<amount>\d[\d.,]*)(?P<after>\D{0,6})")
_CURRENCIES = {
    "cny": "cny",
    "rmb": "cny",
    "¥": "cny",
    "￥": "cny",
    "元": "cny",
    "人民币": "cny",
    "cn¥": "cny",
    "usd": "usd",
    "$": "usd",
    "us$": "usd",
    "美元": "usd",
}


PlacedRow = tuple[int, dict[str, Any]]  # its place among the rows of the feed, from 1
Refuse = Callable[[int, "RowRefused"], None]  # notes why the row at a place is not taken


class Unreadable(Exception):
    """The whole file is no feed; `code` says why and `facts` fill the sentence about it."""

    def __init__(self, code: str, **facts: str) -> None:
        self.code, self.facts = code, facts
        self.columns: Sequence[Any] = ()  # of a plain table that lacks one
        super().__init__(code)


Entry = tuple[int, "dict[str, Any] | RowRefused"]  # the line on which it begins, and the row


class RowRefused(Exception):
    """A row that cannot be taken; it is noted, and reading goes on.

    Args:
        column: the column at fault, as the file names it, or "" for the whole row.
        code: the rule; `catalog.importing` has its sentence.
        value: what stood there.
    """

    def __init__(self, column: str, code: str, value: str = "") -> None:
        self.column, self.code, self.value = column, code, value
        super().__init__(code)


@dataclass(frozen=True)
class Refusal:
    """A row that was not taken.

    Args:
        place: among the rows of the feed, from 1.
        line: the line of the file, counted from 1, on which it begins.
        entry: its number, where several begin on one line.
        column, code, value: see `RowRefused`.
        row: what stood in it; empty where that could not be told.
    """

    place: int
    line: int
    entry: int | None
    column: str
    code: str
    value: str
    row: dict[str, Any]


@dataclass
class FeedText:
    """What a feed says of a product in one language."""

    title: str
    description: str = ""
    audience: str = ""
    attributes: list[list[str]] = field(default_factory=list)

    def add(self, name: str, value: str) -> None:
        """Note a fact; further values of a name are listed after the first."""
        name, value = _one_line(name), _one_line(value)
        if not name or not value:
            return
        pair = next((pair for pair in self.attributes if pair[0].lower() == name.lower()), None)
        if pair is None:
            self.attributes.append([name, value])
        elif value not in pair[1].split(", "):
            pair[1] = f"{pair[1]}, {value}"


@dataclass
class FeedProduct:
    """One product of a feed, its variants gathered in its facts.

    Args:
        place: of its first row among the rows of the feed.
        sku: its name in addresses and in the database.
        brand: the brand's name, or "".
        category: the name of the innermost category, or "".
        prices: by currency, "cny" and "usd" only.
        texts: what is said of it, by language.
        handle: its name in the addresses of the shop that it comes from, or "".
        line: on which its first row begins, or the number of its entry where several share one.
    """

    place: int
    sku: str
    brand: str = ""
    category: str = ""
    prices: dict[str, Decimal] = field(default_factory=dict)
    texts: dict[str, FeedText] = field(default_factory=dict)
    handle: str = ""
    line: int = 0

    def add(self, name: str, value: str) -> None:
        """Note a fact in every language the feed has for this product."""
        for text in self.texts.values():
            text.add(name, value)


def row_of(header: Sequence[str], cells: Sequence[str]) -> dict[str, Any] | RowRefused:
    """Cells under their columns' names; of several with one name the first that holds anything."""
    if any(cell.strip() for cell in cells[len(header) :]):
        return RowRefused("", "cells", str(len(cells)))
    row: dict[str, Any] = {}
    for name, cell in zip(header, cells, strict=False):
        row[name] = row.get(name) or cell.strip()
    return row


def text_of(value: Any) -> str:
    """A cell as text: a list by its first entry, whole numbers without a decimal point."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def plain(text: str) -> str:
    """The text of an HTML cell: tags and scripts gone, blocks as lines, entities read."""
    if "<" in text:
        text = nh3.clean(
            _BLOCK_END.sub("\n", text), tags=set(), clean_content_tags={"script", "style"}
        )
    text = html.unescape(text).replace("\\n", "\n") if "&" in text or "\\n" in text else text
    lines = (_one_line(line) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def language_of(text: str) -> str:
    """The language a title is written in: Chinese as soon as it holds Chinese characters."""
    return Language.ZH.value if _HAN.search(text) else Language.EN.value


def snake(column: str) -> str:
    """A name as `item_id`, from "Item ID", "item-id", "itemId", "_itemId" or "g:item_id"."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column.strip())
    return re.sub(r"[\s\-]+", "_", words).lower().strip("_").removeprefix("g:")


def sku_of(text: str) -> str:
    """A SKU that can be part of an address.

    An id that is itself an address is known by its last part; spaces and slashes become dashes.
    """
    text = text.strip()
    if "://" in text:
        text = text.rstrip("/").rsplit("/", 1)[-1]
    return _UNFIT_FOR_ADDRESS.sub("-", text).strip("-.")


def price_of(text: str, column: str) -> tuple[Decimal | None, str]:
    """Read a price such as "1,299.00", "US$45", "12,50" or "69.71 gbp".

    Returns:
        The amount, None for an empty cell or a zero; and the currency written with it: "cny",
        "usd", "" for none, or another currency as it stands.

    Raises:
        RowRefused: something else stands there.
    """
    text = text.strip()
    if not text:
        return None, ""
    match = _PRICE.fullmatch(text)
    if match is None or "-" in match["before"]:
        raise RowRefused(column, "bad_price", text)
    amount = _decimal(match["amount"])
    if amount is None or amount >= 10**8:
        raise RowRefused(column, "bad_price", text)
    mark = (match["before"] + match["after"]).strip().lower()
    return (amount or None), _CURRENCIES.get(mark, mark)


def currency_of(text: str) -> str:
    """The currency that a cell names: "cny", "usd", or another as it stands."""
    text = text.strip().lower()
    return _CURRENCIES.get(text, text)


def require_columns(columns: Sequence[str], needed: Sequence[str]) -> None:
    """Refuse columns among which a needed one is missing.

    Raises:
        Unreadable: names the first of them.
    """
    for column in needed:
        if column not in columns:
            raise Unreadable("column", column=column, found=", ".join(columns))


def check_lengths(product: FeedProduct, column_of: Callable[[str], str | None]) -> None:
    """Refuse a product without a SKU, or with a part that is too long to keep.

    Args:
        product: what was read.
        column_of: what the file calls "sku", "title", "brand", "category" and "audience".

    Raises:
        RowRefused: names the first part that is missing or too long.
    """
    if not product.sku:
        raise RowRefused(column_of("sku") or "sku", "no_sku")
    parts = [("sku", product.sku), ("brand", product.brand), ("category", product.category)]
    for text in product.texts.values():
        parts += [("title", text.title), ("audience", text.audience)]
    for name, value in parts:
        if len(value) > MOST_CHARS[name]:
            raise RowRefused(column_of(name) or name, "too_long", str(MOST_CHARS[name]))


def _decimal(amount: str) -> Decimal | None:
    """Read digits with dots and commas; the last mark is decimal unless it groups thousands."""
    if re.fullmatch(r"\d+,\d{1,2}", amount) or re.fullmatch(r"\d{1,3}(\.\d{3})+,\d{1,2}", amount):
        amount = amount.replace(".", "").replace(",", ".")
    elif not re.fullmatch(r"\d+(\.\d*)?|\d{1,3}(,\d{3})+(\.\d*)?", amount):
        return None
    return Decimal(amount.replace(",", "")).quantize(Decimal("0.01"))


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
