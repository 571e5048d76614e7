"""From text to rows with their line numbers; a broken row costs only itself."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from catalog.feeds.decoding import DAMAGED
from catalog.feeds.rows import Note, Unreadable

_DELIMITERS = ",\t;|"
_BETWEEN = re.compile(r"[\s,]*")
_WRAPPED = re.compile(r'\s*(?:\{\s*"(?:products|items|goods|data|rows)"\s*:\s*)?\[')

Row = tuple[int, dict[str, Any]]


@dataclass
class Table:
    """Rows with the line on which each begins, and those that could not be read.

    Args:
        header: the column names; for JSON every name that occurs.
        lines: empty; or, where entries of a JSON file share a line, the line of each by its
            number, and then rows and refusals have that number in the place of the line.
    """

    header: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    refusals: list[Note] = field(default_factory=list)
    lines: dict[int, int] = field(default_factory=dict)


def read_table(text: str) -> Table:
    """Read delimited text, a JSON array, or JSON lines.

    Raises:
        Unreadable: it is none of these, or holds no row.
    """
    table = _objects(text) if text.lstrip()[:1] in {"[", "{"} else _delimited(text)
    if not table.rows and not table.refusals:
        raise Unreadable("empty")
    return table


def _delimited(text: str) -> Table:
    lines = list(io.StringIO(text, newline=""))
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    delimiter = max(_DELIMITERS, key=lambda mark: _cells_of(lines[first], mark))
    records = _records(lines, first, delimiter)
    line, cells = next(records)
    table = Table(header=[cell.strip() for cell in cells or []])
    if len(table.header) < 2 or not all(table.header[:2]) or DAMAGED.search("".join(cells or [])):
        raise Unreadable("table")
    for line, cells in records:
        if cells is not None and not any(cell.strip() for cell in cells):
            continue
        _take(table, line, cells)
    return table


def _take(table: Table, line: int, cells: list[str] | None) -> None:
    """Add a record as a row, or note why it cannot be one."""
    width = len(table.header)
    if cells is None or any(cell.strip() for cell in cells[width:]):
        code = "quotes" if cells is None else "cells"
        table.refusals.append(Note(line, "", code, "" if cells is None else str(len(cells))))
        return
    row: dict[str, Any] = {}
    for name, cell in zip(table.header, cells, strict=False):
        if DAMAGED.search(cell):
            table.refusals.append(Note(line, name, "bytes"))
            return
        row[name] = row.get(name) or cell.strip()
    table.rows.append((line, row))


def _records(lines: list[str], at: int, delimiter: str) -> Iterator[tuple[int, list[str] | None]]:
    """Cells by record, with the line each begins on; None where quotes cannot be followed.

    A quote that is never closed would swallow the rest of the file. After such a line reading
    starts again on the next one.
    """
    while at < len(lines):
        rest = (lines[number] for number in range(at, len(lines)))
        reader = csv.reader(rest, delimiter=delimiter, strict=True)
        start, begin = at, at
        try:
            for cells in reader:
                yield start + 1, cells
                start = begin + reader.line_num
            at = len(lines)
        except csv.Error:
            yield start + 1, _lenient(lines[start], delimiter)
            at = start + 1


def _lenient(line: str, delimiter: str) -> list[str] | None:
    """One line with a stray quote, such as `"6" hose"`, if its quotes are at least in pairs."""
    if line.count('"') % 2:
        return None
    try:
        return next(csv.reader([line], delimiter=delimiter))
    except csv.Error:
        return None


def _cells_of(line: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=delimiter)))
    except csv.Error:
        return 0


def _objects(text: str) -> Table:
    """JSON as one array (also under a single name), as one object, else as a line an object."""
    table = Table()
    wrapped = _WRAPPED.match(text)
    try:
        whole = json.loads(text)
    except json.JSONDecodeError as reason:
        if wrapped:
            raise Unreadable("json", line=str(reason.lineno)) from reason
        _json_lines(text, table)
    else:
        if wrapped:
            _take_elements(_elements(text, wrapped.end()), table)
        else:
            _take_object(table, 1, whole)
    for _line, row in table.rows:
        table.header.extend(name for name in row if name not in table.header)
    return table


def _take_elements(found: list[tuple[int, Any]], table: Table) -> None:
    """Take elements by their lines, or by their numbers if a line holds more than one."""
    if len({line for line, _value in found}) < len(found):
        table.lines = {number: line for number, (line, _value) in enumerate(found, start=1)}
        found = [(number, value) for number, (_line, value) in enumerate(found, start=1)]
    for place, value in found:
        _take_object(table, place, value)


def _elements(text: str, at: int) -> list[tuple[int, Any]]:
    """Read the elements of a sound array one by one, so that each has its line."""
    found: list[tuple[int, Any]] = []
    decoder, line, seen = json.JSONDecoder(), 1, 0
    while True:
        at = _BETWEEN.match(text, at).end()
        if text[at] == "]":
            return found
        line += text.count("\n", seen, at)
        seen = at
        value, at = decoder.raw_decode(text, at)
        found.append((line, value))


def _json_lines(text: str, table: Table) -> None:
    for number, line in enumerate(io.StringIO(text), start=1):
        if not line.strip():
            continue
        try:
            _take_object(table, number, json.loads(line))
        except json.JSONDecodeError:
            table.refusals.append(Note(number, "", "json"))
    if not table.rows:
        raise Unreadable("json", line=str(table.refusals[0].line))


def _take_object(table: Table, line: int, value: Any) -> None:
    if not isinstance(value, dict):
        table.refusals.append(Note(line, "", "not_an_object", str(value)[:120]))
    elif DAMAGED.search(json.dumps(value, ensure_ascii=False)):
        table.refusals.append(Note(line, "", "bytes"))
    else:
        table.rows.append((line, value))
