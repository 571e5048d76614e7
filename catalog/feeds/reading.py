"""The one way in: a file to products, refusals and remarks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, BinaryIO

from catalog.feeds import generic, google, shopify, spree, woocommerce
from catalog.feeds.gathering import Rows
from catalog.feeds.rows import (
    Entry,
    FeedProduct,
    PlacedRow,
    Refusal,
    Refuse,
    RowRefused,
    Unreadable,
    text_of,
)
from catalog.feeds.tables import Table, open_table


@dataclass(frozen=True)
class Dialect:
    """How the rows of a kind of feed become products.

    Args:
        group: what rows of one product share; "" for a row that is alone.
        gather: makes the product, or refuses each of its rows.
        require: refuses columns among which one is missing.
        other_names: what else rows may call the group of this one by.
        left_out: those of some columns that hold no facts.
        is_text: whether all cells are text, whatever the file makes of them.
    """

    group: Callable[[dict[str, Any]], str]
    gather: Callable[[Sequence[PlacedRow], Refuse], FeedProduct | None]
    require: Callable[[Sequence[str]], None]
    other_names: Callable[[dict[str, Any]], Sequence[str]] = lambda _row: ()
    left_out: Callable[[Sequence[str]], list[str]] = lambda _columns: []
    is_text: bool = True


_DIALECTS = {
    "shopify": Dialect(shopify.group, shopify.gather, shopify.require),
    "woocommerce": Dialect(
        woocommerce.group, woocommerce.gather, woocommerce.require, woocommerce.other_names
    ),
    "spree": Dialect(spree.group, spree.gather, spree.require),
    "google": Dialect(google.group, google.gather, google.require, is_text=False),
    "generic": Dialect(
        generic.group, generic.gather, generic.require, left_out=generic.left_out, is_text=False
    ),
}
FORMATS = ("auto", *_DIALECTS)


_SEEN = 20  # rows of which a column's first values are told
_SAMPLES, _SAMPLE_CHARS, _MOST_COLUMNS = 3, 60, 200


@dataclass(frozen=True)
class Column:
    """A column of a plain table.

    Args:
        name: as the file has it.
        role: what it is read as, one of `generic.ROLES`.
        samples: its first values.
    """

    name: str
    role: str
    samples: Sequence[str] = ()


Roles = Mapping[str, str]  # what columns are read as, by their names, where somebody said so


class Reading:
    """A feed of which every row has been read, and whose products are made one by one.

    Args:
        format: the dialect it is read as.
        encoding: what it is written in (see `tables.Table`).
        rows: what its table held.
        left_out: columns that hold no facts.
        columns: of a plain table; other dialects know their own.
        names: by the names that columns were given for being read, those that the file has.
    """

    def __init__(
        self,
        format: str,  # noqa: A002
        encoding: str,
        rows: Rows,
        left_out: Sequence[str] = (),
        columns: Sequence[Column] = (),
        names: Mapping[str, str] | None = None,
    ) -> None:
        self.format, self.encoding, self.left_out = format, encoding, list(left_out)
        self.columns, self._names = list(columns), names or {}
        self.gone = 0  # rows gone through so far, but those that could not be read
        self.merged = 0  # rows of products made so far that are not their first
        self.other_currencies: Counter[str] = Counter()  # prices that are not kept, so far
        self._rows = rows

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return self._rows.count

    @property
    def counts_entries(self) -> bool:
        """Whether several rows begin on one line, so that they go by their numbers."""
        return self._rows.shares_lines

    @property
    def refused(self) -> int:
        """How many of them are refused, as far as products have been made."""
        return self._rows.refused

    def products(self, *, after: int = 0) -> Iterator[FeedProduct]:
        """Make the products, in the order of their first rows; to be gone through once.

        Args:
            after: as many rows were gone through before (`gone`): their products are left out. All
                else is counted as if they were not.
        """
        gather = _DIALECTS[self.format].gather
        for line, count, group in self._rows.groups():
            refused: dict[int, RowRefused] = {}
            product = gather(group, refused.__setitem__)
            if product and not self._takes(product):
                taken = (place for place, _row in group if place not in refused)
                refused |= dict.fromkeys(taken, RowRefused("", "duplicate_sku", product.sku))
                product = None
            for place, reason in refused.items():
                self._rows.refuse(place, reason)
            if product:
                self.merged += len(group) - len(refused) - 1
                self._leave_out_other_currencies(product)
            self.gone += count
            if product and self.gone > after:
                product.line = line
                yield product

    def refusals(self) -> Iterator[Refusal]:
        """The rows that are refused, as far as products have been made, in their order."""
        for place, line, reason, row in self._rows.refusals():
            entry = place if self.counts_entries else None
            column, names = self._names.get(reason.column, reason.column), self._names
            own = {names.get(name, name): cell for name, cell in row.items()}
            yield Refusal(place, line, entry, column, reason.code, reason.value, own)

    def _takes(self, product: FeedProduct) -> bool:
        """Whether its SKU is no other product's; else it goes by its handle, if it has one."""
        if self._rows.is_new(product.sku):
            return True
        taken, product.sku = product.sku, product.handle
        if product.sku and self._rows.is_new(product.sku):
            return True
        product.sku = taken
        return False

    def _leave_out_other_currencies(self, product: FeedProduct) -> None:
        for currency in product.prices.keys() - {"cny", "usd"}:
            del product.prices[currency]
            self.other_currencies[currency] += 1


