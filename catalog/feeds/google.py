"""Google Merchant feeds, as tab-separated text or as RSS or Atom.

Text that a program wrote stands, with its source, in `structured_title` and
`structured_description`.
Rows of one `item_group_id` are variants of one product.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from catalog.feeds import generic
from catalog.feeds.rows import FeedProduct, PlacedRow, Refuse, Unreadable, snake, text_of

_OWN = {
    "availability", "condition", "gtin", "mpn", "link", "image_link", "google_product_category",
    "item_group_id", "structured_title", "structured_description", "shipping", "identifier_exists",
}  # fmt: skip
_KEPT = ("id", "item_group_id", "brand", "price")
_FACTS = (
    "color", "size", "size_type", "size_system", "material", "pattern", "gender", "age_group",
    "multipack", "energy_efficiency_class", "product_length", "product_width",
    "product_height", "product_weight", "unit_pricing_measure",
)  # fmt: skip
_STRUCTURED = re.compile(
    r'\s*(?:default|trained_algorithmic_media)\s*:\s*"(?P<text>.*)"\s*', re.DOTALL
)
_DETAIL = re.compile(r'(?:^|,)\s*(?:"([^"]*)"|([^:,"]*)):(?:"([^"]*)"|([^:,"]*)):("[^"]*"|[^,]*)')


def is_told(columns: Iterable[str]) -> bool:
    """Whether columns are those of such a feed."""
    names = {snake(column) for column in columns}
    return "id" in names and bool(names & {"title", "structured_title"}) and len(names & _OWN) > 1


def require(columns: Sequence[str]) -> None:
    """Refuse a table that cannot be read.

    Raises:
        Unreadable: it has no ids, or no titles.
    """
    names = {snake(column) for column in columns}
    if "id" not in names:
        raise Unreadable("column", column="id", found=", ".join(columns))
    if not names & {"title", "structured_title"}:
        raise Unreadable("column", column="title", found=", ".join(columns))


def group(row: dict[str, Any]) -> str:
    """The id of the product, or of its group."""
    return generic.group(_plain(row))


def gather(rows: Sequence[PlacedRow], refuse: Refuse) -> FeedProduct | None:
    """Make one product of the rows of an id or a group."""
    return generic.gather([(place, _plain(row)) for place, row in rows], refuse)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row by the names that any table may have."""
    named = {snake(column): value for column, value in row.items()}
    plain = {name: text_of(named.get(name)) for name in _KEPT}
    for name in ("title", "description"):
        plain[name] = text_of(named.get(name)) or _structured(named.get(f"structured_{name}"))
    category = text_of(named.get("google_product_category"))
    plain["product_type"] = text_of(named.get("product_type")) or (
        "" if category.isdigit() else category  # a number of Google's own list
    )
    facts = [[name.replace("_", " "), text_of(named.get(name))] for name in _FACTS]
    return plain | {"attributes": [*facts, *_details(named.get("product_detail"))]}


def _structured(value: Any) -> str:
    """The text of `trained_algorithmic_media:"text"`, or of an object with its content."""
    if isinstance(value, dict):
        return text_of(value.get("content"))
    found = _STRUCTURED.fullmatch(text_of(value))
    return found["text"].replace('""', '"') if found else text_of(value)


def _details(value: Any) -> list[list[str]]:
    """Facts with a name: objects, or text such as `General:Weight:2 kg,General:Colour:"a, b"`."""
    if isinstance(value, str):
        found = (match.groups() for match in _DETAIL.finditer(value))
        return [[name or quoted, text.strip('"')] for _s, _q, quoted, name, text in found]
    details = value if isinstance(value, list) else [value]
    return [
        [text_of(one.get("attribute_name")), text_of(one.get("attribute_value"))]
        for one in details
        if isinstance(one, dict)
    ]
