"""Marks on copy: claims with their facts, findings, heat, and differences between two texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from string import ascii_lowercase
from typing import Any

from diff_match_patch import diff_match_patch
from django import template
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from generation import checks

register = template.Library()

# The share of approved copy's tokens that D believes less, up to which a token is marked, and how.
_HEAT = ((0.0, 4), (0.05, 3), (0.1, 2), (0.2, 1))
_WORD = re.compile(r"[A-Za-z0-9'-]+|\s+|.", re.DOTALL)
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
    """A fact of the brief, with its letter when the copy uses it."""

    key: str
    value: str
    letter: str = ""


@dataclass
class Mark:
    """A stretch of copy that carries something: offsets, kind, and what to say."""

    start: int
    end: int
    kind: str
    note: str = ""


@dataclass
class Marked:
    """A draft's copy with its marks, and the facts beside it."""

    html: SafeString
    facts: list[Fact]
    used: int
    findings: list[dict[str, Any]] = field(default_factory=list)


@register.simple_tag
def marked(text: str, brief: dict[str, Any], spans: list, findings: list) -> Marked:
    """Mark a draft's copy: claims by letter, findings by number, heat by D's doubt."""
    facts = [Fact(key, value) for key, value in brief.get("attributes", [])]
    claims = list(_claims(text, facts))
    marks = [*claims, *_finding_marks(findings)]
    html = _render(text, _apart(marks), spans)
    used = sum(bool(fact.letter) for fact in facts)
    return Marked(html=html, facts=facts, used=used, findings=checks.told(findings))


@register.simple_tag
def difference(before: str, after: str, language: str = "en") -> SafeString:
    """Show what changed: Chinese by characters, English by words, in `del` and `ins`."""
    differ = diff_match_patch()
    if language.startswith("zh"):
        changes = differ.diff_main(before, after)
        differ.diff_cleanupSemantic(changes)
    else:
        changes = _word_changes(differ, before, after)
    tags = {-1: "<del>{}</del>", 1: "<ins>{}</ins>", 0: "{}"}
    return format_html_join("", "{}", ((format_html(tags[kind], part),) for kind, part in changes))


@register.filter
def score(value: float) -> str:
    """Write a probability as .81."""
    return f"{value:.2f}".lstrip("0") or "0"


@register.filter
def tag_of(language: str) -> str:
    """The HTML language tag of a language of copy."""
    return "zh-Hans" if language == "zh-hans" else "en"


def _word_changes(differ: diff_match_patch, before: str, after: str) -> list[tuple[int, str]]:
    """A diff over words: each word becomes one character of a private alphabet."""
    known: dict[str, str] = {}

    def coded(text: str) -> str:
        return "".join(known.setdefault(w, chr(0xE000 + len(known))) for w in _WORD.findall(text))

    first, second = coded(before), coded(after)
    words = {letter: word for word, letter in known.items()}
    changes = differ.diff_main(first, second, checklines=False)
    differ.diff_cleanupSemantic(changes)
    return [(kind, "".join(words[letter] for letter in part)) for kind, part in changes]


def _claims(text: str, facts: Sequence[Fact]) -> Iterator[Mark]:
    """Find each fact in the copy: its value, one of its parts, or its numbers."""
    letters = iter(ascii_lowercase)
    lowered = text.lower()
    for fact in facts:
        found = next(_places(lowered, fact.value), None)
        if found is None:
            continue
        fact.letter = next(letters, "")
        yield Mark(*found, kind="claim", note=fact.letter)


def _places(text: str, value: str) -> Iterator[tuple[int, int]]:
    parts = [value, *re.split(r"[,，、;；/]", value)]
    numbers = re.findall(r"\d+(?:\.\d+)?\s?[A-Za-z%°\u4e00-\u9fff]{0,2}", value)
    words = [word for word in re.findall(r"[A-Za-z]{4,}", value) if word.lower() not in _STOP]
    for candidate in [*parts, *numbers, *words]:
        wanted = candidate.strip().lower()
        at = text.find(wanted) if len(wanted) > 1 else -1
        if at >= 0:
            yield at, at + len(wanted)


def _finding_marks(findings: Sequence[dict[str, Any]]) -> Iterator[Mark]:
    for number, finding in enumerate(findings, start=1):
        if finding["end"] > finding["start"]:
            kind = "flag flag--hard" if finding["severity"] == "hard" else "flag"
            yield Mark(finding["start"], finding["end"], kind, str(number))


def _apart(marks: Sequence[Mark]) -> list[Mark]:
    """Marks in order, without those that begin inside another."""
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end)):
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return kept


def _render(text: str, marks: Sequence[Mark], spans: Sequence[dict[str, Any]]) -> SafeString:
    html: list[str] = []
    at = 0
    for mark in marks:
        html.append(_warm(text, at, mark.start, spans))
        inner = _warm(text, mark.start, mark.end, spans)
        if mark.kind == "claim":
            html.append(
                format_html(
                    '<a class="claim" href="#fact-{}">{}<sup>{}</sup></a>',
                    mark.note,
                    mark_safe(inner),  # noqa: S308 - escaped by _warm
                    mark.note,
                )
            )
        else:
            html.append(
                format_html(
                    '<span class="{}">{}<sup class="finding-ref">{}</sup></span>',
                    mark.kind,
                    mark_safe(inner),  # noqa: S308 - escaped by _warm
                    mark.note,
                )
            )
        at = mark.end
    html.append(_warm(text, at, len(text), spans))
    return mark_safe("".join(html))  # noqa: S308 - every piece is escaped above


def _warm(text: str, start: int, end: int, spans: Sequence[dict[str, Any]]) -> str:
    """Escape a stretch, with the tokens that D doubts marked by how much."""
    html: list[str] = []
    at = start
    for span in spans:
        heat = next((step for limit, step in _HEAT if span["score"] <= limit), 0)
        low, high = max(span["start"], at), min(span["end"], end)
        if not heat or low >= high or span["start"] < start:
            continue
        html.append(escape(text[at:low]))
        html.append(
            format_html('<span class="heat" data-heat="{}">{}</span>', heat, text[low:high])
        )
        at = high
    html.append(escape(text[at:end]))
    return "".join(html)
