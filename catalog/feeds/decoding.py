"""From bytes to text, with the name of the encoding that fits; never the whole file at once."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from catalog.feeds.rows import Unreadable

# Bytes that no encoding explains are kept as these, so that only their own row is refused.
DAMAGED = re.compile("[\udc80-\udcff]")

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_UPPER_CONTROL = re.compile(r"[\x80-\x84\x86-\x9f]")  # in no UTF-16 table that a program wrote
_CHUNK = 1 << 20  # bytes that are read at once
_ENOUGH = 200_000  # characters that are looked at to judge an encoding


def open_text(file: BinaryIO) -> tuple[io.TextIOWrapper, str]:
    """Open a file as text in UTF-8, UTF-16 or GB18030; in Latin-1 only when nothing else fits.

    Bytes that do not fit stay in the text as lone surrogates (see DAMAGED). A byte order mark may
    stay as the first character.

    Returns:
        The text from its beginning, with its own ends of lines; it closes the file with itself.
        And the encoding: "utf-8", "utf-16", "gb18030" or "latin-1".

    Raises:
        Unreadable: bytes that are no text in any of these.
    """
    for name, find in _FINDERS.items():
        codec = find(file)
        if codec:
            file.seek(0)
            return io.TextIOWrapper(file, codec, "surrogateescape", newline=""), name
    raise Unreadable("encoding")


def _texts(file: BinaryIO, codec: str, errors: str = "surrogateescape") -> Iterator[str]:
    """The whole file in pieces of text.

    Raises:
        UnicodeDecodeError: `errors` is "strict", and there is one.
    """
    file.seek(0)
    decoder = codecs.getincrementaldecoder(codec)(errors)
    while chunk := file.read(_CHUNK):
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def _is_text(file: BinaryIO, codec: str, *forbidden: re.Pattern[str]) -> bool:
    """Whether all of the file can be decoded, with no character that text does not have."""
    try:
        return not any(
            pattern.search(text)
            for text in _texts(file, codec, "strict")
            for pattern in (_CONTROL, *forbidden)
        )
    except UnicodeDecodeError:
        return False


def _utf_16(file: BinaryIO) -> str:
    """UTF-16 with a byte order mark, or with the zeros of ASCII on one side only."""
    file.seek(0)
    start = file.read(_ENOUGH)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        codec = "utf-16"
    elif start[1::2].count(0) > len(start) // 20 and 0 not in start[0::2]:
        codec = "utf-16-le"
    elif start[0::2].count(0) > len(start) // 20 and 0 not in start[1::2]:
        codec = "utf-16-be"
    else:
        return ""
    return codec if _is_text(file, codec, _UPPER_CONTROL) else ""


def _utf_8(file: BinaryIO) -> str:
    """UTF-8, also with some broken bytes as long as most of what is not ASCII is sound."""
    damaged = sound = 0
    for text in _texts(file, "utf-8"):
        if _CONTROL.search(text):
            return ""
        if not text.isascii():
            broken = len(DAMAGED.findall(text))
            damaged += broken
            sound += len(text) - len(text.encode("ascii", "ignore")) - broken
    return "" if damaged > sound else "utf-8"


def _gb18030(file: BinaryIO) -> str:
    """GB18030, if what comes out reads like Chinese.

    Nearly any bytes are valid GB18030. In Chinese both bytes of a character are nearly always
    above 0xA0; a Latin-1 accent that is misread as half a character has a plain letter for its
    second byte.
    """
    wide = likely = seen = 0
    for text in _texts(file, "gb18030"):
        if _CONTROL.search(text):
            return ""
        for letter in text if seen < _ENOUGH and not text.isascii() else ():
            if letter > "\x7f":
                pair = letter.encode("gb18030", "surrogateescape")
                wide, likely = wide + 1, likely + (len(pair) == 2 and pair[1] > 0xA0)
        seen += len(text)
    return "gb18030" if likely >= 0.8 * wide else ""


def _latin_1(file: BinaryIO) -> str:
    """Latin-1 as Windows writes it, if accents are few: nothing forbids it, so it comes last."""
    if not _is_text(file, "cp1252"):
        return ""
    text = next(_texts(file, "cp1252"))[:_ENOUGH]
    accents = sum(letter > "\x7f" for letter in text)
    return "cp1252" if accents <= 0.15 * len(text) else ""


_FINDERS: dict[str, Callable[[BinaryIO], str]] = {
    "utf-16": _utf_16,
    "utf-8": _utf_8,
    "gb18030": _gb18030,
    "latin-1": _latin_1,
}
