"""Feeds into rows, product by product, with a report of what was refused and why."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any, BinaryIO, TextIO

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from catalog.errors import FeedUnreadable
from catalog.feeds import FeedProduct, FeedText, Reading, Refusal, Unreadable, read_feed
from catalog.models import Brand, Category, Product, ProductText

_BATCH = 500  # products of one transaction: others may write in between
_KEPT_REFUSALS = 10_000  # that a report names; it counts all of them
_KEPT_NAMES = 400  # characters of the columns that are left out


@dataclass
class ImportReport:
    """What became of a feed.

    Args:
        format: the dialect it was read as.
        encoding: "utf-8", "utf-16", "gb18030", "latin-1", or "xlsx" for a workbook.
        rows: how many it has.
        created: products that are new.
        updated: products of which something changed.
        unchanged: products that were as the feed has them.
        merged: rows that belong to a product of another row: variants, pictures, repeats.
        refused: rows that were not taken.
        refusals: the first of those, as {line, column, reason}; with the entry's number as `entry`
            where several entries of a JSON file share a line.
        remarks: what was read differently than it stands, as {line, column, reason}.
    """

    format: str
    encoding: str = "utf-8"
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    merged: int = 0
    refused: int = 0
    refusals: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[dict[str, Any]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Give the report as JSON-ready data."""
        return asdict(self)


def read(file: BinaryIO, *, file_name: str, format: str) -> Reading:  # noqa: A002
    """Read a feed.

    Raises:
        FeedUnreadable: one sentence that says what is wrong with the file.
    """
    try:
        return read_feed(file, format=format)
    except Unreadable as reason:
        raise FeedUnreadable(_unreadable(reason, file_name)) from reason


def store(reading: Reading, *, dry_run: bool, refused_to: TextIO | None = None) -> ImportReport:
    """Bring a feed's products into the catalogue; a product that is as it was is left alone.

    Args:
        reading: it is gone through.
        dry_run: only report.
        refused_to: where the rows that were not taken are written, as CSV to mend and import.
    """
    report = ImportReport(reading.format, reading.encoding, reading.rows)
    shelves = _Shelves(dry_run=dry_run)
    products = reading.products()
    while batch := list(islice(products, _BATCH)):
        with transaction.atomic():
            _store_batch(batch, reading.format, shelves, report)
    report.merged, report.refused = reading.merged, reading.refused
    report.refusals = [_told(one) for one in islice(reading.refusals(), _KEPT_REFUSALS)]
    report.remarks = list(_remarks(reading))
    if refused_to:
        _write_refused(reading, refused_to)
    return report


def _write_refused(reading: Reading, file: TextIO) -> None:
    """Write the refused rows under their own columns, each with its line and why it was not taken.

    Those two begin with a number sign; an import leaves such columns out.
    """
    names = dict.fromkeys(name for one in reading.refusals() for name in one.row)
    rows = csv.writer(file)
    rows.writerow([*names, "#line", "#column", "#reason"])
    for one in reading.refusals():
        told, cells = _told(one), [_cell(one.row.get(name, "")) for name in names]
        rows.writerow([*cells, told["line"], told["column"], told["reason"]])


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class _Shelves:
    """The brands and categories by their names, made where there are none yet.

    In a dry run nothing is made: what would be new has the key 0, which no row has.
    """

    def __init__(self, *, dry_run: bool) -> None:
        self.is_dry = dry_run
        self._brands = {_key(brand.name): brand.pk for brand in Brand.objects.all()}
        self._brand_slugs = set(Brand.objects.values_list("slug", flat=True))
        self._categories: dict[str, int] = {}
        self._category_slugs: set[str] = set()
        for category in Category.objects.all():
            self._category_slugs.add(category.slug)
            for name in (category.name_en, category.name_zh, category.slug):
                self._categories.setdefault(_key(name), category.pk)

    def brand(self, name: str) -> int:
        """The brand's key."""
        if (key := _key(name)) not in self._brands:
            slug = _free_slug(name, self._brand_slugs, 50)
            made = None if self.is_dry else Brand.objects.create(slug=slug, name=name)
            self._brands[key] = made.pk if made else 0
        return self._brands[key]

    def category(self, name: str) -> int:
        """The key of the category that has this name in either language."""
        if (key := _key(name)) not in self._categories:
            slug = _free_slug(name, self._category_slugs, 80)
            names = {"slug": slug, "name_zh": name, "name_en": name}
            made = None if self.is_dry else Category.objects.create(**names)
            self._categories[key] = made.pk if made else 0
        return self._categories[key]


