"""What a shop's text carries from elsewhere is taken off: markup, controls, odd widths, noise.

Numbers and model names stay as they are: m² does not become m2, nor Ⅱ become II. Only digits
of full width become plain ones, in brief and copy alike, so that both still say the same.
"""

from __future__ import annotations

import html
import re
import unicodedata
from html.entities import html5

READ = 20_000  # code points of one text that are read; no copy is that long

_INLINE = (
    "a abbr b big cite code em font i ins label mark q s small span strike strong sub sup tt u var "
    "wbr"
)
_BLOCKS = (
    "address article aside audio blockquote body br button caption center col colgroup dd del "
    "details div dl dt embed figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hr html "
    "iframe img input li link main meta nav nobr object ol option p param pre script section "
    "select source style summary table tbody td tfoot th thead title tr ul video"
)
_NAMES = "|".join(f"{_INLINE} {_BLOCKS}".split())
_TAG = re.compile(rf"</?({_NAMES})([\s/][^<>]*)?>", re.IGNORECASE)
# What stands between these is not for reading. Cut piece by piece: an opening without its end
# may not make a regular expression search to the end of the text again and again.
_HIDDEN = re.compile(r"<(script|style)\b[^<>]*>|</(script|style)\s*>|<!--|-->", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
_UNSEEN = re.compile(
    r"[\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"\s+")
_UNREADABLE = re.compile(r"[\ufffd\ud800-\udfff]")
_SAID_TWICE = re.compile(r"([！？，；、。～!?;~])\1+")
_DECORATION = re.compile(r"([^\w\s.…])\1{3,}")
_DOTS = re.compile(r"\.{4,}")
_HAN = "[\u4e00-\u9fff]"


def _narrowed() -> dict[int, str]:
    """Digits and letters of full width, ligatures, and units in one sign, as NFKC writes them."""
    ranges = ((0xFF10, 0xFF1A), (0xFF21, 0xFF3B), (0xFF41, 0xFF5B), (0xFB00, 0xFB07))
    signs = [chr(code) for first, end in (*ranges, (0x3371, 0x33E0)) for code in range(first, end)]
    found = {ord(sign): unicodedata.normalize("NFKC", sign) for sign in signs}
    return {
        code: plain
        for code, plain in found.items()
        if plain.isascii() and (plain.isalpha() or len(plain) == 1)
    }


_NARROW = _narrowed()


def clean(text: str) -> str:
    """Give a text, or a field of a brief, as a person would have typed it on one line."""
    text = _UNSEEN.sub("", text[:READ]).translate(_NARROW)
    if "<" in text or "&" in text:
        text = _UNSEEN.sub("", _without_markup(text)).translate(_NARROW)
    text = _CONTROL.sub(" ", unicodedata.normalize("NFC", text))
    text = _SAID_TWICE.sub(r"\1", _DECORATION.sub(r"\1", _DOTS.sub("...", text)))
    return _SPACES.sub(" ", text).strip()


def normalise(text: str, language: str) -> str:
    """Clean copy, with Chinese punctuation and no spaces within Chinese sentences."""
    text = clean(text)
    if language == "zh":
        text = re.sub(rf"(?<={_HAN})\s*,\s*", "，", text)
        text = re.sub(rf"(?<={_HAN})\s*!\s*", "！", text)
        text = re.sub(rf"(?<={_HAN})\s*;\s*", "；", text)
        return re.sub(rf"(?<={_HAN}) (?={_HAN})", "", text)
    return text.replace("\u2019", "'")


def is_readable(text: str) -> bool:
    """Whether every character of a text came through whole."""
    return _UNREADABLE.search(text) is None


def _without_markup(text: str) -> str:
    """Plain text of HTML, also of HTML that was escaped once more on its way."""
    for _ in range(2):
        text = _ENTITY.sub(_entity, text)
    return _TAG.sub(_tag, _shown(text))


def _tag(found: re.Match[str]) -> str:
    """Nothing, or the space between two blocks; what tells a number, as in a<b 9>, is no tag.

    Numbers stand in a tag only as values of attributes.
    """
    name, attributes = found[1].lower(), found[2] or ""
    if "=" not in attributes and any(sign.isnumeric() for sign in attributes):
        return found[0]
    return "" if name in _INLINE.split() else " "


def _entity(found: re.Match[str]) -> str:
    """The character of an entity; what only begins like one, as &notebook;, stays."""
    name = found[0][1:]
    return html.unescape(found[0]) if name[0] == "#" else html5.get(name, found[0])


def _shown(text: str) -> str:
    """Leave out scripts, styles and comments; of one that never ends, its mark alone."""
    kept, start, ends_with = [], 0, ""
    for mark in _HIDDEN.finditer(text):
        name = (mark[1] or mark[2] or "--").lower()
        is_opening = mark[1] is not None or mark[0] == "<!--"
        if not ends_with and is_opening:
            kept.append(text[start : mark.start()])
            start, ends_with = mark.end(), name
        elif ends_with == name and not is_opening:
            start, ends_with = mark.end(), ""
    kept.append(text[start:])
    return " ".join(kept) if len(kept) > 1 else text
