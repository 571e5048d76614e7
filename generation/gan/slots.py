"""Facts live outside the vocabulary: they are slots that only a brief can fill.

Copy is written attribute by attribute. A plan token, which nobody sees, says which one is spoken
of next; the slots that follow hold what that attribute holds:

    <a4>                 from here on, attribute 4 (0 is the title's own numbers)
    <p1>                 its second part, whole                  cast in one piece
    <n0>                 its first number, unit and all          24 cm
    <m0>  <w0>           that number alone, or in words          24; two, 两
    <key>                what it is called                       material, 材质
    <title>  <who>  <brand>    the product, its audience, its brand

So the words of a clause are chosen for an attribute (plan, then realise: Moryossef et al. 2019),
and what stands in the clause can only be that attribute's. No token of the vocabulary holds a
digit: an invented number cannot be sampled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from generation.gan.records import Record

SLOTS = 24  # attributes of a brief that copy can speak of
PLACES = 6  # parts of one attribute, and numbers of one
BRAND, TITLE, WHO, NAME = "<brand>", "<title>", "<who>", "<key>"
NAMES = (TITLE, WHO, BRAND)
PLAN_TOKENS = tuple(f"<a{index}>" for index in range(SLOTS))
NUMBER_TOKENS = tuple(f"<{form}{index}>" for form in "nmw" for index in range(PLACES))
PART_TOKENS = tuple(f"<p{index}>" for index in range(PLACES))
HELD_TOKENS = (*NUMBER_TOKENS, *PART_TOKENS, NAME)  # these mean something only after a plan token

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
# The letters that a number follows belong to it, from the first on: A4, DSLRA350, iphone7.
_NUMBER = r"(?:(?<![A-Za-z])[A-Za-z]+)?\d+(?:[.,]\d+)*"
_SPAN = re.compile(
    rf"(?P<number>{_NUMBER})(?:[ -]?(?P<unit>(?:{_UNITS_EN})(?![A-Za-z²])|(?:{_UNITS_ZH})))?"
)
_DIGITS = re.compile(r"\d")
_WORDS_EN = (
    "zero one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905
)
_WORDS_ZH = "零一两三四五六七八九十"
_TOKEN = re.compile(r"<(?:[anmwp]\d+|title|who|brand|key)>")
_PLACED = re.compile(r"<(?P<form>[nmwpk])(?P<attribute>\d+)\.(?P<place>\d+)>")
_BREAK = re.compile(r"[，。！？；：,.!?;:]\s*")
_WORD_EN = re.compile(rf"\b({'|'.join(_WORDS_EN[2:])})\b", re.IGNORECASE)
_WORD_ZH = re.compile(rf"([二两三四五六七八九十])(?=(?:{_UNITS_ZH}))")
_ZH_VALUES = {word: str(value) for value, word in enumerate(_WORDS_ZH)} | {"二": "2"}


@dataclass(frozen=True)
class Attribute:
    """One attribute of a brief, cut into what slots can hold.

    Args:
        key: what it is called.
        parts: the parts of its value.
        numbers: the numbers of its value, each as (surface with unit, number alone).
    """

    key: str
    parts: tuple[str, ...]
    numbers: tuple[tuple[str, str], ...]

    def value(self, token: str, language: str) -> str:
        """What a slot token stands for here; nothing for one that the attribute does not fill."""
        if token == NAME:
            return self.key
        form, place = token[1], int(token[2:-1])
        if form == "p":
            return self.parts[place] if place < len(self.parts) else ""
        if place >= len(self.numbers):
            return ""
        whole, alone = self.numbers[place]
        if form == "n":
            return whole
        return _in_words(alone, language) if form == "w" else alone


@dataclass(frozen=True)
class Facts:
    """What the slots of one brief hold.

    Args:
        attributes: first the numbers of its title, then its attributes but the brand.
        title: what the product is called, without sizes.
        who: who it is for.
        brand: its brand.
    """

    attributes: tuple[Attribute, ...]
    title: str = ""
    who: str = ""
    brand: str = ""

    def place_of(self, surface: str, number: str) -> tuple[str, int, int] | None:
        """Find a number of copy: ("n", attribute, place) with its unit, "m" for it alone."""
        for form, wanted in (("n", _squeezed(surface)), ("m", _squeezed(number))):
            for at in (*range(1, len(self.attributes)), 0):
                for place, pair in enumerate(self.attributes[at].numbers):
                    if _squeezed(pair[form == "m"]) == wanted:
                        return form, at, place
        return None

    def named(self, token: str) -> str:
        """What <title>, <who> or <brand> stands for."""
        return {TITLE: self.title, WHO: self.who, BRAND: self.brand}.get(token, "")


def facts_of(record: Record) -> Facts:
    """Collect the facts of a brief in the order in which they stand."""
    attributes = [Attribute("", (), _numbers(record.title))]
    for key, value in record.attributes:
        if key != "brand" and len(attributes) < SLOTS:
            parts = tuple(dict.fromkeys(parts_of(value)))[:PLACES]
            attributes.append(Attribute(key, parts, _numbers(value)))
    return Facts(
        attributes=tuple(attributes),
        title=name_of(record),
        who=re.sub(r"^for ", "", _lowered(record.audience.strip("。. "))),
        brand=record.brand,
    )


def parts_of(value: str, marks: str = r"[，,、;；\n]") -> list[str]:
    """Cut a value where it lists things, but not within brackets or a number."""
    parts, end, in_brackets = [], len(value), False
    found = re.finditer(rf"(?P<mark>{marks})(?!(?<=\d,)\d)|[（(）)]", value)
    for match in reversed(list(found)):  # from behind: what closes comes before what it closes
        if match["mark"] is None:
            in_brackets = match[0] in "）)"
        elif not in_brackets:
            parts.append(value[match.end() : end])
            end = match.start()
    parts.append(value[:end])
    return [part.strip() for part in reversed(parts) if part.strip()]


def name_of(record: Record) -> str:
    """What copy calls the product: its title up to a comma, a bracket or a size."""
    if record.language == "zh":
        return re.split(r"[\s（(\uff5c|，,]", record.title.strip())[0]
    return re.split(r"\s*[,(|]|\s+\d", record.title.strip())[0]


def mask_source(text: str, numbers: Iterable[tuple[str, str]] = ()) -> str:
    """Write a field of the brief with these numbers as slots; any other number is dropped."""
    places = {_squeezed(whole): place for place, (whole, _) in enumerate(numbers)}

    def slot(match: re.Match[str]) -> str:
        place = places.get(_squeezed(_surface(match)))
        return "" if place is None else f"<n{place}>"

    return _SPAN.sub(slot, text)


def mask_text(text: str, facts: Facts, language: str) -> str | None:
    """Write copy with slots for its facts, and before each clause what it speaks of.

    Returns:
        The masked copy, or None when it holds a number that the brief does not have.
    """

    def slot(match: re.Match[str]) -> str:
        found = facts.place_of(_surface(match), match["number"])
        if found is None:
            return match[0]
        form, attribute, place = found
        rest = match[0][len(match["number"]) :] if form == "m" else ""
        return f"<{form}{attribute}.{place}>{rest}"

    for value, token in _phrases(facts):
        if len(value) > len(text):
            continue  # a value may be as long as a book
        pattern = pattern_of(value, language)
        text = _apart(lambda part, p=pattern, t=token: p.sub(t, part, count=1), text)
    masked = _apart(lambda part: _SPAN.sub(slot, part), text)
    if _DIGITS.search(_PLACED.sub("", masked)):
        return None
    words = _WORD_ZH if language == "zh" else _WORD_EN
    masked = _apart(
        lambda part: words.sub(lambda match: _word_slot(match, facts, language), part), masked
    )
    return planned(masked)


def fill(pieces: Iterable[str], facts: Facts, language: str) -> list[str]:
    """Put the brief's facts back into masked copy, piece by piece.

    A fact never runs into the word before it in English ("roll top22 litres" is two words), nor a
    number into another anywhere: 28 after 028 would be 02828, which no brief has.
    """
    filled, spoken_of = [], None
    for piece in pieces:
        if piece in PLAN_TOKENS:
            index = PLAN_TOKENS.index(piece)
            spoken_of = facts.attributes[index] if index < len(facts.attributes) else None
            filled.append("")
        elif piece in HELD_TOKENS:
            value = spoken_of.value(piece, language) if spoken_of else ""
            filled.append(_parted(value, filled, language))
        elif piece in NAMES:
            filled.append(_parted(facts.named(piece), filled, language))
        else:
            filled.append(piece)
    return filled


def _parted(value: str, before: list[str], language: str) -> str:
    """A fact with a space before it where it would run into what stands there."""
    last = next((piece for piece in reversed(before) if piece), "")
    meets = value[:1].isalnum() and last[-1:].isalnum()
    if language != "en":
        meets = meets and value[0].isdecimal() and last[-1].isdecimal()
    return f" {value}" if meets else value


def split(masked: str) -> list[str]:
    """Cut masked copy into its slot tokens and what stands between them."""
    return [piece for piece in re.split(rf"({_TOKEN.pattern})", masked) if piece]


def numbers_in(text: str) -> list[tuple[str, str]]:
    """Every number of a text as it is written, letters in front and all, with its unit or ""."""
    return [(match["number"], match["unit"] or "") for match in _SPAN.finditer(text)]


def words_in(text: str, language: str) -> list[str]:
    """Every number that a text says in words where copy counts something, as digits."""
    if language == "zh":
        return [_ZH_VALUES[match[1]] for match in _WORD_ZH.finditer(text)]
    return [str(_WORDS_EN.index(match[1].lower())) for match in _WORD_EN.finditer(text)]


def planned(masked: str) -> str:
    """Make places relative: a plan token where a clause turns to another attribute.

    The turn is where the clause begins, or behind the slot before if that is later.
    """
    done, turn, spoken_of = "", 0, -1
    for piece in re.split(r"(<[a-z]+[\d.]*>)", masked):
        match = _PLACED.fullmatch(piece)
        if match is None:
            ends = [found.end() for found in _BREAK.finditer(piece)]
            turn = len(done) + ends[-1] if ends else turn
            done += piece
            continue
        if int(match["attribute"]) != spoken_of:
            spoken_of = int(match["attribute"])
            done = f"{done[:turn]}<a{spoken_of}>{done[turn:]}"
        done += NAME if match["form"] == "k" else f"<{match['form']}{match['place']}>"
        turn = len(done)
    return done


def _numbers(value: str) -> tuple[tuple[str, str], ...]:
    seen: dict[str, tuple[str, str]] = {}
    for match in _SPAN.finditer(value):
        surface = _surface(match)
        seen.setdefault(_squeezed(surface), (surface, match["number"]))
    return tuple(seen.values())[:PLACES]


def _phrases(facts: Facts) -> list[tuple[str, str]]:
    """What copy may repeat word for word, longest first, with its token."""
    worth = {facts.who: WHO, facts.title: TITLE, facts.brand: BRAND}
    for at, attribute in enumerate(facts.attributes):
        for place, part in enumerate(attribute.parts):
            worth.setdefault(part, f"<p{at}.{place}>")
    for at, attribute in enumerate(facts.attributes):
        worth.setdefault(attribute.key, f"<k{at}.0>")
    return sorted(((v, t) for v, t in worth.items() if len(v) > 1), key=lambda pair: -len(pair[0]))


def pattern_of(value: str, language: str) -> re.Pattern[str]:
    """Where a text says a value word for word: in English not within a longer word or number."""
    bounds = r"(?<![A-Za-z0-9]){}(?![A-Za-z0-9])"
    if language == "zh" and not value.isascii():
        bounds = r"(?<!\d){}" if value[0].isdigit() else "{}"
    return re.compile(bounds.format(re.escape(value)), re.IGNORECASE)


def _word_slot(match: re.Match[str], facts: Facts, language: str) -> str:
    word = match[1].lower()
    digits = _ZH_VALUES.get(word) if language == "zh" else str(_WORDS_EN.index(word))
    for at, attribute in enumerate(facts.attributes):
        for place, (_, alone) in enumerate(attribute.numbers):
            if alone == digits:
                return f"<w{at}.{place}>"
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
    parts = re.split(r"(<[a-z]+[\d.]*>)", text)
    return "".join(part if at % 2 else change(part) for at, part in enumerate(parts))


def _lowered(text: str) -> str:
    """Begin in lower case, unless the first word is an abbreviation."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _surface(match: re.Match[str]) -> str:
    """The number with its unit, or alone when the unit is not one."""
    return match[0] if match["unit"] else match["number"]


def _squeezed(surface: str) -> str:
    return re.sub(r"[\s-]", "", surface).lower()
