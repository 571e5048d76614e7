"""One text with the facts it was written from, and the readers of the two corpus schemas."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

KINDS = ("description", "ad")
LANGUAGES = ("zh", "en")
# The register a text is written in. A brief asks for one; a corpus text shows one.
STYLES = ("calm", "lively", "market")

# What copy does not speak of: what changes, and what files a product rather than describes it.
_PRIVATE_KEYS = ("price", "价格", "rating", "sale", "discount", "breadcrumb")
_FILING_KEYS = {"tag", "tags", "标签"}


@dataclass(frozen=True)
class Record:
    """A brief, and the text somebody wrote for it (empty when it is still to be written).

    Args:
        ref: what the text is about: a sku or a corpus id. Texts of one ref share a split.
        language: "zh" or "en".
        kind: "description" or "ad".
        style: one of STYLES.
        weight: how often the text is drawn in an epoch of likelihood training.
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

    def with_text(self, text: str) -> Record:
        """Give the same brief with another text."""
        return replace(self, text=text)


def read_records(path: Path, *, silver: bool = True) -> Iterator[Record]:
    """Read a corpus: a file of the shared schema, a starter-shop file, or a folder of either.

    Args:
        path: of the file or the folder.
        silver: whether to take facts that were found in the text itself. They are good to learn
            from; a writer that is measured against the text may not have them.

    Raises:
        ValueError: a line is not a record; the message names file and line.
    """
    if path.is_dir():
        for part in sorted(path.glob("*.jsonl*")):
            yield from read_records(part, silver=silver)
        return
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                fields = json.loads(line)
                yield from parse(fields, silver=silver)
            except (KeyError, TypeError, ValueError) as reason:
                message = f"{path.name}, line {number}: not a corpus record ({reason!r})."
                raise ValueError(message) from reason


def corpus_name(path: Path) -> str:
    """What a file of texts is called: its folder and its name, as in "taobao_kobe/dev"."""
    return f"{path.resolve().parent.name}/{path.name.removesuffix('.gz').removesuffix('.jsonl')}"


def parse(fields: dict[str, Any], *, silver: bool = True) -> Iterator[Record]:
    """Turn one decoded line into records: one, or the many of a starter-shop product."""
    if "descriptions" in fields:
        yield from _starter_records(fields)
    else:
        yield _corpus_record(fields, silver=silver)


def _corpus_record(fields: dict[str, Any], *, silver: bool) -> Record:
    language = "zh" if str(fields.get("lang") or fields["language"]).startswith("zh") else "en"
    is_told = silver or fields.get("attributes_origin") != "silver_text"
    attributes = facts_for_copy(fields.get("attributes") or ()) if is_told else ()
    extra = facts_for_copy(fields.get("title_attributes") or ())
    brand = next((value for key, value in attributes if key == "brand"), fields.get("brand", ""))
    kind = "ad" if fields.get("kind") in {"short_copy", "ad"} else "description"
    return Record(
        ref=fields.get("id", ""),
        language=language,
        kind=kind,
        style=fields.get("style", "market"),
        title=fields.get("title", ""),
        attributes=tuple(dict.fromkeys(attributes + extra)),
        brand=brand,
        category=fields.get("category", ""),
        audience=fields.get("audience", ""),
        text=fields.get("text", ""),
    )


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
        yield replace(base, style="market", text=summary)


def facts_for_copy(pairs: Iterable[tuple[Any, Any]]) -> tuple[tuple[str, str], ...]:
    """Keep the facts that copy may speak of."""
    kept = []
    for key, value in pairs:
        name = str(key).lower()
        private = name in _FILING_KEYS or any(word in name for word in _PRIVATE_KEYS)
        if value and not private:
            kept.append((str(key), str(value)))
    return tuple(kept)