def _store_batch(
    found: list[FeedProduct], source: str, shelves: _Shelves, report: ImportReport
) -> None:
    """Write a batch in a number of queries that does not grow with it, but with new shelves."""
    skus = [item.sku for item in found]
    wanted = {item.sku: _columns(item, shelves) for item in found}
    known = Product.objects.in_bulk(skus, field_name="sku")
    before = set(known)
    if not shelves.is_dry:
        fresh = [Product(sku=sku, source=source, **wanted[sku]) for sku in skus if sku not in known]
        # Another import may be faster with the same product: then it is that one's, and updated.
        Product.objects.bulk_create(fresh, ignore_conflicts=True)
        made = [item.sku for item in fresh]
        known |= Product.objects.in_bulk(made, field_name="sku") if made else {}
    there = ProductText.objects.filter(product__in=known.values())
    changes = _changes(found, wanted, known, {(one.product_id, one.language): one for one in there})
    moved = {product.sku for product in changes.moved}
    if not shelves.is_dry:
        ProductText.objects.bulk_create(changes.new_texts, ignore_conflicts=True)
        _update(changes.texts, ["title", "audience", "attributes", "description"])
        products = [one for one in changes.moved if one.sku in before or one in changes.products]
        for product in products:
            product.updated_at = timezone.now()
        _update(products, ["brand", "category", "price_cny", "price_usd", "updated_at"])
    report.created += len(skus) - len(before)
    report.updated += len(moved & before)
    report.unchanged += len(before - moved)


@dataclass
class _Changes:
    """What a feed knows otherwise than the catalogue.

    Args:
        moved: products of which anything changed.
        products: those whose own row did.
        new_texts, texts: in languages that are new for their product, and that were there.
    """

    moved: list[Product] = field(default_factory=list)
    products: set[Product] = field(default_factory=set)
    new_texts: list[ProductText] = field(default_factory=list)
    texts: list[ProductText] = field(default_factory=list)


def _changes(
    found: list[FeedProduct],
    wanted: dict[str, dict[str, Any]],
    known: dict[str, Product],
    texts: dict[tuple[int, str], ProductText],
) -> _Changes:
    """Fill products and their texts with what the feed knows, and say which are others now."""
    changes = _Changes()
    for item in found:
        product = known.get(item.sku)
        if product is None:
            continue  # it would be new, and this is a dry run
        is_moved = _fill(product, wanted[item.sku])
        if is_moved:
            changes.products.add(product)
        for language, text in item.texts.items():
            have = texts.get((product.pk, language))
            there = changes.new_texts if have is None else changes.texts
            have = have or ProductText(product=product, language=language)
            if _fill(have, _facts(text)):
                there.append(have)
                is_moved = True
        if is_moved:
            changes.moved.append(product)
    return changes


def _columns(item: FeedProduct, shelves: _Shelves) -> dict[str, Any]:
    """What the feed knows of the product itself; what it leaves blank stays as it is."""
    known: dict[str, Any] = {f"price_{name}": price for name, price in item.prices.items()}
    if item.brand:
        known["brand_id"] = shelves.brand(item.brand)
    if item.category:
        known["category_id"] = shelves.category(item.category)
    return known


def _update(rows: list[Any], columns: list[str]) -> None:
    """Write rows that are there; Django's `bulk_update` takes five times as long for its CASEs."""
    if rows:
        type(rows[0]).objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["id"], update_fields=columns
        )


def _fill(row: Product | ProductText, wanted: dict[str, Any]) -> bool:
    """Set what the feed knows; say whether that changed anything."""
    changed = [name for name, value in wanted.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, wanted[name])
    return bool(changed)


