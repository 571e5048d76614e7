"""From a product to the plain facts that one text is written from."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from catalog.models import ContentKind, Product
from generation import checks
from generation.errors import BriefsUnreadable, FactsMissing
from generation.texts import Brief

# Limits of briefs from a file, in code points; a shop's own come from its kinds of copy.
_LIMITS = {
    ("zh-hans", "description"): (20, 200),
    ("en", "description"): (40, 600),
    ("zh-hans", "ad"): (4, 30),
    ("en", "ad"): (10, 60),
}
_NOT_FACTS = ("price", "价格", "rating")


def build_brief(product: Product, kind: ContentKind, language: str) -> Brief:
    """Gather what the writer may know of a product in a language.

    Raises:
        FactsMissing: it is not described in that language (facts of another one are not copy), or
            by its title alone.
    """
    text = product.text(language)
    if text is None:
        raise FactsMissing("no_text", checks.sentence("no_text", {}))
    if not (text.attributes or text.audience):
        raise FactsMissing("no_facts", checks.sentence("no_facts", {}))
    low, high = kind.limits(language)
    brand = product.brand
    return Brief(
        product_ref=product.sku,
        kind=kind.writer_kind,
        language=language,
        title=text.title,
        brand=brand.name if brand else "",
        category=product.category.slug if product.category else "",
        attributes=tuple((key, value) for key, value in text.attributes),
        audience=text.audience,
        tone=brand.voice(language) if brand else "",
        min_chars=low,
        max_chars=high,
        banned=tuple(brand.banned_words) if brand else (),
    )


@dataclass(frozen=True)
class BriefRecord:
    """One line of a file of briefs: its id, its brief, and its own text, which may be empty."""

    ref: str
    brief: Brief
    text: str


def read_briefs(path: Path) -> Iterator[BriefRecord]:
    """Read a .jsonl or .jsonl.gz file of briefs, line by line.

    Raises:
        BriefsUnreadable: a line is no brief; the sentence names it.
    """
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                try:
                    yield _brief_record(json.loads(line))
                except (KeyError, TypeError, ValueError) as reason:
                    raise BriefsUnreadable(
                        _("%(file)s, line %(line)d is not a brief: it needs id, lang and title.")
                        % {"file": path.name, "line": number}
                    ) from reason


def _brief_record(fields: dict[str, Any]) -> BriefRecord:
    language = "zh-hans" if fields["lang"].startswith("zh") else "en"
    kind = "ad" if fields.get("kind") in {"ad", "short_copy"} else "description"
    low, high = _LIMITS[language, kind]
    pairs = [*fields.get("attributes", ()), *fields.get("title_attributes", ())]
    attributes = tuple(
        dict.fromkeys(
            (str(key), str(value))
            for key, value in pairs
            if value and not any(word in str(key).lower() for word in _NOT_FACTS)
        )
    )
    brief = Brief(
        product_ref=fields["id"],
        kind=kind,
        language=language,
        title=fields["title"],
        brand=dict(attributes).get("brand", ""),
        category=fields.get("category", ""),
        attributes=attributes,
        audience=fields.get("audience", ""),
        tone="",
        min_chars=low,
        max_chars=high,
    )
    return BriefRecord(ref=fields["id"], brief=brief, text=fields.get("text", ""))
