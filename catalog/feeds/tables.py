"""From a file to rows with their line numbers; a broken row costs only itself.

A table is read as it is asked for and never kept whole, and no single row may fill the memory.
"""

from __future__ import annotations

import csv
import itertools
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, TextIO

from catalog.feeds import markup, workbooks
from catalog.feeds.decoding import DAMAGED, open_text
from catalog.feeds.rows import MOST_CHARS_OF_A_ROW, Entry, RowRefused, Unreadable, row_of

csv.field_size_limit(MOST_CHARS_OF_A_ROW)

_DELIMITERS = ",\t;|"
_NO_TEXT = re.compile("[\ud800-\udfff]")  # halves of characters, and bytes that do not fit
_BETWEEN = re.compile(r"[\s,]*")
_WRAPPED = re.compile(r'\s*(?:\{\s*"(?:products|items|goods|data|rows)"\s*:\s*)?\[')
_CHUNK = 1 << 16  # characters that are read at once
_ENOUGH = 200  # entries whose names tell what an export is, where no header does
_MOST_ENDLESS = 20  # quotes without an end, each of which is looked for through a long row


@dataclass
class Table:
    """The rows of a file, to be gone through once.

    Args:
        header: the column names; for JSON and XML those that occur in the first entries.
        entries: each with the line on which it begins: a row, or why it could not be read.
        encoding: what the file is written in (see `decoding.open_text`), or "xlsx".
    """

    header: list[str]
    entries: Iterator[Entry]
    encoding: str


@contextmanager
def open_table(file: BinaryIO) -> Iterator[Table]:
    """Open a workbook, delimited text, XML, a JSON array, or JSON lines.

    Args:
        file: its bytes; it is read as the rows are asked for, and closed at the end.

    Raises:
        Unreadable: it is none of these, or holds no row. So may asking for its entries.
    """
    with ExitStack() as stack:
        stack.enter_context(file)
        file.seek(0)
        start = file.read(8)
        if start.startswith(workbooks.OLD):
            raise Unreadable("old_workbook")
        if start.startswith(workbooks.ZIP):
            header, entries = workbooks.open_sheet(file)
            encoding = "xlsx"
        else:
            text, encoding = open_text(file)
            header, entries = _open(stack.enter_context(text))
        try:
            first = next(entries)
        except StopIteration:
            raise Unreadable("empty") from None
        yield Table(header, itertools.chain([first], entries), encoding)


def _open(text: TextIO) -> tuple[list[str], Iterator[Entry]]:
    start = _start(text)
    if start[:1] == "<":
        return _with_header(markup.entries(text))
    if start[:1] in {"[", "{"}:
        return _with_header(_objects(text))
    return _delimited(text)


def _start(text: TextIO) -> str:
    """The first of what is not blank; then the text is at its beginning again."""
    start = ""
    while not start and (chunk := text.read(_CHUNK)):
        start = chunk.lstrip("\ufeff \t\r\n")
    text.seek(0)
    if not start:
        raise Unreadable("empty")
    return start


def _with_header(entries: Iterator[Entry]) -> tuple[list[str], Iterator[Entry]]:
    """The names in the first entries, in the order in which they occur, and all entries."""
    first = list(itertools.islice(entries, _ENOUGH))
    names = (name for _line, row in first if isinstance(row, dict) for name in row)
    return list(dict.fromkeys(names)), itertools.chain(first, entries)


# Delimited text ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Endless:
    """A line that is longer than any row may be; its end has been skipped."""


class _Lines:
    """The lines of a text, of which those that were read in vain can be given back."""

    def __init__(self, text: TextIO) -> None:
        self._text, self._waiting = text, deque[tuple[int, str | _Endless]]()
        self._number = 0

    def __iter__(self) -> Iterator[tuple[int, str | _Endless]]:
        while (line := self._next()) is not None:
            yield line

    def _next(self) -> tuple[int, str | _Endless] | None:
        if self._waiting:
            return self._waiting.popleft()
        line = self._text.readline(MOST_CHARS_OF_A_ROW)
        if not line:
            return None
        self._number += 1
        if self._number == 1:
            line = line.removeprefix("\ufeff")
        if len(line) < MOST_CHARS_OF_A_ROW or line.endswith(("\n", "\r")):
            return self._number, line
        while line and not line.endswith(("\n", "\r")):
            line = self._text.readline(MOST_CHARS_OF_A_ROW)
        return self._number, _Endless()

    def give_back(self, lines: Iterable[tuple[int, str | _Endless]]) -> None:
        """Read these again, in their order."""
        self._waiting.extendleft(reversed(list(lines)))


class _TooLong(Exception):
    """A row goes on for longer than any may."""


def _delimited(text: TextIO) -> tuple[list[str], Iterator[Entry]]:
    lines = _Lines(text)
    first = next((one for one in lines if isinstance(one[1], _Endless) or one[1].strip()), None)
    if first is None or isinstance(first[1], _Endless):
        raise Unreadable("table" if first else "empty")
    lines.give_back([first])
    delimiter = max(_DELIMITERS, key=lambda mark: _cells_of(first[1], mark))
    records = _records(lines, delimiter)
    _line, cells = next(records)
    header = [cell.strip() for cell in cells] if isinstance(cells, list) else []
    if len(header) < 2 or not all(header[:2]) or DAMAGED.search("".join(header)):
        raise Unreadable("table")
    return header, _rows(header, records)


