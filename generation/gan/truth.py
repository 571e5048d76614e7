"""Whether a text is true to its brief: which facts it tells, and which it makes up.

Strings are compared, nothing is understood: a fact in other words is not counted as told, and an
untruth without a number is not noticed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from generation.gan import slots

# The same unit in both languages; "x" stands between two sizes and is none.
_SAME_UNITS = (
    "cm 厘米,mm 毫米,m 米,km 公里 千米,dm 分米,kg 千克 公斤,g 克 gram grams,ml 毫升,"
    "l 升 litre litres liter liters,h 小时 hour hours,minute minutes 分钟,second seconds 秒,"
    "w 瓦 watt watts,v 伏 volt volts,a 安,mah 毫安时,hz 赫兹,lm 流明,in inch inches 英寸,"
    "day days 天 日,month months 月 个月,year years 年,° degree degrees 度,°c ℃ 摄氏度"
)
_UNIT_NAMES = {name: row.split()[0] for row in _SAME_UNITS.split(",") for name in row.split()}


def covered(text: str, values: Iterable[str], language: str) -> list[bool]:
    """Which values stand in a text word for word.

    Compared after NFKC and casefold. In Chinese without any space, anywhere; in English with
    single spaces, and not within a longer word or number.
    """
    held = _plain(text, language)
    return [_stands(_plain(value, language), held, language) for value in values]


def _stands(value: str, text: str, language: str) -> bool:
    if language == "zh":
        return value in text
    return re.search(rf"(?<![^\W_]){re.escape(value)}(?![^\W_])", text) is not None


def _plain(text: str, language: str) -> str:
    joint = "" if language == "zh" else " "
    return joint.join(unicodedata.normalize("NFKC", text).casefold().split())


def unsupported(text: str, facts: Iterable[str], language: str) -> list[str]:
    """The numbers of a text that no fact has, each with its unit.

    A number without a unit needs the same number in a fact, whatever its unit. One with a unit
    needs it with that unit (厘米 is cm) or with none. One that letters lead, as in A4, needs the
    letters too. 1,900 is 1900, 1.90 is 1.9, and a fact's 三层 is 3.

    Args:
        text: copy.
        facts: title, keys and values of its brief.
        language: of both.
    """
    facts = [_narrow(fact) for fact in facts]
    known: dict[str, set[str]] = {}
    for fact in facts:
        for number, unit in slots.numbers_in(fact):
            known.setdefault(_value(number), set()).add(_unit(unit))
        for number in slots.words_in(fact, language):
            known.setdefault(number, set()).add("")
    gaps = ("(?!)", r"\s", r"[\s-]")  # as it stands, and A4 of "A 4" and "A-4"
    squeezed = [re.sub(gap, "", fact).lower() for fact in facts for gap in gaps]
    return [
        number + unit
        for number, unit in slots.numbers_in(_narrow(text))
        if not _is_known(number.lower(), _unit(unit), known, squeezed)
    ]


def _is_known(number: str, unit: str, known: dict[str, set[str]], squeezed: Sequence[str]) -> bool:
    if number[0].isalpha():
        exact = re.compile(rf"{re.escape(number)}(?!\d)")
        return any(exact.search(fact) for fact in squeezed)
    with_units = known.get(_value(number))
    return with_units is not None and (not unit or bool(with_units & {unit, ""}))


def unsupported_words(text: str, facts: Iterable[str], language: str) -> list[str]:
    """The numbers that a text says in words ("two", 两 before a unit) and no fact has at all."""
    known = set()
    for fact in facts:
        known.update(_value(number) for number, _ in slots.numbers_in(_narrow(fact)))
        known.update(slots.words_in(fact, language))
    return [number for number in slots.words_in(text, language) if number not in known]


def _narrow(text: str) -> str:
    """Full-width digits as plain ones."""
    return "".join(
        str(unicodedata.digit(letter)) if unicodedata.category(letter) == "Nd" else letter
        for letter in text
    )


def _value(number: str) -> str:
    """A number without letters, thousands separators, and noughts behind the point."""
    bare = re.sub(r"^[A-Za-z]+", "", number)
    bare = re.sub(r",(?=\d{3}(?:\D|$))", "", bare)
    return re.sub(r"(\.\d*?)0+$", r"\1", bare).rstrip(".") if "." in bare else bare


def _unit(unit: str) -> str:
    lowered = unit.lower()
    return "" if lowered == "x" else _UNIT_NAMES.get(lowered, lowered)
