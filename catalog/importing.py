"""Feeds into rows, product by product, with a report of what was refused and why."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from catalog.errors import FeedUnreadable
from catalog.feeds import FeedProduct, FeedText, Note, Reading, Unreadable, read_feed
from catalog.models import Brand, Category, Product, ProductText

_BATCH = 200  # products of one transaction: others may write in between


@dataclass
class ImportReport:
    """What became of a feed.

    Args:
        format: the dialect it was read as.
        encoding: "utf-8", "utf-16", "gb18030" or "latin-1".
        created: products that are new.
        updated: products of which something changed.
        unchanged: products that were as the feed has them.
        merged: rows that belong to a product of another row: variants, pictures, repeats.
        refusals: rows that were not taken, as {line, column, reason}; with the entry's number as
            `entry` where several entries of a JSON file share a line.
        remarks: what was read differently than it stands, as {line, column, reason}.
    """

    format: str
    encoding: str = "utf-8"
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    merged: int = 0
    refusals: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[dict[str, Any]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Give the report as JSON-ready data."""
        return asdict(self)


def read(content: bytes, *, file_name: str, format: str) -> Reading:  # noqa: A002
    """Read a feed.

    Raises:
        FeedUnreadable: one sentence that says what is wrong with the file.
    """
    try:
        return read_feed(content, format=format)
    except Unreadable as reason:
        raise FeedUnreadable(_unreadable(reason, file_name)) from reason


def store(reading: Reading, *, dry_run: bool) -> ImportReport:
    """Bring a feed's products into the catalogue; a product that is as it was is left alone."""
    report = ImportReport(
        format=reading.format,
        encoding=reading.encoding,
        merged=reading.merged,
        refusals=[_placed(note, reading.lines) for note in reading.refusals],
        remarks=[_explained(note) for note in reading.remarks],
    )
    for start in range(0, len(reading.products), _BATCH):
        with transaction.atomic():
            _store_batch(reading.products[start : start + _BATCH], reading.format, report)
            if dry_run:
                transaction.set_rollback(True)
    return report


def _store_batch(found: list[FeedProduct], source: str, report: ImportReport) -> None:
    """Write a batch in a number of queries that does not grow with it."""
    skus = [item.sku for item in found]
    brands = _brands({item.brand for item in found if item.brand})
    categories = _categories({item.category for item in found if item.category})
    wanted = {item.sku: _columns(item, brands, categories) for item in found}
    before = set(Product.objects.filter(sku__in=skus).values_list("sku", flat=True))
    fresh = [Product(sku=sku, source=source, **wanted[sku]) for sku in skus if sku not in before]
    # Another import may be faster with the same product: then it is that one's, and updated here.
    Product.objects.bulk_create(fresh, ignore_conflicts=True)
    known = Product.objects.in_bulk(skus, field_name="sku")
    there = ProductText.objects.filter(product__in=known.values())
    texts = {(text.product_id, text.language): text for text in there}

    moved, written = set(), set()  # SKUs of which anything changed, and the product's own row
    new_texts: list[ProductText] = []
    changed_texts: list[ProductText] = []
    for item in found:
        product = known[item.sku]
        if _fill(product, wanted[item.sku]):
            written.add(item.sku)
        for language, text in item.texts.items():
            have = texts.get((product.pk, language))
            if have is None:
                have = ProductText(product=product, language=language)
                new_texts.append(have)
                _fill(have, _facts(text))
                moved.add(item.sku)
            elif _fill(have, _facts(text)):
                changed_texts.append(have)
                moved.add(item.sku)
    ProductText.objects.bulk_create(new_texts, ignore_conflicts=True)
    _update(changed_texts, ["title", "audience", "attributes", "description"])
    moved |= written
    products = [known[sku] for sku in sorted(moved & before | written)]
    for product in products:
        product.updated_at = timezone.now()
    _update(products, ["brand", "category", "price_cny", "price_usd", "updated_at"])
    report.created += len(skus) - len(before)
    report.updated += len(moved & before)
    report.unchanged += len(before - moved)


