"""XML feeds: RSS and Atom with Google's names, and XML of a plain kind; read item by item."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TextIO
from xml.sax import ContentHandler, SAXParseException

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import create_parser

from catalog.feeds.rows import MOST_CHARS_OF_A_ROW, Entry, RowRefused, Unreadable

_ITEMS = {"item", "entry", "product", "offer", "goods", "record", "row"}
_CHUNK = 1 << 16  # characters that are read at once
_MOST_DEEP = 100  # names in one another
_MOST_UNENDED = 10 * MOST_CHARS_OF_A_ROW  # characters without the end of a tag among them


def entries(text: TextIO) -> Iterator[Entry]:
    """The items of a feed, each with its line: names without prefix, and what stands in them.

    A name that comes again has a list; one that has names in it, an object.

    Raises:
        Unreadable: it is no sound XML, or declares a type of its own, which may hold traps.
    """
    items, unended = _Items(), 0
    parser = create_parser(forbid_dtd=True)
    parser.setContentHandler(items)
    items.setDocumentLocator(parser)  # which it does by itself only where it reads a whole file
    try:
        while chunk := text.read(_CHUNK):
            end = chunk.rfind(">")
            unended = len(chunk) - end - 1 + (unended if end < 0 else 0)
            if unended > _MOST_UNENDED or items.depth > _MOST_DEEP:
                raise Unreadable("too_large")
            parser.feed(chunk.removeprefix("\ufeff"))
            yield from items.taken()
        parser.close()
    except SAXParseException as reason:
        raise Unreadable("xml", line=str(reason.getLineNumber())) from reason
    except UnicodeEncodeError as reason:  # a byte that does not fit the encoding
        raise Unreadable("xml", line=str(parser.getLineNumber())) from reason
    except DefusedXmlException as reason:
        raise Unreadable("dtd") from reason
    yield from items.taken()


class _Items(ContentHandler):
    """Keeps the items that have ended until they are taken.

    Attributes:
        depth: how many names are open in one another.
    """

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self._done: list[Entry] = []
        self._path: list[str] = []  # the names from the item down to where the reader is
        self._open: list[dict[str, Any]] = []  # what stands in each of them
        self._words: list[str] = []
        self._length = self._line = 0

    def taken(self) -> list[Entry]:
        """Those that have ended since they were last taken."""
        done, self._done = self._done, []
        return done

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802 - so it is called
        """Begin an item, or a name in one."""
        self.depth += 1
        local = name.rpartition(":")[2]
        if not self._path:
            if local not in _ITEMS:
                return
            self._line, self._length = self._locator.getLineNumber(), 0
        self._length += len(name)
        self._path.append(local)
        self._open.append({key: value for key, value in attrs.items() if len(self._path) == 1})
        self._words = []

    def characters(self, content: str) -> None:
        """Take the words of a name."""
        if len(self._path) > 1:
            self._length += len(content)
            if self._length <= MOST_CHARS_OF_A_ROW:
                self._words.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802 - so it is called
        """End a name, or the item."""
        self.depth -= 1
        if not self._path:
            return
        local, inner = self._path.pop(), self._open.pop()
        if self._path and self._length <= MOST_CHARS_OF_A_ROW:
            value = inner or "".join(self._words).strip()
            _put(self._open[-1], local, value, is_preferred=name.startswith("g:"))
        elif self._path:
            pass  # of an item that is refused
        elif self._length > MOST_CHARS_OF_A_ROW:
            refused = RowRefused("", "too_long_row", str(MOST_CHARS_OF_A_ROW))
            self._done.append((self._line, refused))
        elif inner:
            self._done.append((self._line, inner))
        self._words = []


def _put(row: dict[str, Any], name: str, value: Any, *, is_preferred: bool) -> None:
    """Note what stands in a name; Google's own comes before RSS's of the same name."""
    if not value:
        return
    there = row.get(name)
    if there is None or name in {"title", "description", "link", "id"}:
        if there is None or is_preferred:
            row[name] = value
    elif isinstance(there, list):
        there.append(value)
    else:
        row[name] = [there, value]
