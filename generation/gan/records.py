"""One text with the facts it was written from, and the readers of the two corpus schemas."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

KINDS = ("description", "ad", "seo", "review")
FOR_CHANNELS = ("description", "ad", "seo")  # reviews are read, never written for a channel
LANGUAGES = ("zh", "en")
# The register a text is written in. A brief asks for one; a corpus text shows one.
STYLES = ("calm", "lively", "market")

# What copy does not speak of: what changes, and what files a product rather than describes it.
_PRIVATE_KEYS = ("price", "价格", "rating", "sale", "discount", "breadcrumb")
_FILING_KEYS = {"tag", "tags", "标签"}
# What corpora call the kinds of text.
_KIND_OF = {
    "": "description",
    "description": "description",
    "product_description": "description",
    "product_description_lowercase": "description",
    "ad_copy": "description",
    "marketplace_listing": "description",
    "spec_list": "description",
    "ad": "ad",
    "short_copy": "ad",
    "seo": "seo",
    "review": "review",
}


@dataclass(frozen=True)
class Record:
    """A brief, and the text somebody wrote for it (empty when it is still to be written).

    Args:
        ref: what the text is about: a sku or a corpus id. Texts of one ref share a split.
        language: "zh" or "en"; a corpus may hold others, which `preparation` drops.
        kind: "description" or "ad".
        style: one of STYLES.
        weight: how often the text is drawn in an epoch of likelihood training.
        guessed: facts that were matched in the text itself. They teach where a fact goes; a
            brief that holds them has seen its answer, so only lessons ever do (`lessons.hinted`).
    """

    ref: str
    language: str
    kind: str
    style: str
    title: str
    attributes: tuple[tuple[str, str], ...]
    brand: str = ""
    category: str = ""
    audience: str = ""
    text: str = ""
    weight: float = 1.0
    guessed: tuple[tuple[str, str], ...] = ()

    def with_text(self, text: str) -> Record:
        """Give the same brief with another text."""
        return replace(self, text=text)


def kind_of(name: str) -> str:
    """The kind of text that a corpus means by a name; "" where nobody knows it."""
    return _KIND_OF.get(name, "")


def usual_style(kind: str) -> str:
    """The register to write a kind of text in where nobody asks for one: calm, an ad lively.

    Search summaries were learnt in the market's register, and read better in the calm one.
    """
    return "lively" if kind == "ad" else "calm"


def read_records(path: Path, *, are_briefs: bool = False) -> Iterator[Record]:
    """Read a corpus: a file of the shared schema, a starter-shop file, or a folder of either.

    A text without a style shows the market's; a brief without one is to be written in the usual
    one of its kind.

    Raises:
        ValueError: the file cannot be read, or a line is not a record; the message names them.
    """
    if path.is_dir():
        for part in sorted(path.glob("*.jsonl*")):
            yield from read_records(part, are_briefs=are_briefs)
        return
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    place = f"{path.name}, line {number}"
                    yield from _read_line(line, place, are_briefs=are_briefs)
    except (EOFError, OSError, UnicodeDecodeError, zlib.error) as reason:
        raise ValueError(f"{path} cannot be read: {_what_is_wrong(reason)}.") from reason


def _what_is_wrong(reason: Exception) -> str:
    if isinstance(reason, UnicodeDecodeError):
        return "it is not UTF-8 text; save it as such"
    return (reason.strerror if isinstance(reason, OSError) else None) or str(reason)


def _read_line(line: str, place: str, *, are_briefs: bool) -> list[Record]:
    try:
        return list(parse(json.loads(line), are_briefs=are_briefs))
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as reason:
        raise ValueError(
            f"{place}: not a corpus record ({reason!r}); it needs id, lang, title, attributes as "
            "pairs of key and value, and text."
        ) from reason


def corpus_name(path: Path) -> str:
    """What a file of texts is called: its folder and its name, as in "taobao_kobe/dev"."""
    return f"{path.resolve().parent.name}/{path.name.removesuffix('.gz').removesuffix('.jsonl')}"


def parse(fields: dict[str, Any], *, are_briefs: bool = False) -> Iterator[Record]:
    """Turn one decoded line into records: one, or the many of a starter-shop product."""
    if "descriptions" in fields:
        yield from _starter_records(fields)
    else:
        yield _corpus_record(fields, are_briefs=are_briefs)


def _corpus_record(fields: dict[str, Any], *, are_briefs: bool) -> Record:
    stated = facts_for_copy(fields.get("attributes") or ())
    guessed = stated if fields.get("attributes_origin") == "silver_text" else ()
    attributes = () if guessed else stated
    extra = facts_for_copy(fields.get("title_attributes") or ())
    brand = next((value for key, value in attributes if key == "brand"), _text(fields, "brand"))
    kind = kind_of(fields.get("kind", "")) or "description"
    style = fields.get("style", usual_style(kind) if are_briefs else "market")
    if style not in STYLES:
        raise ValueError(f"style {style} is none of {', '.join(STYLES)}")
    return Record(
        ref=_whole(str(fields.get("id", ""))),
        language=_language(str(fields.get("lang") or fields["language"])),
        kind=kind,
        style=style,
        title=_text(fields, "title"),
        attributes=tuple(dict.fromkeys(attributes + extra)),
        brand=brand,
        category=_text(fields, "category"),
        audience=_text(fields, "audience"),
        text=_text(fields, "text"),
        guessed=guessed,
    )


def line_of(record: Record) -> str:
    """Write a record as one line that `read_records` reads; its weight belongs to a training."""
    fields = {
        "id": record.ref,
        "lang": record.language,
        "kind": record.kind,
        "style": record.style,
        "title": record.title,
        "attributes": record.guessed or record.attributes,
        "attributes_origin": "silver_text" if record.guessed else "given",
        "title_attributes": record.attributes if record.guessed else (),
        "brand": record.brand,
        "category": record.category,
        "audience": record.audience,
        "text": record.text,
    }
    return json.dumps(fields, ensure_ascii=False)


def _language(tag: str) -> str:
    """The writer's name of a language ("zh" of zh-hans); another one stays as it is called."""
    return next((known for known in LANGUAGES if tag.lower().startswith(known)), tag)


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name) or ""
    if not isinstance(value, str):
        raise TypeError(f"{name} is no text")
    return _whole(value)


def _whole(text: str) -> str:
    """A text that can be written: half of a surrogate pair is JSON, but no character."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _starter_records(fields: dict[str, Any]) -> Iterator[Record]:
    for language in LANGUAGES:
        base = Record(
            ref=fields["sku"],
            language=language,
            kind="description",
            style="calm",
            title=fields["title"][language],
            attributes=facts_for_copy(fields["attributes"][language]),
            brand=fields["brand"],
            category=fields["category"],
            audience=fields["audience"][language],
        )
        calm, *lively = fields["descriptions"][language]
        yield replace(base, text=calm)
        for text in lively:
            yield replace(base, style="lively", text=text)
        for text in fields["ads"][language]:
            yield replace(base, kind="ad", style="lively", text=text)
        summary = fields["seo"][language]["description"]
        yield replace(base, kind="seo", style="market", text=summary)


def facts_for_copy(pairs: Iterable[tuple[Any, Any]]) -> tuple[tuple[str, str], ...]:
    """Keep the facts that copy may speak of."""
    kept = []
    for key, value in pairs:
        name = str(key).lower()
        private = name in _FILING_KEYS or any(word in name for word in _PRIVATE_KEYS)
        if value and not private:
            kept.append((_whole(str(key)), _whole(str(value))))
    return tuple(kept)