def _columns(
    item: FeedProduct, brands: dict[str, Brand], categories: dict[str, Category]
) -> dict[str, Any]:
    """What the feed knows of the product itself; what it leaves blank stays as it is."""
    known: dict[str, Any] = {f"price_{name}": price for name, price in item.prices.items()}
    if item.brand:
        known["brand_id"] = brands[_key(item.brand)].pk
    if item.category:
        known["category_id"] = categories[_key(item.category)].pk
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


def _brands(names: set[str]) -> dict[str, Brand]:
    """The brands of these names, made where there were none."""
    known = {_key(brand.name): brand for brand in Brand.objects.all()} if names else {}
    for name in sorted(names):
        if _key(name) not in known:
            slug = _free_slug(name, {brand.slug for brand in known.values()}, 50)
            known[_key(name)] = Brand.objects.create(slug=slug, name=name)
    return known


def _categories(names: set[str]) -> dict[str, Category]:
    """The categories of these names in either language, made where there were none."""
    known: dict[str, Category] = {}
    for category in Category.objects.all() if names else ():
        for name in (category.name_en, category.name_zh, category.slug):
            known.setdefault(_key(name), category)
    for name in sorted(names):
        if _key(name) not in known:
            slug = _free_slug(name, {category.slug for category in known.values()}, 80)
            known[_key(name)] = Category.objects.create(slug=slug, name_zh=name, name_en=name)
    return known


def _key(name: str) -> str:
    return name.casefold().strip()


def _free_slug(name: str, taken: set[str], most_chars: int) -> str:
    """A short name for `name` that is not taken yet."""
    base = slugify(name, allow_unicode=True)[: most_chars - 5] or "unnamed"
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug


def _unreadable(reason: Unreadable, file_name: str) -> str:
    words = {
        "encoding": _(
            "“%(file)s” cannot be read as text: save it in UTF-8, UTF-16 or GB18030 and try again."
        ),
        "workbook": _("“%(file)s” is a workbook: save its sheet as CSV and import that."),
        "table": _(
            "“%(file)s” is no table: the first line has to name the columns, with a comma, "
            "a semicolon or a tab between them."
        ),
        "empty": _("“%(file)s” holds no products: it needs a header and at least one row."),
        "json": _("“%(file)s” is not valid JSON at line %(line)s."),
        "column": _(
            "“%(file)s” has no column “%(column)s”: add or rename it. Its columns are: %(found)s."
        ),
    }
    return words[reason.code] % {"file": file_name, **reason.facts}


def _placed(note: Note, lines: dict[int, int]) -> dict[str, Any]:
    """A refusal with its line, and with its entry's number where a line has several."""
    told = _explained(note)
    return told | {"line": lines[note.line], "entry": note.line} if lines else told


def _explained(note: Note) -> dict[str, Any]:
    words = {
        "no_title": _("The product has no title."),
        "no_sku": _("The product has no SKU."),
        "no_parent": _("The variation names a parent, “%(value)s”, that the file does not have."),
        "bad_price": _("“%(value)s” is not a price."),
        "too_long": _("The text is longer than the %(value)s characters there is room for."),
        "duplicate_sku": _("The SKU “%(value)s” stands in an earlier row with another title."),
        "not_an_object": _("The entry is not an object with named fields."),
        "json": _("The line is not valid JSON."),
        "bytes": _("Some bytes do not fit the file's encoding."),
        "cells": _("The row has %(value)s cells, more than there are columns."),
        "quotes": _("A quotation mark is opened and never closed."),
        "latin_1": _("The file is in no Unicode encoding; it was read as Latin-1."),
        "columns_left_out": _("These columns are no facts and were left out: %(value)s."),
        "other_currency": _("Only yuan and dollars are kept; left out: prices in %(value)s."),
    }
    return {
        "line": note.line,
        "column": note.column,
        "reason": words[note.code] % {"value": note.value},
    }
