"""What rules notice in a text: pure functions, nothing learnt, the same for writer and editor.

A hard finding keeps a draft from being offered and an editor's text from being saved; a soft one
is shown beside the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation.texts import Brief, Finding

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")
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
_CLAUSES = re.compile(r"[，。！？；,.!?;]")


def screen(text: str, brief: Brief) -> list[Finding]:
    """Check what the writer offers."""
    return [*_hard(text, brief), *_soft(text, brief)]


def check_edit(text: str, brief: Brief) -> list[Finding]:
    """Check what an editor made of a draft: by the same rules."""
    return screen(text, brief)


def is_near_duplicate(text: str, other: str) -> bool:
    """Whether two texts share more than four in five of their character trigrams (Jaccard)."""
    first, second = _trigrams(text), _trigrams(other)
    if not first or not second:
        return text == other
    return len(first & second) / len(first | second) > 0.8


def _hard(text: str, brief: Brief) -> Iterator[Finding]:
    if not text.strip():
        yield Finding("empty", "hard", _("The text is empty."), 0, 0)
        return
    yield from _length(text, brief)
    yield from _numbers(text, brief)
    yield from _claims(text, brief)
    yield from _language(text, brief)


def _length(text: str, brief: Brief) -> Iterator[Finding]:
    size = len(text)
    if size > brief.max_chars:
        over = size - brief.max_chars
        message = ngettext(
            "The text is %(over)d character too long: the limit is %(limit)d.",
            "The text is %(over)d characters too long: the limit is %(limit)d.",
            over,
        ) % {"over": over, "limit": brief.max_chars}
        yield Finding("too_long", "hard", message, brief.max_chars, size)
    if size < brief.min_chars:
        message = _("The text is too short: it needs at least %(limit)d characters.") % {
            "limit": brief.min_chars
        }
        yield Finding("too_short", "hard", message, 0, size)


def _numbers(text: str, brief: Brief) -> Iterator[Finding]:
    """Every number of the copy stands in the brief; digits and full-width digits are the same."""
    facts = " ".join([brief.title, *(value for _key, value in brief.attributes)])
    known = {_plain(number) for number in _NUMBER.findall(_narrow(facts))}
    for match in _NUMBER.finditer(_narrow(text)):
        if _plain(match[0]) not in known:
            message = _("The number %(number)s stands in no fact of this product.") % {
                "number": match[0]
            }
            yield Finding("number_not_in_brief", "hard", message, match.start(), match.end())


def _claims(text: str, brief: Brief) -> Iterator[Finding]:
    for match in _SUPERLATIVES[brief.language].finditer(text):
        message = _("“%(words)s” is a claim that advertising law does not allow.") % {
            "words": match[0]
        }
        yield Finding("superlative", "hard", message, match.start(), match.end())
    for word in brief.banned:
        bounds = r"\b" if word.isascii() else ""
        for match in re.finditer(f"{bounds}{re.escape(word)}{bounds}", text, re.IGNORECASE):
            message = _("This brand never says “%(words)s”.") % {"words": match[0]}
            yield Finding("banned_word", "hard", message, match.start(), match.end())


def _language(text: str, brief: Brief) -> Iterator[Finding]:
    han, latin = len(_HAN.findall(text)), len(_LATIN.findall(text))
    is_chinese = han * 2 >= latin and han > 0
    if is_chinese != (brief.language == "zh-hans") and han + latin > 3:
        message = _("The text is in another language than was asked for.")
        yield Finding("wrong_language", "hard", message, 0, len(text))


def _soft(text: str, brief: Brief) -> Iterator[Finding]:
    if not text.strip():
        return
    yield from _repetition(text)
    if brief.kind == "description" and text.rstrip()[-1] not in _ENDINGS:
        end = len(text)
        yield Finding("no_ending", "soft", _("The last sentence breaks off."), end - 1, end)
    if is_near_duplicate(text, brief.title):
        message = _("The text says little more than the title.")
        yield Finding("like_title", "soft", message, 0, len(text))


def _repetition(text: str) -> Iterator[Finding]:
    """A clause of four characters or more that was said before."""
    seen: set[str] = set()
    start = 0
    for clause in _CLAUSES.split(text):
        words = clause.strip().lower()
        if len(words) >= 4 and words in seen:
            message = _("“%(words)s” is said twice.") % {"words": clause.strip()}
            yield Finding("repeated", "soft", message, start, start + len(clause))
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
