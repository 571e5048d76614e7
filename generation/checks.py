"""What rules notice in a text: pure functions, nothing learnt, the same for writer and editor.

A hard finding keeps a draft from being offered and an editor's text from being saved; a soft one
is shown beside the text. A finding is kept as a code with values, and said in the reader's
language when it is read.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation.texts import Brief, Finding

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")
_OTHER_SCRIPTS = re.compile(  # any letter but Han, Latin, its full-width form, and modifiers
    r"[^\W\d_A-Za-zªµº\u00c0-\u02ff\u1e00-\u1eff\u3005-\u3007\u3400-\u9fff"
    r"\uf900-\ufaff\uff21-\uff3a\uff41-\uff5a\U00020000-\U0003ffff]"
)
_MOST_FOREIGN = 0.3  # of a text's letters; a name in another script in a short ad has a fifth
# Claims that advertising law forbids or that no fact can carry: article 9 of China's Advertising
# Law (superlatives), and what the FTC and the ASA call unqualified claims.
_SUPERLATIVES = {
    "zh-hans": re.compile(
        r"最(?:好|佳|优|高|大|强|低|新|美|先进|便宜)|第一(?!次|步|天|眼|口|层|排)|唯一|顶级|极致|国家级|世界级|"
        r"绝对|百分之百|100%(?=有效|正品|安全)|万能|根治|特效"
    ),
    "en": re.compile(
        r"\b(?:the best|best-in-class|number one|no\. ?1|perfect|unbeatable|guaranteed?|"
        r"world-class|cures?|miracle|risk-free)\b|#1",
        re.IGNORECASE,
    ),
}
_ENDINGS = "。！？….!?”\"’'）)"
_LISTED = re.compile(r"[，、;；\n]|,(?!\d)")
_CLAUSES = re.compile(r"[，。！？；,.!?;]")


_BANDS, _ROWS = 12, 6
_PRIME = (1 << 61) - 1
_HASHES = [
    tuple(int.from_bytes(sha256(f"{name}/{at}".encode()).digest()[:7]) + 1 for name in "ab")
    for at in range(_BANDS * _ROWS)
]

_SENTENCES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "empty": lambda values: _("The text is empty."),
    "too_long": lambda values: ngettext(
        "The text is %(over)d character too long: the limit is %(limit)d.",
        "The text is %(over)d characters too long: the limit is %(limit)d.",
        values["over"],
    ),
    "too_short": lambda values: _("The text is too short: it needs at least %(limit)d characters."),
    "number_not_in_brief": lambda values: _(
        "The number %(number)s stands in no fact of this product."
    ),
    "superlative": lambda values: _("“%(words)s” is a claim that advertising law does not allow."),
    "banned_word": lambda values: _("This brand never says “%(words)s”."),
    "wrong_language": lambda values: _("The text is in another language than was asked for."),
    "untold": lambda values: _(
        "The text does not tell “%(fact)s”, which this kind of copy has to: say it."
    ),
    "no_ending": lambda values: _("The last sentence breaks off."),
    "like_title": lambda values: _("The text says little more than the title."),
    "repeated": lambda values: _("“%(words)s” is said twice."),
    "near_duplicate": lambda values: _("The text is nearly the same as another one of its run."),
    "like_another_product": lambda values: _(
        "The product %(sku)s has nearly the same text: say what is different about this one."
    ),
    "no_candidate": lambda values: _(
        "The writer is sure of no text for these facts: add facts, or teach it with your own texts."
    ),
    "no_text": lambda values: _(
        "The product has no title and no facts in this language: import them."
    ),
    "no_facts": lambda values: _(
        "Nothing is known of the product but its title: give it a fact to write about."
    ),
    "facts_too_long": lambda values: _(
        "The fact “%(fact)s” is longer than %(limit)d characters, and no other is known: say it in "
        "shorter ones."
    ),
    "fact_left_out": lambda values: _(
        "The fact “%(fact)s” is longer than %(limit)d characters and was left out of the brief: "
        "say it in shorter ones."
    ),
    "third_language": lambda values: _(
        "The product's title and facts are neither Chinese nor English: translate them."
    ),
}


def sentence(code: str, values: Mapping[str, Any]) -> str:
    """Say a finding to a person, in the language that is active now."""
    return _SENTENCES[code](values) % dict(values)


def told(findings: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Stored findings, each with its sentence as `message`; the first ones were kept with it."""
    return [
        dict(finding)
        if "message" in finding
        else {**finding, "message": sentence(finding["code"], finding["values"])}
        for finding in findings
    ]


def screen(text: str, brief: Brief) -> list[Finding]:
    """Check what the writer offers."""
    return [*_hard(text, brief), *_soft(text, brief)]


def check_edit(text: str, brief: Brief) -> list[Finding]:
    """Check what an editor made of a draft: by the same rules."""
    return screen(text, brief)


def numbers(text: str) -> list[str]:
    """The numbers that stand in a text, full-width digits as plain ones."""
    return _NUMBER.findall(_narrow(text))


