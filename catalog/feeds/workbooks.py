"""Excel workbooks: the rows of their first sheet that holds any, read one by one."""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any, BinaryIO

from catalog.feeds.rows import MOST_CHARS_OF_A_ROW, Entry, Unreadable, row_of

ZIP = b"PK\x03\x04"
OLD = b"\xd0\xcf\x11\xe0"  # the workbooks that Excel wrote before 2007

_MOST_BYTES = 1_000_000_000  # of a workbook that is unpacked
_MOST_SHARED_BYTES = 60_000_000  # of its strings, which are all kept while its sheets are read
_MOST_ROWS = 1_048_576  # of a sheet, by Excel's own limit
_MOST_UNENDED = 10 * MOST_CHARS_OF_A_ROW  # bytes without the end of a row among them
_CHUNK = 1 << 20
# The parts that are read; a workbook has others, such as pictures.
_READ = re.compile(
    r"xl/(?:worksheets/[^/]+|sharedStrings|styles|workbook)\.xml|.*\.rels|\[Content_Types\]\.xml"
)
_BETWEEN = re.compile(rb"</row\b|</si\b")


def open_sheet(file: BinaryIO) -> tuple[list[str], Iterator[Entry]]:
    """The column names of a workbook's first sheet with rows, and its further rows.

    A formula is what it came to when the workbook was saved; it is not evaluated.

    Raises:
        Unreadable: it is damaged, holds no table, or would unpack to more than fits.
    """
    _require_fit(file)
    # Here, since it brings NumPy along, which pages have no use for.
    from openpyxl import load_workbook  # noqa: PLC0415
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        with warnings.catch_warnings(action="ignore"):  # of styles that it does not know
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except (*_DAMAGED, InvalidFileException) as reason:
        raise Unreadable("damaged_workbook") from reason
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what a sheet says of its size may be wrong
        rows = _rows(sheet)
        for _number, cells in rows:
            names = [_text(cell) for cell in cells]
            if sum(map(bool, names)) > 1:  # a line above the table has one cell
                return names, _entries(names, rows)
    raise Unreadable("empty")


# What damaged parts of a workbook make openpyxl, and the XML and ZIP readers below it, raise.
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, LookupError, ValueError, TypeError, AttributeError, OSError,
    EOFError, RuntimeError, SyntaxError,
)  # fmt: skip


def _rows(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The rows with their numbers.

    Raises:
        Unreadable: the sheet is damaged.
    """
    try:
        yield from enumerate(sheet.iter_rows(max_row=_MOST_ROWS, values_only=True), start=1)
    except _DAMAGED as reason:
        raise Unreadable("damaged_workbook") from reason


def _entries(names: list[str], rows: Iterator[tuple[int, tuple[Any, ...]]]) -> Iterator[Entry]:
    for number, cells in rows:
        texts = [_text(cell) for cell in cells]
        if any(texts):
            yield number, row_of(names, texts)


def _text(cell: Any) -> str:
    """A cell as it would stand in a table of text."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime) and cell.time() == time():
        return str(cell.date())
    return str(cell).strip()


def _require_fit(file: BinaryIO) -> None:
    """Refuse what would fill the memory, before anything of it is kept.

    Raises:
        Unreadable: it does, or is no sound archive.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            shared = sum(part.file_size for part in parts if "sharedStrings" in part.filename)
            if sum(part.file_size for part in parts) > _MOST_BYTES or shared > _MOST_SHARED_BYTES:
                raise Unreadable("too_large")
            for part in parts:
                if _READ.fullmatch(part.filename):
                    _require_harmless(archive, part)
    except _DAMAGED as reason:
        raise Unreadable("damaged_workbook") from reason


def _require_harmless(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refuse a part that declares entities, or whose rows do not end: each is read whole."""
    length, left = 0, b""
    with archive.open(part) as packed:
        while chunk := packed.read(_CHUNK):
            text = left + chunk
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                raise Unreadable("dtd")
            *ended, last = _BETWEEN.split(text)
            length = len(last) + (0 if ended else length - len(left))
            if length > _MOST_UNENDED:
                raise Unreadable("too_large")
            left = last[-8:]  # what is looked for may stand on both sides of the border
