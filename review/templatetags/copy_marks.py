"""Marks on copy: claims with their facts, findings, heat, and differences between two texts.

Heat says how far a stretch pulled the discriminator's score of the text, in the score's own
hundredths. How much a word is like approved copy by itself is said beside the ones that pulled
most; where a draft is older than its explanation, that alone is its heat.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from itertools import product
from math import exp
from string import ascii_lowercase
from typing import Any

from django import template
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince
from django.utils.timezone import localdate, localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from generation import checks
from generation.models import Draft
from review.changes import changes_of
from review.services import Thread

register = template.Library()

_STEPS = (0.01, 0.03, 0.05, 0.1)  # of the score, from which on a stretch is marked, and how
# The share of approved copy's tokens that D believes less, up to which a token is marked, and how.
_DOUBTS = ((0.0, 4), (0.05, 3), (0.1, 2), (0.2, 1))
_MOST = 3  # stretches that pulled most, in each direction
_LETTERS = [*ascii_lowercase, *map("".join, product("a", ascii_lowercase))]
_STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "at",
        "by",
        "for",
        "from",
        "in",
        "is",
        "it",
        "of",
        "on",
        "or",
        "the",
        "to",
        "with",
        "your",
        "its",
    ]
)


@dataclass
class Fact:
    """A fact of the brief, with its letter when the copy uses it; a name of it has no key."""

    key: str
    value: str
    letter: str = ""
    field: str = "attributes"

    @property
    def label(self) -> str:
        """What the fact is called, in the language of the page where the brief does not say it."""
        if self.key:
            return self.key
        return {"title": _("Title"), "audience": _("Audience"), "brand": _("Brand")}[self.field]


@dataclass
class Mark:
    """A stretch of copy that carries something: offsets, and the tags round it.

    Args:
        start: offset of its first code point.
        end: offset after its last one.
        opening: the tag before each piece of it.
        closing: the tag after each piece.
        note: what stands before the last closing tag.
    """

    start: int
    end: int
    opening: SafeString
    closing: SafeString
    note: SafeString | str = ""


@dataclass
class Stretch:
    """Words that pulled the score: how far, and the share of approved copy that is less like it."""

    words: str
    effect: float
    likeness: int | None = None

    @property
    def less_like(self) -> int | None:
        """How many in a hundred of approved copy's words are more like it, if those are many."""
        if self.likeness is None or self.likeness > 20:
            return None
        return min(100 - self.likeness, 99)


@dataclass
class Marked:
    """A draft's copy with its marks, and what stands beside it.

    Args:
        html: the copy.
        facts: of the brief, with the letters of those that the copy tells.
        used: attributes among them that it tells, of `total`.
        findings: of the checks, said in the reader's language.
        baseline: the score of no words in particular; None where nothing explains this one.
        down: what pulled the score down most, and `up`, what pulled it up.
    """

    html: SafeString
    facts: list[Fact]
    used: int
    total: int
    findings: list[dict[str, Any]] = field(default_factory=list)
    baseline: float | None = None
    down: list[Stretch] = field(default_factory=list)
    up: list[Stretch] = field(default_factory=list)


@register.simple_tag
def marked(draft: Draft, threads: Sequence[Thread] = ()) -> Marked:
    """Mark a draft's copy: claims by letter, findings by number, heat by what moved the score.

    And the places that open comments are about.
    """
    facts = [Fact(key, value) for key, value in draft.brief.get("attributes", [])]
    told = draft.explanation
    claims = _told(facts, told["phrases"]) if told else _found(draft.text, facts)
    heat = _pulled(told) if told else _doubted(draft.spans)
    copy = Marked(
        html=_layered(
            draft.text,
            0,
            len(draft.text),
            [claims, _flags(draft.findings), heat, *_remarks(threads)],
        ),
        facts=facts,
        used=sum(bool(fact.letter) and fact.field == "attributes" for fact in facts),
        total=sum(fact.field == "attributes" for fact in facts),
        findings=checks.told(draft.findings),
    )
    if told:
        stretches = sorted(_stretches(draft), key=lambda stretch: stretch.effect)
        copy.baseline = _logistic(told["baseline"])
        copy.down = [each for each in stretches if each.effect < -_STEPS[0] / 2][:_MOST]
        copy.up = [each for each in reversed(stretches) if each.effect > _STEPS[0] / 2][:_MOST]
    return copy


@register.simple_tag
def difference(before: str, after: str, language: str = "en") -> SafeString:
    """Show what changed of a text, in `del` and `ins`."""
    changes = changes_of(before, after, language)
    tags = {-1: "<del>{}</del>", 1: "<ins>{}</ins>", 0: "{}"}
    return format_html_join("", "{}", ((format_html(tags[kind], part),) for kind, part in changes))


