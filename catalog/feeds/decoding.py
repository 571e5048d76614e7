"""From bytes to text, with the name of the encoding that fits."""

from __future__ import annotations

import re

from catalog.feeds.rows import Unreadable

# Bytes that no encoding explains are kept as these, so that only their own row is refused.
DAMAGED = re.compile("[\udc80-\udcff]")

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_UPPER_CONTROL = re.compile(r"[\x80-\x84\x86-\x9f]")  # in no UTF-16 table that a program wrote
_ENOUGH = 200_000  # characters that are looked at to judge an encoding


def decode(content: bytes) -> tuple[str, str]:
    """Read text in UTF-8, UTF-16 or GB18030; in Latin-1 only when nothing else fits.

    Bytes that do not fit stay in the text as lone surrogates (see DAMAGED).

    Returns:
        The text, and the encoding: "utf-8", "utf-16", "gb18030" or "latin-1".

    Raises:
        Unreadable: a workbook, or bytes that are no text in any of these.
    """
    if content.startswith(b"PK\x03\x04"):
        raise Unreadable("workbook")
    for read in (_utf_16, _utf_8, _gb18030, _latin_1):
        text = read(content)
        if text is not None:
            return text.removeprefix("\ufeff"), read.__name__.strip("_").replace("_", "-")
    raise Unreadable("encoding")


def _utf_16(content: bytes) -> str | None:
    """UTF-16 with a byte order mark, or with the zeros of ASCII on one side only."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif content[1::2].count(0) > len(content) // 20 and 0 not in content[0::2]:
        encoding = "utf-16-le"
    elif content[0::2].count(0) > len(content) // 20 and 0 not in content[1::2]:
        encoding = "utf-16-be"
    else:
        return None
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(text) or _UPPER_CONTROL.search(text) else text


def _utf_8(content: bytes) -> str | None:
    """UTF-8, also with some broken bytes as long as most of what is not ASCII is sound."""
    text = content.decode("utf-8", "surrogateescape")
    damaged = len(DAMAGED.findall(text))
    sound = sum(letter > "\x7f" for letter in text) - damaged if damaged else 0
    if _CONTROL.search(text) or damaged > sound:
        return None
    return text


def _gb18030(content: bytes) -> str | None:
    """GB18030, if what comes out reads like Chinese.

    Nearly any bytes are valid GB18030. In Chinese both bytes of a character are nearly always
    above 0xA0; a Latin-1 accent that is misread as half a character has a plain letter for its
    second byte.
    """
    text = content.decode("gb18030", "surrogateescape")
    wide = [letter for letter in text[:_ENOUGH] if letter > "\x7f"]
    pairs = [letter.encode("gb18030", "surrogateescape") for letter in wide]
    likely = sum(len(pair) == 2 and pair[1] > 0xA0 for pair in pairs)
    if _CONTROL.search(text) or likely < 0.8 * len(wide):
        return None
    return text


def _latin_1(content: bytes) -> str | None:
    """Latin-1 as Windows writes it, if accents are few: nothing forbids it, so it comes last."""
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        return None
    accents = sum(letter > "\x7f" for letter in text[:_ENOUGH])
    if _CONTROL.search(text) or accents > 0.15 * len(text[:_ENOUGH]):
        return None
    return text
