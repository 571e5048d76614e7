"""What a reader gives: products, and the rows that it had to refuse."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

import nh3

_HAN = re.compile(r"[\u4e00-\u9fff]")
_BREAK = re.compile(r"<\s*(?:br|/p|/li|/div|/h\d)[^>]*>", re.IGNORECASE)
_PRICE = re.compile(r"^\D{0,4}\s*(\d[\d,]*(?:\.\d+)?)\s*[A-Za-z]{0,4}\s*元?$")


class Unreadable(Exception):
    """The whole file is no feed; the arguments say why, for `str.format` in the reader's words."""

    def __init__(self, code: str, **facts: str) -> None:
        self.code, self.facts = code, facts
        super().__init__(code)


@dataclass(frozen=True)
class Refusal:
    """A row that was not taken: where, and which rule it broke.

    Args:
        line: the line of the file, counted from 1, on which the row begins.
        column: the column at fault, as the file names it, or "" for the whole row.
        code: the rule: "no_title", "no_sku", "bad_price", "not_an_object", "duplicate_sku".
        value: what stood there.
    """

    line: int
    column: str
    code: str
    value: str = ""


@dataclass
class FeedProduct:
    """One product of a feed, its variants gathered in its attributes."""

    line: int
    sku: str
    title: str
    brand: str = ""
    category: str = ""
    description: str = ""
    audience: str = ""
    price: Decimal | None = None
    currency: str = ""
    language: str = ""
    attributes: list[list[str]] = field(default_factory=list)

    def add(self, key: str, value: str) -> None:
        """Note a fact; further values of a key are listed after the first."""
        key, value = key.strip(), value.strip()
        if not key or not value:
            return
        for pair in self.attributes:
            if pair[0] == key:
                if value not in pair[1].split(", "):
                    pair[1] = f"{pair[1]}, {value}"
                return
        self.attributes.append([key, value])


@dataclass
class Reading:
    """What a feed held."""

    format: str
    products: list[FeedProduct] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    def refuse(self, line: int, column: str, code: str, value: str = "") -> None:
        """Note a row that cannot be taken."""
        self.refusals.append(Refusal(line, column, code, value[:120]))


def plain(html: str) -> str:
    """The text of an HTML cell: tags gone, breaks as line ends, entities read."""
    if "<" not in html and "&" not in html:
        return re.sub(r"[ \t]+", " ", html).strip()
    text = nh3.clean(_BREAK.sub("\n", html), tags=set())
    for entity, letter in (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&amp;", "&")):
        text = text.replace(entity, letter)
    lines = (re.sub(r"\s+", " ", line).strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def language_of(text: str) -> str:
    """The language that a title is written in: Chinese as soon as it holds Chinese characters."""
    return "zh-hans" if _HAN.search(text) else "en"


def price_of(text: str) -> Decimal | None:
    """Read a price such as "1,299.00", "US$45" or "69.71 gbp"; no price in an empty cell.

    Raises:
        ValueError: something else stands there.
    """
    text = text.strip()
    if not text:
        return None
    match = _PRICE.match(text)
    if match is None:
        raise ValueError(text)
    try:
        return Decimal(match[1].replace(",", "")) or None
    except InvalidOperation as reason:
        raise ValueError(text) from reason
