"""From raw corpora to the texts worth learning from, with a report of what was left out and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from generation.gan.cleaning import clean, is_readable, normalise
from generation.gan.languages import THIRD, language_of
from generation.gan.likeness import Likenesses
from generation.gan.records import LANGUAGES, Record
from generation.gan.slots import facts_of, mask_text

_SENTENCE = {"zh": re.compile(r"(?<=[。！？；])"), "en": re.compile(r"(?<=[.!?])\s+")}
# Claims that Chinese advertising law forbids or that no fact can carry, and traces of the source.
_REFUSED = re.compile(
    r"最[好佳优高大强低]|第一|顶级|国家级|唯一|绝对|百分百|极致|史上|包邮|优惠|促销|秒杀|特价|店铺|"
    r"亲们|掌柜|客服|旗舰店|正品|<UNK>|BRAND|http|www\.|\bbest\b|\bperfect(?:ly)?\b|#1|"
    r"\bguarantee|\bultimate\b|warranty|money back|\bsale\b|\bdiscount",
    re.IGNORECASE,
)
_BOUNDS = {
    ("zh", "description"): (24, 170),
    ("en", "description"): (60, 560),
    ("zh", "ad"): (5, 40),
    ("en", "ad"): (10, 90),
    ("zh", "seo"): (16, 90),
    ("en", "seo"): (40, 180),
    ("zh", "review"): (8, 100),
    ("en", "review"): (20, 300),
}
_EXAMPLES = 3  # of what was left out, for each reason
_SHOWN = 120  # code points of each


@dataclass(frozen=True)
class Example:
    """A text that was left out: its id, how it begins, and the id of the one it is like."""

    ref: str
    text: str
    like: str = ""


@dataclass
class Report:
    """How many texts came in and were kept, and why the others were left out.

    Args:
        read: texts that came in.
        kept: texts worth learning from.
        cleaned: of those, how many had markup, controls, odd widths or noise taken off.
        shortened: and how many lost a sentence that no fact of their brief carries.
        kept_back: how many were not read, because they are to be tested on.
        dropped: how many were left out, by reason.
        examples: the first few of them, by reason.
    """

    read: int = 0
    kept: int = 0
    cleaned: int = 0
    shortened: int = 0
    kept_back: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[Example]] = field(default_factory=dict)

    def drop(self, reason: str, record: Record, like: str = "") -> None:
        """Count a text that is left out."""
        self.dropped[reason] = self.dropped.get(reason, 0) + 1
        examples = self.examples.setdefault(reason, [])
        if len(examples) < _EXAMPLES:
            examples.append(Example(record.ref, clean(record.text)[:_SHOWN], like))

    def counts(self) -> dict[str, int]:
        """The numbers alone, as a checkpoint's card keeps them."""
        changed = {"cleaned": self.cleaned, "shortened": self.shortened}
        return {"read": self.read, "kept": self.kept, **changed, **self.dropped}

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON-ready data, what is left out most first."""
        dropped = sorted(self.dropped.items(), key=lambda item: -item[1])
        return {
            **{name: getattr(self, name) for name in ("read", "kept", "cleaned", "shortened")},
            "dropped": {
                reason: {
                    "texts": count,
                    "examples": [
                        {"id": shown.ref, "text": shown.text}
                        | ({"like": shown.like} if shown.like else {})
                        for shown in self.examples[reason]
                    ],
                }
                for reason, count in dropped
            },
        }


class Preparation:
    """Prepares texts one after the other, and knows again those that were there before.

    Args:
        likenesses: finds what is nearly the same; of its own making where none is given.
    """

    def __init__(self, likenesses: Likenesses | None = None) -> None:
        self._likenesses = likenesses or Likenesses()
        self._seen: set[str] = set()
        self._refs: list[str] = []

    def __call__(self, records: Iterable[Record], report: Report) -> Iterator[Record]:
        """Clean texts, cut sentences that no fact carries, drop what is useless or there already.

        Args:
            records: raw texts.
            report: hears of each.
        """
        for record in records:
            report.read += 1
            prepared, reason = _prepared(record)
            like = ""
            if prepared is not None:
                reason, like = self._duplicate(prepared)
            if prepared is None or reason:
                report.drop(reason, record, like)
                continue
            report.kept += 1
            report.cleaned += clean(record.text) != record.text
            report.shortened += len(prepared.text) < len(normalise(record.text, record.language))
            yield prepared

    def _duplicate(self, record: Record) -> tuple[str, str]:
        """Whether a text was there before, exactly or nearly, and then of which record."""
        if record.text in self._seen:
            return "duplicate", ""
        number = self._likenesses.like(record.text, record.language)
        if number is not None:
            return "near duplicate", self._refs[number]
        self._seen.add(record.text)
        self._refs.append(record.ref)
        return "", ""


def _prepared(raw: Record) -> tuple[Record | None, str]:
    if raw.language not in LANGUAGES:
        return None, "third language"
    record = _cleaned(raw)
    reason = _unusable(record)
    if reason:
        return None, reason
    facts = facts_of(record)
    sentences = [
        sentence
        for sentence in _SENTENCE[record.language].split(record.text)
        if sentence.strip() and not _REFUSED.search(sentence)
    ]
    held = [s for s in sentences if mask_text(s, facts, record.language) is not None]
    low, high = _BOUNDS[record.language, record.kind]
    joined = _within(held, high, " " if record.language == "en" else "")
    if len(joined) < low:
        return None, "numbers without a fact" if len(held) < len(sentences) else "too short"
    if record.kind == "description":
        joined = _closed(joined, record.language)
    return replace(record, text=joined), ""


def _cleaned(record: Record) -> Record:
    """A record whose text and brief are cleaned alike, so that its facts stay the same in both."""

    def pairs(facts: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        told = ((clean(key), clean(value)) for key, value in facts)
        return tuple((key, value) for key, value in told if value)

    return replace(
        record,
        title=clean(record.title),
        attributes=pairs(record.attributes),
        brand=clean(record.brand),
        category=clean(record.category),
        audience=clean(record.audience),
        text=normalise(record.text, record.language),
        guessed=pairs(record.guessed),
    )


def _unusable(record: Record) -> str:
    """Why a text teaches nothing, whatever its facts are; "" where it does."""
    found = language_of(record.text)
    if not found:
        return "no text"
    fields = (record.text, record.title, *(part for pair in record.attributes for part in pair))
    if not all(map(is_readable, fields)):
        return "unreadable"
    if found == record.language:
        return ""
    return "third language" if found == THIRD else "another language"


def _within(sentences: list[str], limit: int, glue: str) -> str:
    text = ""
    for sentence in sentences:
        longer = f"{text}{glue}{sentence.strip()}".strip()
        if len(longer) > limit:
            break
        text = longer
    return text


def _closed(text: str, language: str) -> str:
    """End a description as a sentence ends."""
    if language == "zh":
        return text if text[-1] in "。！？”" else text.rstrip("，；、,.~ ") + "。"
    return text if text[-1] in '.!?"' else text.rstrip(",;: ") + "."