def read_feed(
    file: BinaryIO,
    *,
    format: str = "auto",  # noqa: A002
    roles: Callable[[Sequence[str]], Roles] = lambda _header: {},
) -> Reading:
    """Read a product feed, however long it is, in the same memory.

    Args:
        file: its bytes; it is closed afterwards, whatever comes of it.
        format: one of FORMATS; "auto" tells by the columns.
        roles: gives, for the first 200 column names of a plain table, those of notes left out, what
            somebody said that they are.

    Raises:
        Unreadable: the file is no feed, or lacks a column that its format needs; the `columns` of a
            plain table are told with that.
    """
    with open_table(file) as table:
        name = _told(table.header) if format == "auto" else format
        dialect = _DIALECTS[name]
        columns = _columns(table, roles) if name == "generic" else []
        renamed = {one.name: generic.renamed(one.name, one.role) for one in columns}
        names = {new: own for own, new in renamed.items() if new != own}
        header = [renamed.get(column, column) for column in table.header]
        try:
            dialect.require(header)
        except Unreadable as reason:
            reason.columns = columns
            reason.facts |= {"found": ", ".join(table.header)} if columns else {}
            raise
        rows = Rows(header)
        rows.fill(_with_names(table.entries, renamed) if names else table.entries, dialect)
    left_out = [names.get(column, column) for column in dialect.left_out(header)]
    return Reading(name, table.encoding, rows, left_out, columns, names)


def _columns(table: Table, roles: Callable[[Sequence[str]], Roles]) -> list[Column]:
    """The columns of a plain table, as somebody said that they are or as their names tell."""
    first = list(islice(table.entries, _SEEN))
    table.entries = chain(first, table.entries)
    known = [column for column in dict.fromkeys(table.header) if not column.startswith("#")]
    known = known[:_MOST_COLUMNS]
    said = roles(known)
    return [
        Column(column, said.get(column, generic.role(column)), _samples(column, first))
        for column in known
    ]


def _samples(column: str, entries: Sequence[Entry]) -> list[str]:
    """The first values of a column that hold anything."""
    found = (row.get(column) for _line, row in entries if isinstance(row, dict))
    told = (text_of(value).strip()[:_SAMPLE_CHARS] for value in found if value)
    return list(islice(dict.fromkeys(text for text in told if text), _SAMPLES))


def _with_names(entries: Iterable[Entry], names: Mapping[str, str]) -> Iterator[Entry]:
    """Rows under other names; of two cells with one name the first that holds anything."""
    for line, row in entries:
        if isinstance(row, RowRefused):
            yield line, row
            continue
        told: dict[str, Any] = {}
        for column, cell in row.items():
            name = names.get(column, column)
            if not told.get(name):
                told[name] = cell
        yield line, told


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
    return "google" if google.is_told(columns) else "generic"
