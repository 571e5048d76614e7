"""Facts live outside the vocabulary: they are slots that only a brief can fill.

What a brief says is cut into slots. In the copy a slot is written as one of

    <p4>     a whole part of a value            cast in one piece
    <n3>     number 3 of the brief, unit and all         24 cm
    <m3>     number 3 alone                              24
    <w3>     number 3 in words                           two, 两
    <k2>     what a fact is called                       material, 材质
    <title>  <who>  <brand>                              the product, its audience, its brand

No token of the vocabulary holds a digit, so a text can only show a number that its brief has: an
invented one cannot be sampled.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from generation.gan.records import Record

SLOTS = 32
BRAND, TITLE, WHO = "<brand>", "<title>", "<who>"
NAMES = (TITLE, WHO, BRAND)
NUMBER_TOKENS = tuple(f"<{form}{index}>" for form in "nmw" for index in range(SLOTS))
PART_TOKENS = tuple(f"<p{index}>" for index in range(SLOTS))
KEY_TOKENS = tuple(f"<k{index}>" for index in range(SLOTS))

_UNITS_ZH = (
    "平方米|立方米|毫安时|千克|公斤|厘米|毫米|分米|公里|千米|毫升|小时|分钟|英寸|赫兹|流明|摄氏度|个月|"
    "米|升|克|斤|瓦|伏|安|寸|秒|天|日|度|年|月|周|次|个|只|件|片|张|层|条|根|块|袋|盒|支|包|粒|道|"
    "卡|位|人|档|段|码|针|颗|对|双|套|枚|瓶|股|孔|格|岁|级|排|面|圈|种|款|色|把|口|股|勺|杯|节|步|页"
)
_UNITS_EN = (
    r"g/m²|gsm|mAh|kWh|Wh|km|cm|mm|ml|mL|kg|mg|Hz|kHz|GHz|dB|lm|psi|litres?|liters?|inch(?:es)?|"
    r"hours?|minutes?|seconds?|days?|months?|years?|degrees?|metres?|meters?|grams?|watts?|volts?|"
    r"°C|°F|°|℃|%|L|l|W|V|A|K|D|g|m|h|oz|lb|lbs|in|ft|T|GB|MB|TB|MP|p|x"
)
_NUMBER = r"[A-Za-z]{0,3}\d+(?:[.,]\d+)*"
_SPAN = re.compile(
    rf"(?P<number>{_NUMBER})(?:[ -]?(?P<unit>(?:{_UNITS_EN})(?![A-Za-z²])|(?:{_UNITS_ZH})))?"
)
_DIGITS = re.compile(r"\d")
_WORDS_EN = (
    "zero one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905
)
_WORDS_ZH = "零一两三四五六七八九十"
_FORM = re.compile(r"<(?P<form>[nmwpk])(?P<index>\d+)>")
_TOKEN = re.compile(r"<[nmwpk]\d+>|<title>|<who>|<brand>")
_WORD_EN = re.compile(rf"\b({'|'.join(_WORDS_EN[2:])})\b", re.IGNORECASE)
_WORD_ZH = re.compile(rf"([二两三四五六七八九十])(?=(?:{_UNITS_ZH}))")
_ZH_VALUES = {word: str(value) for value, word in enumerate(_WORDS_ZH)} | {"二": "2"}


@dataclass(frozen=True)
class Facts:
    """What the slots of one brief hold.

    Args:
        slots: its numbers, each as (surface with unit, number alone).
        parts: the parts of its attributes' values.
        keys: the names of its attributes, each once.
        title: what the product is called, without sizes.
        who: who it is for.
        brand: its brand.
    """

    slots: tuple[tuple[str, str], ...]
    parts: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    title: str = ""
    who: str = ""
    brand: str = ""

    def index_of(self, surface: str, number: str) -> tuple[str, int] | None:
        """Find the slot for a span of copy: ("n", i) with its unit, ("m", i) for the number."""
        wanted = _squeezed(surface)
        for index, (whole, _) in enumerate(self.slots):
            if _squeezed(whole) == wanted:
                return "n", index
        for index, (_, alone) in enumerate(self.slots):
            if _squeezed(alone) == _squeezed(number):
                return "m", index
        return None

    def holds(self, token: str) -> bool:
        """Whether the brief has something for a slot token."""
        match = _FORM.fullmatch(token)
        if match is None:
            return bool(self._named(token))
        index = int(match["index"])
        if match["form"] in "pk":
            return index < len(self.parts if match["form"] == "p" else self.keys)
        if index >= len(self.slots):
            return False
        alone = self.slots[index][1]
        return match["form"] != "w" or (alone.isdigit() and 2 <= int(alone) <= 10)

    def value(self, token: str, language: str) -> str:
        """What a slot token stands for; nothing for one that the brief does not fill."""
        if not self.holds(token):
            return ""
        match = _FORM.fullmatch(token)
        if match is None:
            return self._named(token)
        index = int(match["index"])
        if match["form"] in "pk":
            return self.parts[index] if match["form"] == "p" else self.keys[index]
        whole, alone = self.slots[index]
        if match["form"] == "n":
            return whole
        return _in_words(alone, language) if match["form"] == "w" else alone

    def _named(self, token: str) -> str:
        return {TITLE: self.title, WHO: self.who, BRAND: self.brand}.get(token, "")


def facts_of(record: Record) -> Facts:
    """Collect the facts of a brief in the order in which they stand, each once."""
    seen: dict[str, tuple[str, str]] = {}
    for field in (record.title, *(value for _, value in record.attributes)):
        for match in _SPAN.finditer(field):
            surface = _surface(match)
            seen.setdefault(_squeezed(surface), (surface, match["number"]))
    parts = (part for key, value in record.attributes if key != "brand" for part in parts_of(value))
    return Facts(
        slots=tuple(seen.values())[:SLOTS],
        parts=tuple(dict.fromkeys(parts))[:SLOTS],
        keys=tuple(dict.fromkeys(key for key, _ in record.attributes if key != "brand"))[:SLOTS],
        title=name_of(record),
        who=re.sub(r"^for ", "", _lowered(record.audience.strip("。. "))),
        brand=record.brand,
    )


def parts_of(value: str) -> list[str]:
    """Cut a value where it lists things."""
    return [part.strip() for part in re.split(r"[，,、;；/\n]", value) if part.strip()]


def name_of(record: Record) -> str:
    """What copy calls the product: its title up to a comma, a bracket or a size."""
    if record.language == "zh":
        return re.split(r"[\s（(\uff5c|，,]", record.title.strip())[0]
    return re.split(r"\s*[,(|]|\s+\d", record.title.strip())[0]


def mask_source(text: str, facts: Facts) -> str:
    """Write a field of the brief with its numbers as slots; a number without a slot is dropped."""

    def slot(match: re.Match[str]) -> str:
        found = facts.index_of(_surface(match), match["number"])
        return f"<n{found[1]}>" if found else ""

    return _apart(lambda part: _SPAN.sub(slot, part), text)


def mask_text(text: str, facts: Facts, language: str) -> str | None:
    """Write copy with slots for its facts.

    Returns:
        The masked copy, or None when it holds a number that the brief does not have.
    """

    def slot(match: re.Match[str]) -> str:
        found = facts.index_of(_surface(match), match["number"])
        if found is None:
            return match[0]
        form, index = found
        rest = match[0][len(match["number"]) :] if form == "m" else ""
        return f"<{form}{index}>{rest}"

    for value, token in _phrases(facts):
        pattern = _phrase(value, language)
        text = _apart(lambda part, p=pattern, t=token: p.sub(t, part, count=1), text)
    masked = _apart(lambda part: _SPAN.sub(slot, part), text)
    if _DIGITS.search(_FORM.sub("", masked)):
        return None
    words = _WORD_ZH if language == "zh" else _WORD_EN
    return _apart(
        lambda part: words.sub(lambda match: _word_slot(match, facts, language), part), masked
    )


def fill(text: str, facts: Facts, language: str) -> str:
    """Put the brief's facts back into masked copy."""
    return _TOKEN.sub(lambda match: facts.value(match[0], language), text)


