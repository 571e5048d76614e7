"""From a product to the plain facts that one text is written from."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from catalog.models import ContentKind, Product
from generation import checks
from generation.errors import BriefsUnreadable, FactsMissing
from generation.gan.briefing import (
    MOST_FACT_CHARS,
    is_in_third_language,
    is_too_long,
    parted,
    written_kind,
)
from generation.texts import Brief, Finding

# Limits of briefs from a file, in code points; a shop's own come from its kinds of copy.
_LIMITS = {
    ("zh-hans", "description"): (20, 200),
    ("en", "description"): (40, 600),
    ("zh-hans", "ad"): (4, 30),
    ("en", "ad"): (10, 60),
    ("zh-hans", "seo"): (30, 80),
    ("en", "seo"): (40, 160),  # from 80 on, half of the bundled shop's products get none
}
_MOST_NAMED = 60  # code points of a fact's name in a remark
_NOT_FACTS = ("price", "价格", "rating")


def build_brief(product: Product, kind: ContentKind, language: str) -> Brief:
    """Gather what the writer may know of a product in a language.

    Raises:
        FactsMissing: it is not described in that language (facts of another one are not copy), or
            by its title alone, or in words of a third language; or all its facts are too long.
    """
    text = product.text(language)
    if text is None:
        raise FactsMissing("no_text", checks.sentence("no_text", {}))
    if not (text.attributes or text.audience):
        raise FactsMissing("no_facts", checks.sentence("no_facts", {}))
    facts, too_long = parted((key, value) for key, value in text.attributes)
    if not (facts or text.audience):
        values = {"fact": _short(too_long[0][0]), "limit": MOST_FACT_CHARS}
        raise FactsMissing("facts_too_long", checks.sentence("facts_too_long", values), values)
    low, high = kind.limits(language)
    brand = product.brand
    brief = Brief(
        product_ref=product.sku,
        kind=kind.writer_kind,
        language=language,
        title=text.title,
        brand=brand.name if brand else "",
        category=product.category.slug if product.category else "",
        attributes=facts,
        audience=text.audience,
        tone=brand.voice(language) if brand else "",
        min_chars=low,
        max_chars=high,
        banned=tuple(brand.banned_words) if brand else (),
        required=tuple(
            key for key in dict(facts) if key.lower() in map(str.lower, kind.required_facts)
        ),
        left_out=_left_out(too_long),
    )
    if _is_in_third_language(brief):
        raise FactsMissing("third_language", checks.sentence("third_language", {}))
    return brief


def remarks(brief: Brief) -> list[Finding]:
    """What of a brief is not written because it is too long; nothing against any text."""
    return [
        Finding("fact_left_out", "soft", 0, 0, {"fact": name, "limit": MOST_FACT_CHARS})
        for name, _numbers in brief.left_out
    ]


def _left_out(facts: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Facts that are too long, as a brief keeps them: their numbers are true all the same."""
    return tuple(
        (_short(name), " ".join(dict.fromkeys(checks.numbers(value)))) for name, value in facts
    )


def _short(name: str) -> str:
    return name if len(name) <= _MOST_NAMED else name[: _MOST_NAMED - 1] + "…"


def _is_in_third_language(brief: Brief) -> bool:
    told = [*(value for _key, value in brief.attributes), brief.audience]
    return is_in_third_language(brief.title, told)


@dataclass(frozen=True)
class BriefRecord:
    """One line of a file of briefs: its id, its brief, and its own text, which may be empty."""

    ref: str | int
    brief: Brief
    text: str


def read_briefs(path: Path) -> Iterator[BriefRecord]:
    """Read a .jsonl or .jsonl.gz file of briefs, line by line; their texts are to be judged.

    Raises:
        BriefsUnreadable: the file cannot be read, holds no brief, or has a line that is none; the
            sentence names the file and the line.
    """
    return _records(path, _brief_record)


def read_wishes(path: Path) -> Iterator[BriefRecord]:
    """Read a file as `read_briefs` does; texts are to be written for its briefs.

    Raises:
        BriefsUnreadable: as of `read_briefs`, and for a brief that nothing can be written for.
    """
    return _records(path, _wish_record)


def _records(path: Path, parse: Callable[[Any], BriefRecord]) -> Iterator[BriefRecord]:
    is_empty = True
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        try:
            yield parse(json.loads(line.decode("utf-8-sig")))
        except (RecursionError, ValueError) as reason:
            raise BriefsUnreadable(
                _("%(file)s, line %(line)d is not a brief: %(reason)s.")
                % {"file": path.name, "line": number, "reason": _what_is_wrong(reason)}
            ) from reason
        is_empty = False
    if is_empty:
        raise BriefsUnreadable(_("%(file)s holds no briefs.") % {"file": path.name})