def is_near_duplicate(text: str, other: str) -> bool:
    """Whether two texts share more than four in five of their character trigrams (Jaccard)."""
    first, second = _trigrams(text), _trigrams(other)
    if not first or not second:
        return text == other
    return len(first & second) / len(first | second) > 0.8


def bands(text: str) -> list[int]:
    """What nearly the same texts have in common, so that they can be found among very many.

    MinHash of the trigrams in bands: of two texts that share four in five of them, 97 of 100 have
    a band in common; of two that share three in ten, one. The values are kept in the database:
    other ones would have to be computed for every text anew.
    """
    grams = [zlib.crc32(gram.encode()) for gram in _trigrams(text) or {text}]
    least = [min((factor * gram + term) % _PRIME for gram in grams) for factor, term in _HASHES]
    rows = [least[at : at + _ROWS] for at in range(0, len(least), _ROWS)]
    return [
        (number << 32) | zlib.crc32(repr(values).encode()) for number, values in enumerate(rows)
    ]


def _hard(text: str, brief: Brief) -> Iterator[Finding]:
    if not text.strip():
        yield Finding("empty", "hard", 0, 0)
        return
    yield from _length(text, brief)
    yield from _numbers(text, brief)
    yield from _claims(text, brief)
    yield from _language(text, brief)
    yield from _untold(text, brief)


def _length(text: str, brief: Brief) -> Iterator[Finding]:
    size = len(text)
    if size > brief.max_chars:
        values = {"over": size - brief.max_chars, "limit": brief.max_chars}
        yield Finding("too_long", "hard", brief.max_chars, size, values)
    if size < brief.min_chars:
        yield Finding("too_short", "hard", 0, size, {"limit": brief.min_chars})


def _numbers(text: str, brief: Brief) -> Iterator[Finding]:
    """Every number of the copy stands in the brief; digits and full-width digits are the same."""
    facts = [*brief.attributes, *brief.left_out]
    told = " ".join([brief.title, *(value for _key, value in facts)])
    known = {_plain(number) for number in numbers(told)}
    for match in _NUMBER.finditer(_narrow(text)):
        if _plain(match[0]) not in known:
            yield Finding("number_not_in_brief", "hard", *match.span(), {"number": match[0]})


def _claims(text: str, brief: Brief) -> Iterator[Finding]:
    for match in _SUPERLATIVES[brief.language].finditer(text):
        yield Finding("superlative", "hard", *match.span(), {"words": match[0]})
    for word in brief.banned:
        bounds = r"\b" if word.isascii() else ""
        for match in re.finditer(f"{bounds}{re.escape(word)}{bounds}", text, re.IGNORECASE):
            yield Finding("banned_word", "hard", *match.span(), {"words": match[0]})


def _language(text: str, brief: Brief) -> Iterator[Finding]:
    han, latin = len(_HAN.findall(text)), len(_LATIN.findall(text))
    is_chinese = han * 2 >= latin and han > 0
    foreign = sum(map(str.isalpha, _OTHER_SCRIPTS.findall(text)))
    is_foreign = foreign > 3 and foreign > _MOST_FOREIGN * (han + latin + foreign)
    is_other = is_chinese != (brief.language == "zh-hans") and han + latin > 3
    if is_foreign or is_other:
        yield Finding("wrong_language", "hard", 0, len(text))


def _untold(text: str, brief: Brief) -> Iterator[Finding]:
    """Of each fact that has to be told, one of the things that its value lists stands there."""
    lowered = _narrow(text).lower()
    for key, value in brief.attributes:
        parts = (part.strip() for part in _LISTED.split(_narrow(value).lower()))
        if key in brief.required and not any(part and part in lowered for part in parts):
            yield Finding("untold", "hard", 0, len(text), {"fact": key})


def _soft(text: str, brief: Brief) -> Iterator[Finding]:
    if not text.strip():
        return
    yield from _repetition(text)
    if brief.kind == "description" and text.rstrip()[-1] not in _ENDINGS:
        yield Finding("no_ending", "soft", len(text) - 1, len(text))
    if is_near_duplicate(text, brief.title):
        yield Finding("like_title", "soft", 0, len(text))


def _repetition(text: str) -> Iterator[Finding]:
    """A clause of four characters or more that was said before."""
    seen: set[str] = set()
    start = 0
    for clause in _CLAUSES.split(text):
        words = clause.strip().lower()
        if len(words) >= 4 and words in seen:
            end = start + len(clause)
            yield Finding("repeated", "soft", start, end, {"words": clause.strip()})
        seen.add(words)
        start += len(clause) + 1


def _narrow(text: str) -> str:
    """Full-width digits as plain ones, every character in its place."""
    return "".join(
        str(unicodedata.digit(letter)) if unicodedata.category(letter) == "Nd" else letter
        for letter in text
    )


def _plain(number: str) -> str:
    """A number without thousands separators and without trailing noughts behind the point."""
    plain = re.sub(r",(?=\d{3}(?:\D|$))", "", number)
    return re.sub(r"(\.\d*?)0+$", r"\1", plain).rstrip(".") if "." in plain else plain


def _trigrams(text: str) -> set[str]:
    bare = re.sub(r"\s+", " ", text.lower())
    return {bare[at : at + 3] for at in range(len(bare) - 2)}
