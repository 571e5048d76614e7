"""From bytes to rows with their line numbers, whatever the encoding and the delimiter."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from catalog.feeds.rows import Unreadable

_DELIMITERS = ",\t;|"
csv.field_size_limit(4_000_000)

Row = tuple[int, dict[str, str]]


def decode(content: bytes) -> str:
    """Read text in UTF-8, UTF-16 with a mark, or GB18030.

    Raises:
        Unreadable: it is none of these; Latin-1 is not guessed, for it would accept anything.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable("encoding")


def table(text: str) -> tuple[list[str], list[Row]]:
    """Read a delimited table: its header, and its rows with the line on which each begins.

    Raises:
        Unreadable: it has no header, or no row under it.
    """
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header: list[str] = []
    rows: list[Row] = []
    line = 1
    for cells in _cells(reader):
        if not header:
            header = [cell.strip() for cell in cells] if any(cells) else []
        elif any(cell.strip() for cell in cells):
            rows.append((line, dict(zip(header, map(str.strip, cells), strict=False))))
        line = reader.line_num + 1
    if len(header) < 2:
        raise Unreadable("table")
    if not rows:
        raise Unreadable("empty")
    return header, rows


def objects(text: str) -> Iterator[tuple[int, Any]]:
    """Read a JSON array, or JSON lines, as (line or place, object).

    Raises:
        Unreadable: it is no JSON; the line is named.
    """
    if text.lstrip().startswith("["):
        try:
            yield from enumerate(json.loads(text), start=1)
        except json.JSONDecodeError as reason:
            raise Unreadable("json", line=str(reason.lineno)) from reason
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except json.JSONDecodeError as reason:
                raise Unreadable("json", line=str(number)) from reason


def _cells(reader: Any) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as reason:
        raise Unreadable("csv", line=str(reader.line_num)) from reason