class _NotABrief(ValueError):
    """What is wrong with one line, in words that end another sentence."""


def _lines(path: Path) -> Iterator[bytes]:
    """The lines of a plain or a gzip file, as they were written.

    Raises:
        BriefsUnreadable: there is no such file, or it cannot be read to its end.
    """
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rb") as lines:
            yield from lines
    except FileNotFoundError as reason:
        raise BriefsUnreadable(_("There is no file %(file)s.") % {"file": path}) from reason
    except (EOFError, gzip.BadGzipFile, zlib.error) as reason:
        raise BriefsUnreadable(
            _("%(file)s is cut short, damaged or not a gzip file.") % {"file": path.name}
        ) from reason
    except OSError as reason:
        raise BriefsUnreadable(
            _("%(file)s cannot be read: %(reason)s.") % {"file": path, "reason": reason.strerror}
        ) from reason


def _what_is_wrong(reason: Exception) -> str:
    if isinstance(reason, _NotABrief):
        return str(reason)
    if isinstance(reason, UnicodeError):
        return _("it is not UTF-8 text")
    return _("it is not JSON")


def _brief_record(fields: Any) -> BriefRecord:
    if not isinstance(fields, dict) or not {"id", "lang", "title"} <= fields.keys():
        raise _NotABrief(_("it needs id, lang and title"))
    ref = fields["id"]
    if isinstance(ref, bool) or not isinstance(ref, int):
        ref = _text(fields, "id")
    language = _language(_text(fields, "lang"))
    kind = written_kind(_text(fields, "kind")) or "description"  # as which any other is judged
    low, high = _LIMITS[language, kind]
    pairs = [*_pairs(fields, "attributes"), *_pairs(fields, "title_attributes")]
    told = dict.fromkeys(
        (key, value)
        for key, value in pairs
        if value and not any(word in key.lower() for word in _NOT_FACTS)
    )
    attributes, too_long = parted(told)
    audience = _text(fields, "audience")
    if is_too_long("", audience):
        audience, too_long = "", (*too_long, ("audience", audience))
    brief = Brief(
        product_ref=str(ref),
        kind=kind,
        language=language,
        title=_text(fields, "title"),
        brand=dict(attributes).get("brand", ""),
        category=_text(fields, "category"),
        attributes=attributes,
        audience=audience,
        tone="",
        min_chars=low,
        max_chars=high,
        left_out=_left_out(too_long),
    )
    return BriefRecord(ref=ref, brief=brief, text=_text(fields, "text"))


def _wish_record(fields: Any) -> BriefRecord:
    record = _brief_record(fields)
    brief = record.brief
    kind = _text(fields, "kind")
    if not written_kind(kind):
        raise _NotABrief(
            _("its kind is “%(kind)s”, and only these are written: %(known)s")
            % {"kind": _short(kind), "known": ", ".join(dict.fromkeys(one for _, one in _LIMITS))}
        )
    if is_too_long("", brief.title):
        raise _NotABrief(
            _("its title is longer than %(limit)d characters: shorten it")
            % {"limit": MOST_FACT_CHARS}
        )
    if brief.left_out and not (brief.attributes or brief.audience):
        raise _NotABrief(
            _("its fact “%(fact)s” is longer than %(limit)d characters: say it in shorter ones")
            % {"fact": brief.left_out[0][0], "limit": MOST_FACT_CHARS}
        )
    if _is_in_third_language(brief):
        raise _NotABrief(_("its title and facts are neither Chinese nor English: translate them"))
    return record


def _text(fields: dict[str, Any], name: str) -> str:
    """The text in a field, "" where there is no such field."""
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise _NotABrief(_("its %(name)s is not a text") % {"name": name})
    value.encode()  # half of a surrogate pair is JSON, and no text that can be written
    return value


def _language(code: str) -> str:
    known = {"zh": "zh-hans", "en": "en"}
    language = known.get(code.lower().replace("_", "-").split("-")[0])
    if language is None:
        raise _NotABrief(
            _("its language is “%(language)s”, and only zh and en are written") % {"language": code}
        )
    return language


def _pairs(fields: dict[str, Any], name: str) -> list[tuple[str, str]]:
    """The pairs of key and value in a field; a value of nothing is "", a number its digits."""
    pairs = fields.get(name, [])
    if not isinstance(pairs, list) or not all(map(_is_pair, pairs)):
        raise _NotABrief(_("its %(name)s are not pairs of key and value") % {"name": name})
    found = [(key, str(value) if value else "") for key, value in pairs]
    "".join(key + value for key, value in found).encode()  # as in a text
    return found


def _is_pair(item: Any) -> bool:
    return (
        isinstance(item, list)
        and len(item) == 2
        and isinstance(item[0], str)
        and not isinstance(item[1], dict | list)
    )