def _rows(
    header: list[str], records: Iterator[tuple[int, list[str] | RowRefused]]
) -> Iterator[Entry]:
    """Each record as a row, or why it cannot be one; blank ones are none."""
    for line, cells in records:
        if isinstance(cells, RowRefused):
            yield line, cells
        elif any(cell.strip() for cell in cells):
            yield line, _row(header, cells)


def _row(header: list[str], cells: list[str]) -> dict[str, Any] | RowRefused:
    row = row_of(header, cells)
    if isinstance(row, dict):
        damaged = next((name for name, cell in row.items() if DAMAGED.search(cell)), None)
        return row if damaged is None else RowRefused(damaged, "bytes")
    return row


def _records(lines: _Lines, delimiter: str) -> Iterator[tuple[int, list[str] | RowRefused]]:
    """Cells by record, with the line each begins on, or why they cannot be told.

    A quote that is never closed would swallow the rest of the file. After such a line reading
    starts again on the next one.
    """
    taken: list[tuple[int, str]] = []  # the lines of the record that is being read
    endless = 0
    while True:
        reader = csv.reader(_taking(lines, taken), delimiter=delimiter, strict=True)
        try:
            for cells in reader:
                yield taken[0][0], cells
                taken.clear()
        except (csv.Error, _TooLong) as reason:
            (number, line), *rest = taken
            endless += bool(rest) and isinstance(reason, _TooLong)
            taken.clear()
            if endless > _MOST_ENDLESS:
                raise Unreadable("quotes", line=str(number)) from reason
            lines.give_back(rest)
            yield number, _lenient(line, delimiter)
        else:
            return


def _taking(lines: _Lines, taken: list[tuple[int, str]]) -> Iterator[str]:
    """The lines, as long as those taken for one record are no longer than a row may be."""
    length = 0
    for number, line in lines:
        if not taken:
            length = 0
        if isinstance(line, _Endless):
            if taken:
                lines.give_back([(number, line)])
            else:
                taken.append((number, ""))
            raise _TooLong
        taken.append((number, line))
        length += len(line)
        if length > MOST_CHARS_OF_A_ROW:
            raise _TooLong
        yield line


def _lenient(line: str, delimiter: str) -> list[str] | RowRefused:
    """One line with a stray quote, such as `"6" hose"`, if its quotes are at least in pairs."""
    if not line:
        return RowRefused("", "too_long_row", str(MOST_CHARS_OF_A_ROW))
    if line.count('"') % 2:
        return RowRefused("", "quotes")
    try:
        return next(csv.reader([line], delimiter=delimiter))
    except csv.Error:
        return RowRefused("", "quotes")


def _cells_of(line: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=delimiter)))
    except csv.Error:
        return 0


# JSON --------------------------------------------------------------------------------------------


def _objects(text: TextIO) -> Iterator[Entry]:
    """JSON as one array (also under a single name), as one object, else as a line an object."""
    start = text.read(MOST_CHARS_OF_A_ROW).removeprefix("\ufeff")
    if wrapped := _WRAPPED.match(start):
        return _elements(text, start, wrapped.end())
    try:
        return iter([(1, _object(json.loads(start)))])
    except (ValueError, RecursionError):  # so says a number of too many digits, too
        text.seek(0)
        return _json_lines(text)


def _elements(text: TextIO, buffer: str, at: int) -> Iterator[Entry]:
    """The elements of an array, one by one, with the line of each.

    Raises:
        Unreadable: it is no sound array.
    """
    line, seen = buffer.count("\n", 0, at) + 1, at
    while True:
        at = _BETWEEN.match(buffer, at).end()
        line += buffer.count("\n", seen, at)
        seen = at
        if at < len(buffer) and buffer[at] == "]":
            return
        try:
            value, end = json.JSONDecoder().raw_decode(buffer, at)
        except (ValueError, RecursionError):
            end = len(buffer)
        if end < len(buffer):  # what follows shows that a number is whole
            yield line, _object(value)
            line += buffer.count("\n", seen, end)
            at = seen = end
        elif len(buffer) - at <= MOST_CHARS_OF_A_ROW and (more := text.read(_CHUNK)):
            buffer, at, seen = buffer[at:] + more, 0, 0
        else:
            raise Unreadable("json", line=str(line))


def _json_lines(text: TextIO) -> Iterator[Entry]:
    """An object a line.

    Raises:
        Unreadable: no line is one.
    """
    broken, found = 0, False
    for number, line in _Lines(text):
        if isinstance(line, _Endless):
            yield number, RowRefused("", "too_long_row", str(MOST_CHARS_OF_A_ROW))
        elif line.strip():
            try:
                yield number, _object(json.loads(line))
                found = True
            except (ValueError, RecursionError):
                broken = broken or number
                yield number, RowRefused("", "json")
    if not found:
        raise Unreadable("json", line=str(broken or 1))


def _object(value: Any) -> dict[str, Any] | RowRefused:
    if not isinstance(value, dict):
        return RowRefused("", "not_an_object", str(value)[:120])
    written = json.dumps(value, ensure_ascii=False)
    if _NO_TEXT.search(written) or "\\u0000" in written:  # which no database takes
        return RowRefused("", "bytes")
    return value
