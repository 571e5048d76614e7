"""How long copy may be where it goes, counted as each place counts.

A text that is within its brief's limits can still be cut by a search engine or refused by an ad
platform: a Chinese character is one code point, two half-widths, two bytes of GB18030, three of
UTF-8 or a whole em of pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wcwidth import iter_graphemes, wcswidth

from catalog.choices import Language, Unit

# Advance widths of Helvetica, which Arial shares, in thousandths of an em, from U+0020 to U+007E.
# Source: Adobe's Core 14 font metrics, Helvetica.afm.
_ADVANCES = (
    *(278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278),
    *(556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556),
    *(1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778),
    *(667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556),
    *(333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556),
    *(556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584),
)
_EM = 1000
_HALF = 556  # most letters beyond ASCII are as wide as a digit
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that a place takes of one part of copy.

    Args:
        place: its name.
        part: which part of copy.
        most: how much of it, in `unit`.
        unit: what the place counts in.
        is_hard: whether it refuses what is longer; otherwise it cuts it.
        source: who says so.
        font_px: the size of the letters where pixels are counted.
        language: of the copy that the place takes; "" where it takes any.
    """

    place: str | Promise
    part: str | Promise
    most: int
    unit: Unit
    is_hard: bool
    source: str
    font_px: int = 0
    language: str = ""

    def length(self, text: str) -> int:
        """How long a text is, as the place counts."""
        return measure(text, self.unit, font_px=self.font_px)

    def cut(self, text: str) -> str:
        """What the place shows of a text: all of it, or as much as an ellipsis leaves room for.

        No grapheme is cut in two: neither an accented letter nor a flag.
        """
        if self.length(text) <= self.most:
            return text
        room = self.most - self.length(_ELLIPSIS)
        shown = ""
        for longer in accumulate(iter_graphemes(text)):
            if self.length(longer) > room:
                break
            shown = longer
        return shown.rstrip() + _ELLIPSIS


def measure(text: str, unit: Unit, *, font_px: int = 0) -> int:
    """The length of a text in a unit; where that is pixels, in Arial of `font_px` pixels."""
    if unit == Unit.WIDTH:
        return sum(_cells(grapheme) for grapheme in iter_graphemes(text))
    if unit == Unit.GB:
        return len(text.encode("gb18030"))
    if unit == Unit.UTF8:
        return len(text.encode())
    if unit == Unit.PIXELS:
        return round(sum(map(_advance, iter_graphemes(text))) * font_px / _EM)
    return len(text)


def limits_for(kind: str, language: str) -> list[Limit]:
    """What holds for copy of a kind, as the writer calls it, in a language."""
    limits = _AD if kind == "ad" else _DESCRIPTION
    return [limit for limit in limits if limit.language in {"", language}]


def _cells(grapheme: str) -> int:
    """Two for what is full-width, else one; a line break is one as well."""
    return max(1, wcswidth(grapheme))


def _advance(grapheme: str) -> int:
    """In thousandths of an em. What is full-width takes a whole one, in whatever font has it."""
    place = ord(grapheme[0]) - ord(" ")
    if 0 <= place < len(_ADVANCES):
        return _ADVANCES[place]
    return _EM if _cells(grapheme) == 2 or grapheme == _ELLIPSIS else _HALF


_GOOGLE_ADS = "developers.google.com/google-ads/api/docs/responsive-search-ads"
_AD = (
    Limit("Google Ads", _("headline"), 30, Unit.WIDTH, True, _GOOGLE_ADS),
    Limit("Google Ads", _("description"), 90, Unit.WIDTH, True, _GOOGLE_ADS),
    Limit("Meta", _("headline"), 40, Unit.CHARS, False, "what is shown before “more”"),
    Limit("Meta", _("primary text"), 125, Unit.CHARS, False, "what is shown before “more”"),
    Limit(
        "淘宝",
        _("title"),
        60,
        Unit.GB,
        True,
        "alibaba.item.edit.schema.get: maxLengthRule, unit=byte, value=60",
        language=Language.ZH,
    ),
)
_DESCRIPTION = (
    Limit(
        "Google Merchant",
        _("description"),
        5_000,
        Unit.CHARS,
        True,
        "Merchant API, StructuredDescription.content",
    ),
    Limit("Amazon", _("description"), 2_000, Unit.CHARS, True, "Seller Central, style guides"),
    Limit(
        "Meta",
        _("description"),
        9_999,
        Unit.CHARS,
        True,
        "productfeedspec.com/platforms/meta-catalog",
    ),
)
# A result of a search on a desk, as wide as its column: conventions, measured by many.
_GOOGLE = "Google's column of 600 px: titles in Arial 20 px; descriptions in 14 px end at 920 px"
RESULT_TITLE = Limit("Google", _("title"), 600, Unit.PIXELS, False, _GOOGLE, font_px=20)
RESULT_TEXT = Limit("Google", _("description"), 920, Unit.PIXELS, False, _GOOGLE, font_px=14)
RESULT_TEXT_ZH = Limit(
    "百度",
    _("description"),
    156,
    Unit.WIDTH,
    False,
    "convention: 78 full-width characters",
    language=Language.ZH,
)