def _phrases(facts: Facts) -> list[tuple[str, str]]:
    """What copy may repeat word for word, longest first, with its token."""
    named = [(facts.who, WHO), (facts.title, TITLE), (facts.brand, BRAND)]
    parts = [(part, token) for part, token in zip(facts.parts, PART_TOKENS, strict=False)]
    keys = [(key, token) for key, token in zip(facts.keys, KEY_TOKENS, strict=False)]
    worth = [(value, token) for value, token in named + parts + keys if len(value) > 1]
    return sorted(worth, key=lambda pair: -len(pair[0]))


def _phrase(value: str, language: str) -> re.Pattern[str]:
    bounds = r"(?<![A-Za-z0-9]){}(?![A-Za-z0-9])"
    if language == "zh" and not value.isascii():
        bounds = r"(?<!\d){}" if value[0].isdigit() else "{}"
    return re.compile(bounds.format(re.escape(value)), re.IGNORECASE)


def _word_slot(match: re.Match[str], facts: Facts, language: str) -> str:
    word = match[1].lower()
    digits = _ZH_VALUES.get(word) if language == "zh" else str(_WORDS_EN.index(word))
    for index, (_, alone) in enumerate(facts.slots):
        if alone == digits:
            return f"<w{index}>"
    return match[0]


def _in_words(number: str, language: str) -> str:
    if not number.isdigit() or int(number) > 12:
        return number
    value = int(number)
    if language == "en":
        return _WORDS_EN[value]
    return _WORDS_ZH[value] if value <= 10 else number


def _apart(change: Callable[[str], str], text: str) -> str:
    """Change what stands between slot tokens, so that a slot's own index stays whole."""
    parts = re.split(r"(<[a-z]+\d*>)", text)
    return "".join(part if at % 2 else change(part) for at, part in enumerate(parts))


def _lowered(text: str) -> str:
    """Begin in lower case, unless the first word is an abbreviation."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _surface(match: re.Match[str]) -> str:
    """The number with its unit, or alone when the unit is not one."""
    return match[0] if match["unit"] else match["number"]


def _squeezed(surface: str) -> str:
    return re.sub(r"[\s-]", "", surface).lower()
