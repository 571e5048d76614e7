"""Rows of one product stand anywhere in a feed: they wait in a file until all of them are there."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from catalog.feeds.rows import MOST_CHARS_OF_A_ROW, Entry, PlacedRow, RowRefused, text_of

_SCHEMA = """
    CREATE TABLE row (place INTEGER PRIMARY KEY, line INTEGER, "group" TEXT, cells TEXT);
    CREATE TABLE other_name (name TEXT PRIMARY KEY, "group" TEXT) WITHOUT ROWID;
    CREATE TABLE refusal (place INTEGER PRIMARY KEY, "column" TEXT, code TEXT, value TEXT);
    CREATE TABLE sku (sku TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_INDEX = 'CREATE INDEX row_by_group ON row ("group", place)'
# Each row with its group's first place; rows that were refused unread have no group.
_GROUPED = """
    SELECT first, place, line, cells
    FROM (SELECT "group", MIN(place) AS first FROM row WHERE "group" IS NOT NULL GROUP BY "group")
    CROSS JOIN row USING ("group") ORDER BY first, place
"""
_REFUSED = """
    SELECT place, line, "column", code, value, cells FROM refusal JOIN row USING (place)
    ORDER BY place
"""
_MOST_CHARS_OF_A_PRODUCT = 10 * MOST_CHARS_OF_A_ROW  # in all of its rows, which are read together
_KEPT_VALUE = 120  # characters of what stood in a row that is refused


class Rows:
    """The rows of a feed by their places, counted from 1, in a database of their own.

    It is a file that nobody sees and that is gone when this is; what it holds in memory does not
    grow with it.

    Args:
        header: the column names; rows with no others are kept without them.
    """

    def __init__(self, header: Sequence[str]) -> None:
        self._header = list(dict.fromkeys(header))
        self._names = set(header)
        self._base = sqlite3.connect("")
        self._base.executescript(_SCHEMA)
        self.count = 0
        self.shares_lines = False  # whether several rows begin on one line

    def fill(self, entries: Iterable[Entry], dialect: Any) -> None:
        """Keep what a table holds, each row with the group that a dialect puts it in."""
        last = 0
        for line, found in entries:
            self.count += 1
            self.shares_lines |= line == last
            last = line
            if isinstance(found, RowRefused):
                self._keep(line, None, None)
                self.refuse(self.count, found)
                continue
            row = found
            if dialect.is_text and not all(isinstance(cell, str) for cell in found.values()):
                row = {name: text_of(cell) for name, cell in found.items()}
            group = dialect.group(row) or f"\0{self.count}"
            self._keep(line, group, self._pack(row))
            for name in dialect.other_names(row):
                self._base.execute("INSERT OR IGNORE INTO other_name VALUES (?, ?)", (name, group))
        self._base.execute(_INDEX)
        self._base.execute(
            'UPDATE row SET "group" = (SELECT other_name."group" FROM other_name WHERE name = '
            'row."group") WHERE "group" IN (SELECT name FROM other_name)'
        )

    def groups(self) -> Iterator[tuple[int, int, list[PlacedRow]]]:
        """The rows of each product, in the order of their first rows; too many are refused.

        With the line of the first (the number of its entry, where several begin on one line), and
        how many rows there are.
        """
        found = self._base.execute(_GROUPED)
        for first, rows in groupby(found, key=itemgetter(0)):
            group, length, count, begun = [], 0, 0, first
            for _same, place, line, cells in rows:
                count += 1
                if place == first and not self.shares_lines:
                    begun = line
                length += len(cells)
                if length <= _MOST_CHARS_OF_A_PRODUCT:
                    group.append((place, self._unpack(cells)))
                else:
                    value = str(_MOST_CHARS_OF_A_PRODUCT)
                    self.refuse(place, RowRefused("", "too_many_rows", value))
            yield begun, count, group

    def refuse(self, place: int, refused: RowRefused) -> None:
        """Note why a row is not taken."""
        value = refused.value[:_KEPT_VALUE]
        self._base.execute(
            "INSERT OR REPLACE INTO refusal VALUES (?, ?, ?, ?)",
            (place, refused.column, refused.code, value),
        )

    def is_new(self, sku: str) -> bool:
        """Whether no product before had this SKU; from now on one has."""
        return self._base.execute("INSERT OR IGNORE INTO sku VALUES (?)", (sku,)).rowcount > 0

    @property
    def refused(self) -> int:
        """How many rows were refused."""
        return self._base.execute("SELECT COUNT(*) FROM refusal").fetchone()[0]

    def refusals(self) -> Iterator[tuple[int, int, RowRefused, dict[str, Any]]]:
        """Each row that was refused: its place, its line, why, and what is known of it."""
        for place, line, column, code, value, cells in self._base.execute(_REFUSED):
            yield place, line, RowRefused(column, code, value), self._unpack(cells)

    def _keep(self, line: int, group: str | None, cells: str | None) -> None:
        self._base.execute("INSERT INTO row VALUES (?, ?, ?, ?)", (self.count, line, group, cells))

    def _pack(self, row: dict[str, Any]) -> str:
        if row.keys() <= self._names:
            return json.dumps([row.get(name, "") for name in self._header], ensure_ascii=False)
        return json.dumps(row, ensure_ascii=False)

    def _unpack(self, cells: str | None) -> dict[str, Any]:
        row = json.loads(cells) if cells else {}
        return dict(zip(self._header, row, strict=True)) if isinstance(row, list) else row
