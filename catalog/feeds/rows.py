"""What a reader gives: products, the rows it had to refuse, and what it read its own way."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from decimal import Decimal

import nh3

from catalog.choices import Language

MOST_CHARS = {"sku": 64, "title": 255, "audience": 255, "brand": 120, "category": 80}

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


class Unreadable(Exception):
    """The whole file is no feed; `code` says why and `facts` fill the sentence about it."""

    def __init__(self, code: str, **facts: str) -> None:
        self.code, self.facts = code, facts
        super().__init__(code)


@dataclass(frozen=True)
class Note:
    """Something to tell about a row: why it was refused, or what was left out of it.

    Args:
        line: the line of the file, counted from 1, on which the row begins.
        column: the column at fault, as the file names it, or "" for the whole row.
        code: the rule; `catalog.importing` has its sentence.
        value: what stood there.
    """

    line: int
    column: str
    code: str
    value: str = ""


class RowRefused(Exception):
    """A row that cannot be taken; the reader notes it and goes on."""

    def __init__(self, column: str, code: str, value: str = "") -> None:
        self.column, self.code, self.value = column, code, value
        super().__init__(code)


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
        line: the line on which its first row begins.
        sku: its name in addresses and in the database.
        brand: the brand's name, or "".
        category: the name of the innermost category, or "".
        prices: by currency, "cny" and "usd" only.
        texts: what is said of it, by language.
    """

    line: int
    sku: str
    brand: str = ""
    category: str = ""
    prices: dict[str, Decimal] = field(default_factory=dict)
    texts: dict[str, FeedText] = field(default_factory=dict)

    def add(self, name: str, value: str) -> None:
        """Note a fact in every language the feed has for this product."""
        for text in self.texts.values():
            text.add(name, value)


@dataclass
class Reading:
    """What a feed held.

    Args:
        format: the dialect it was read as.
        merged: rows that belong to a product of an earlier row: variants, pictures, repeats.
        lines: empty, or the line of each entry by its number (see `tables.Table`).
    """

    format: str
    encoding: str = "utf-8"
    products: list[FeedProduct] = field(default_factory=list)
    merged: int = 0
    refusals: list[Note] = field(default_factory=list)
    remarks: list[Note] = field(default_factory=list)
    lines: dict[int, int] = field(default_factory=dict)

    def refuse(self, line: int, refused: RowRefused) -> None:
        """Note a row that cannot be taken."""
        self.refusals.append(Note(line, refused.column, refused.code, refused.value[:120]))

    def remark(self, line: int, column: str, code: str, value: str = "") -> None:
        """Note what was read differently than it stands."""
        self.remarks.append(Note(line, column, code, value[:400]))


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


def check_lengths(product: FeedProduct, columns: dict[str, str]) -> None:
    """Refuse a product without a SKU, or with a part that is too long to keep.

    Args:
        product: what was read.
        columns: what the file calls "sku", "title", "brand", "category" and "audience".

    Raises:
        RowRefused: names the first part that is missing or too long.
    """
    if not product.sku:
        raise RowRefused(columns.get("sku", "sku"), "no_sku")
    parts = [("sku", product.sku), ("brand", product.brand), ("category", product.category)]
    for text in product.texts.values():
        parts += [("title", text.title), ("audience", text.audience)]
    for name, value in parts:
        if len(value) > MOST_CHARS[name]:
            raise RowRefused(columns.get(name, name), "too_long", str(MOST_CHARS[name]))


def _decimal(amount: str) -> Decimal | None:
    """Read digits with dots and commas; the last mark is decimal unless it groups thousands."""
    if re.fullmatch(r"\d+,\d{1,2}", amount) or re.fullmatch(r"\d{1,3}(\.\d{3})+,\d{1,2}", amount):
        amount = amount.replace(".", "").replace(",", ".")
    elif not re.fullmatch(r"\d+(\.\d*)?|\d{1,3}(,\d{3})+(\.\d*)?", amount):
        return None
    return Decimal(amount.replace(",", "")).quantize(Decimal("0.01"))


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