@register.filter
def score(value: float) -> str:
    """Write a probability as .81."""
    return f"{value:.2f}".lstrip("0") or "0"


@register.filter
def signed(value: float) -> str:
    """Write a part of a score with its sign, as +.03."""
    return ("\u2212" if value < 0 else "+") + score(abs(value))


@register.filter
def opening(row: Draft) -> str:
    """The beginning of a draft's text, about as much as one line of the queue takes."""
    return row.text[: 30 if row.language == "zh-hans" else 56]


@register.filter
def row_marks(row: Draft, now: datetime) -> SafeString:
    """What is to be known of a draft in the queue besides its text; of most there is nothing."""
    marks = []
    if number := len(row.findings):
        words = ngettext("%(number)s query", "%(number)s queries", number)
        marks.append(("ochre", words % {"number": number}))
    if number := row.folded:
        marks.append(("", _("+%(number)s alike") % {"number": number}))
    if number := row.open_comments:
        words = ngettext("%(number)s comment", "%(number)s comments", number)
        marks.append(("", words % {"number": number}))
    if row.holder:
        marks.append(("blue", _("open: %(editor)s") % {"editor": row.holder}))
    if row.assignee:
        marks.append(("", row.assignee))
    if row.due_at:
        words = _("late") if row.due_at < now else _("due %(at)s") % {"at": _short(row.due_at)}
        marks.append(("red" if row.due_at < now else "", words))
    if row.waits_until:
        marks.append(("", _("back %(at)s") % {"at": _short(row.waits_until)}))
    tags = ((f" tag--{colour}" if colour else "", words) for colour, words in marks)
    return format_html_join("", '<span class="tag{}">{}</span>', tags)


def _short(at: datetime) -> str:
    return f"{localtime(at):%m-%d %H:%M}"


@register.filter
def clock(at: datetime) -> str:
    """The time of day of a moment, after its date where that is not today's."""
    here = localtime(at)
    return f"{here:%H:%M}" if here.date() == localdate() else f"{here:%Y-%m-%d %H:%M}"