def _facts(text: FeedText) -> dict[str, Any]:
    """What the feed knows of a product in one language; what it leaves blank stays as it is."""
    facts = {
        "title": text.title,
        "audience": text.audience,
        "attributes": text.attributes,
        "description": text.description,
    }
    return {name: value for name, value in facts.items() if value}


def _key(name: str) -> str:
    return name.casefold().strip()


def _free_slug(name: str, taken: set[str], most_chars: int) -> str:
    """A short name for `name` that is not taken yet; from now on it is."""
    base = slugify(name, allow_unicode=True)[: most_chars - 5] or "unnamed"
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    taken.add(slug)
    return slug


def _unreadable(reason: Unreadable, file_name: str) -> str:
    words = {
        "encoding": _(
            "“%(file)s” cannot be read as text: save it in UTF-8, UTF-16 or GB18030 and try again."
        ),
        "old_workbook": _(
            "“%(file)s” is a workbook of the old kind: save it as .xlsx or as CSV and import that."
        ),
        "damaged_workbook": _(
            "“%(file)s” is no workbook that can be opened: save it again as .xlsx, or as CSV."
        ),
        "too_large": _(
            "“%(file)s” would fill the memory when it is unpacked: split it, or save it as CSV."
        ),
        "table": _(
            "“%(file)s” is no table: the first line has to name the columns, with a comma, "
            "a semicolon or a tab between them."
        ),
        "quotes": _(
            "“%(file)s” has quotation marks that are opened and never closed, again at line "
            "%(line)s: save it anew from the program that wrote it."
        ),
        "empty": _("“%(file)s” holds no products: it needs a header and at least one row."),
        "json": _("“%(file)s” is not valid JSON at line %(line)s."),
        "xml": _("“%(file)s” is not valid XML at line %(line)s."),
        "dtd": _(
            "“%(file)s” declares a document type, which may hide anything: take its <!DOCTYPE …> "
            "out and import it then."
        ),
        "column": _(
            "“%(file)s” has no column “%(column)s”: add or rename it. Its columns are: %(found)s."
        ),
    }
    return words[reason.code] % {"file": file_name, **reason.facts}


def _told(refusal: Refusal) -> dict[str, Any]:
    """A refusal with its line and its reason, and its entry's number where lines have several."""
    words = {
        "no_title": _("The product has no title."),
        "no_sku": _("The product has no SKU."),
        "no_parent": _("The variation names a parent, “%(value)s”, that the file does not have."),
        "bad_price": _("“%(value)s” is not a price."),
        "too_long": _("The text is longer than the %(value)s characters there is room for."),
        "too_long_row": _("The row is longer than %(value)s characters."),
        "too_many_rows": _(
            "The rows of this product before it hold %(value)s characters already; no more is read."
        ),
        "duplicate_sku": _("The SKU “%(value)s” stands in an earlier row with another title."),
        "not_an_object": _("The entry is not an object with named fields."),
        "json": _("The line is not valid JSON."),
        "bytes": _("Some bytes do not fit the file's encoding."),
        "cells": _("The row has %(value)s cells, more than there are columns."),
        "quotes": _("A quotation mark is opened and never closed."),
    }
    told = _explained(refusal.line, refusal.column, words[refusal.code] % {"value": refusal.value})
    return told if refusal.entry is None else told | {"entry": refusal.entry}


def _remarks(reading: Reading) -> Iterator[dict[str, Any]]:
    """What was read differently than it stands."""
    if reading.encoding == "latin-1":
        words = _("The file is in no Unicode encoding; it was read as Latin-1.")
        yield _explained(1, "", words)
    if reading.left_out:
        names = ", ".join(reading.left_out)[:_KEPT_NAMES]
        words = _("These columns are no facts and were left out: %(value)s.") % {"value": names}
        yield _explained(1, "", words)
    for currency, number in sorted(reading.other_currencies.items()):
        left_out = f"{currency.upper()} ({number})"
        words = _("Only yuan and dollars are kept; left out: prices in %(value)s.")
        yield _explained(1, "", words % {"value": left_out})


def _explained(line: int, column: str, reason: str) -> dict[str, Any]:
    return {"line": line, "column": column, "reason": reason}