@register.filter
def ago(at: datetime, now: datetime) -> str:
    """How long ago something was, roughly, as a page of rows asks it again and again."""
    return _time(max(0, int((now - at).total_seconds() // 60)), get_language())


@lru_cache(maxsize=2048)
def _time(minutes: int, language: str) -> str:
    start = datetime(2000, 1, 1, tzinfo=UTC)
    return timesince(start, start + timedelta(minutes=minutes), depth=1)


@register.filter
def tag_of(language: str) -> str:
    """The HTML language tag of a language of copy."""
    return "zh-Hans" if language == "zh-hans" else "en"


@register.filter
def language_itself(language: str) -> str:
    """What a language of copy calls itself."""
    return "中文" if language == "zh-hans" else "English"


def _told(facts: list[Fact], phrases: Sequence[dict[str, Any]]) -> list[Mark]:
    """The phrases that tell a fact. A name that copy uses joins the facts."""
    letters = iter(_LETTERS)
    known = {(fact.field, fact.key, fact.value): fact for fact in facts}
    marks = []
    for phrase in phrases:
        named = phrase["field"], phrase["key"], phrase["value"]
        if named not in known:
            known[named] = Fact(phrase["key"], phrase["value"], field=phrase["field"])
            facts.append(known[named])
        fact = known[named]
        is_first = not fact.letter
        fact.letter = fact.letter or next(letters)
        marks.append(_claim(phrase["start"], phrase["end"], fact, is_first=is_first))
    return marks


def _found(text: str, facts: Sequence[Fact]) -> list[Mark]:
    """Find each fact in copy that nothing explains: its value, one of its parts, its numbers."""
    letters = iter(_LETTERS)
    marks: list[Mark] = []
    for fact in facts:
        place = next(_places(text.lower(), fact.value), None)
        if place is None:
            continue
        fact.letter = next(letters)
        marks.append(_claim(*place, fact, is_first=True))
    return sorted(marks, key=lambda mark: (mark.start, -mark.end))


def _claim(start: int, end: int, fact: Fact, *, is_first: bool) -> Mark:
    opening, note = _claim_tags(fact.letter, is_first)
    return Mark(start, end, opening, mark_safe("</a>"), note)


@cache
def _claim_tags(letter: str, is_first: bool) -> tuple[SafeString, SafeString]:
    """Before and behind a phrase that tells the fact with this letter; one links to the first."""
    opening = format_html(
        '<a class="claim"{} href="#fact-{}" aria-describedby="fact-{}" data-letter="{}">',
        format_html(' id="phrase-{}"', letter) if is_first else "",
        *[letter] * 3,
    )
    return opening, format_html("<sup>{}</sup>", letter)


def _places(text: str, value: str) -> Iterator[tuple[int, int]]:
    parts = [value, *re.split(r"[,，、;；/]", value)]
    numbers = re.findall(r"\d+(?:\.\d+)?\s?[A-Za-z%°\u4e00-\u9fff]{0,2}", value)
    words = [word for word in re.findall(r"[A-Za-z]{4,}", value) if word.lower() not in _STOP]
    for candidate in [*parts, *numbers, *words]:
        wanted = candidate.strip().lower()
        at = text.find(wanted) if len(wanted) > 1 else -1
        if at >= 0:
            yield at, at + len(wanted)


def _flags(findings: Sequence[dict[str, Any]]) -> list[Mark]:
    marks = []
    for number, finding in enumerate(findings, start=1):
        if finding["end"] > finding["start"]:
            kind = "flag flag--hard" if finding["severity"] == "hard" else "flag"
            opening = format_html('<span class="{}">', kind)
            note = format_html('<sup class="finding-ref">{}</sup>', number)
            marks.append(
                Mark(finding["start"], finding["end"], opening, mark_safe("</span>"), note)
            )
    return sorted(marks, key=lambda mark: (mark.start, -mark.end))


def _remarks(threads: Sequence[Thread]) -> Iterator[list[Mark]]:
    """Where open comments are about a place, a layer for each: their places may cross."""
    for thread in threads:
        comment = thread.comment
        if comment.start is not None and comment.is_open:
            opening = format_html('<span class="remark" data-letter="c{}">', comment.pk)
            yield [Mark(comment.start, comment.end, opening, mark_safe("</span>"))]


def _pulled(told: dict[str, Any]) -> list[Mark]:
    """Heat where a stretch moved the score by a hundredth or more."""
    marks = []
    for pull in told["pulls"]:
        effect = _effect(told["logit"], pull["pull"])
        step = sum(abs(effect) >= limit for limit in _STEPS)
        if step:
            marks.append(_heat(pull, -step if effect < 0 else step))
    return marks


def _doubted(spans: Sequence[dict[str, Any]]) -> list[Mark]:
    """Heat where a token by itself is unlike approved copy."""
    steps = [next((step for limit, step in _DOUBTS if s["score"] <= limit), 0) for s in spans]
    return [_heat(span, -step) for span, step in zip(spans, steps, strict=True) if step]


def _heat(stretch: dict[str, Any], step: int) -> Mark:
    """Heat on a stretch: a step up from 1 to 4, or down from -1 to -4."""
    return Mark(stretch["start"], stretch["end"], _heat_tag(step), mark_safe("</span>"))


@cache
def _heat_tag(step: int) -> SafeString:
    return format_html('<span class="heat" data-heat="{}">', step)


def _effect(logit: float, pull: float) -> float:
    """What a pull on the logit is worth in the score: the score less what it was without it."""
    return _logistic(logit) - _logistic(logit - pull)


def _logistic(logit: float) -> float:
    return 1 / (1 + exp(-logit))


def _stretches(draft: Draft) -> Iterator[Stretch]:
    """What each stretch with a letter or a digit did to the score, and how it is by itself."""
    for pull in draft.explanation["pulls"]:
        start, end = pull["start"], pull["end"]
        if not any(letter.isalnum() for letter in draft.text[start:end]):
            continue
        ranks = [s["score"] for s in draft.spans if s["start"] < end and s["end"] > start]
        yield Stretch(
            words=draft.text[start:end],
            effect=_effect(draft.explanation["logit"], pull["pull"]),
            likeness=round(100 * min(ranks)) if ranks else None,
        )


def _layered(text: str, start: int, end: int, layers: Sequence[Sequence[Mark]]) -> SafeString:
    """Escape a stretch with its marks, those of the first layer outermost.

    The marks of a layer are in order. Where one begins within another, its beginning is lost;
    where one of a layer above cuts it, it is there in pieces.
    """
    if not layers:
        return escape(text[start:end])
    marks, below = layers[0], layers[1:]
    parts: list[SafeString] = []
    at = start
    for mark in marks:
        low, high = max(mark.start, at), min(mark.end, end)
        if low >= high:
            continue
        note = mark.note if high == mark.end else ""
        inner = _layered(text, low, high, below)
        parts += [_layered(text, at, low, below), mark.opening, inner, note, mark.closing]
        at = high
    parts.append(_layered(text, at, end, below))
    return mark_safe("".join(parts))  # noqa: S308 - each of them is escaped or a mark
