"""Feeds into rows, product by product, with a report of what was refused and why.

A feed is looked at first, and nothing is written; then it is brought in batch by batch, each with
how far that is, so that an import which was cut off goes on there.
"""

from __future__ import annotations

import csv
import json
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from django.db import transaction
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from catalog.errors import FeedUnreadable, JobLost
from catalog.feeds import Column, FeedProduct, FeedText, Reading, Refusal, Unreadable, read_feed
from catalog.holding import held
from catalog.models import Brand, Category, ColumnRoles, FeedImport, Product, ProductText
from catalog.models.feed_import import FeedImportQuerySet
from catalog.verdicts import CHANGED, NEW, REFUSED, UNCHANGED, Verdict, Verdicts

_BATCH = 1_000  # products of one transaction: others may write in between
_KEPT_REFUSALS = 10_000  # that a report names; it counts all of them
_KEPT_BY_RECORD = 500  # of those, that stay when the files are gone
_KEPT_NAMES = 400  # characters of the columns that are left out
_KEPT_VALUE = 200  # characters of what changes, as a verdict tells it

_Change = tuple[str, str, str, str]  # column, language or "", before, after


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


def read(
    file: BinaryIO,
    *,
    file_name: str,
    format: str,  # noqa: A002
    columns: Callable[[Sequence[Column]], object] = lambda _columns: None,
) -> Reading:
    """Read a feed, the columns of a plain table as somebody said that they are.

    Args:
        file: its bytes.
        file_name: as its owner calls it.
        format: one of `feeds.FORMATS`.
        columns: hears of those of a plain table, also where it lacks one that is needed.

    Raises:
        FeedUnreadable: one sentence that says what is wrong with the file.
    """
    try:
        reading = read_feed(file, format=format, roles=ColumnRoles.objects.of)
    except Unreadable as reason:
        columns(reason.columns)
        raise FeedUnreadable(_unreadable(reason, file_name)) from reason
    columns(reading.columns)
    return reading


def store(  # noqa: PLR0913 - what a command and a worker want of it
    reading: Reading,
    *,
    dry_run: bool,
    report: ImportReport | None = None,
    after: int = 0,
    refused_to: TextIO | None = None,
    verdicts: Verdicts | None = None,
    told: Callable[[ImportReport, int], None] = lambda _report, _gone: None,
) -> ImportReport:
    """Bring a feed's products into the catalogue; a product that is as it was is left alone.

    Args:
        reading: it is gone through.
        dry_run: only report.
        report: what has been counted of the rows before, where it goes on.
        after: how many rows those are.
        refused_to: where the rows that were not taken are written, as CSV to mend and import.
        verdicts: where is kept what becomes of each row.
        told: hears with each batch, in its transaction, what has become of the feed and how many
            rows have been gone through; what it raises undoes the batch.
    """
    report = report or ImportReport(reading.format, reading.encoding)
    report.rows = reading.rows
    shelves = _Shelves(dry_run=dry_run)
    products = reading.products(after=after)
    while batch := list(islice(products, _BATCH)):
        with transaction.atomic():
            before, changes = _store_batch(batch, reading.format, shelves, report)
            report.merged, report.refused = reading.merged, reading.refused
            told(report, reading.gone)
        if verdicts:
            verdicts.add(_verdict(item, before, changes, shelves) for item in batch)
    report.merged, report.refused = reading.merged, reading.refused
    report.refusals = [_told(one) for one in islice(reading.refusals(), _KEPT_REFUSALS)]
    report.remarks = list(_remarks(reading))
    if verdicts:
        verdicts.add(_refused(one) for one in reading.refusals())
    if refused_to:
        _write_refused(reading, refused_to)
    return report


def carry_out(import_id: int) -> int:
    """Look at a feed that waits, or bring it in; return 1 if this call did.

    Safe to call twice: an import that somebody works on is left alone, and what is in is unchanged.
    What goes wrong ends it as failed, with the reason.
    """
    lease = uuid.uuid4()
    jobs = FeedImport.objects.filter(pk=import_id)
    if not jobs.claim(timezone.now(), lease=lease):
        return 0
    record = jobs.get()
    with translation.override(record.language or None), held(jobs, lease):
        # What only a preview has is made anew: a resumed one would lack the rows before.
        after = 0 if record.is_preview else record.place
        names = ("created", "updated", "unchanged") if after else ()
        counted = {name: getattr(record, name) for name in names}
        with _on_disk(record), ExitStack() as stack:
            feed = stack.enter_context(record.feed.open("rb"))
            refused = stack.enter_context(csv_to_mend(record.refused_rows))
            reading = read(
                feed,
                file_name=record.file_name,
                format=record.format,
                columns=lambda found: jobs.held(lease).update(columns=list(map(asdict, found))),
            )
            verdicts = None
            if record.is_preview:
                kept = Verdicts(record.verdicts, counts_entries=reading.counts_entries)
                verdicts = stack.enter_context(closing(kept))
            report = ImportReport(reading.format, reading.encoding, **counted)
            report.rows = reading.rows
            _note(jobs, lease, report, after)
            store(
                reading,
                dry_run=record.is_preview,
                report=report,
                after=after,
                refused_to=refused,
                verdicts=verdicts,
                told=lambda report, gone: _note(jobs, lease, report, gone),
            )
        found = noted(report) | kept_of(report)
        if jobs.finish(lease=lease, place=reading.rows, **found) and not record.is_preview:
            record.feed.unlink(missing_ok=True)
    return 1


@contextmanager
def _on_disk(record: FeedImport) -> Iterator[None]:
    """Say in one sentence what is wrong with the files of an import.

    Raises:
        FeedUnreadable: the feed is gone, or there is no room to sort its rows.
    """
    try:
        yield
    except FileNotFoundError as reason:
        raise FeedUnreadable(_("The file is not here any more: upload it again.")) from reason
    except (OSError, sqlite3.Error) as reason:
        words = _("“%(file)s” does not fit on the worker's disk (%(error)s): make room and resume.")
        told = words % {"file": record.file_name, "error": reason}
        raise FeedUnreadable(told) from reason


def kept_of(report: ImportReport) -> dict[str, Any]:
    """What a record keeps of the refusals and remarks of a report."""
    return {"refusals": report.refusals[:_KEPT_BY_RECORD], "remarks": report.remarks}


def _note(jobs: FeedImportQuerySet, lease: uuid.UUID, report: ImportReport, gone: int) -> None:
    """Keep how far an import is; raise JobLost when the lease is lost."""
    if not jobs.beat(timezone.now(), lease=lease, place=gone, **noted(report)):
        raise JobLost


def noted(report: ImportReport) -> dict[str, Any]:
    """What a record says of a report while it grows."""
    names = ("format", "encoding", "created", "updated", "unchanged", "merged", "refused", "rows")
    return {name: getattr(report, name) for name in names}


def csv_to_mend(path: Path) -> TextIO:
    """A CSV file that spreadsheets read as UTF-8."""
    return path.open("w", encoding="utf-8-sig", newline="")


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


def _refused(refusal: Refusal) -> Verdict:
    told = _told(refusal)
    line = told.get("entry", refusal.line)
    return Verdict(refusal.place, line, REFUSED, told=[[told["column"], told["reason"]]])


class _Shelves:
    """The brands and categories by their names, made where there are none yet.

    In a dry run nothing is made: what would be new has the key 0, which no row has.
    """

    def __init__(self, *, dry_run: bool) -> None:
        self.is_dry = dry_run
        self.brand_names = {brand.pk: brand.name for brand in Brand.objects.all()}
        self._brands = {_key(name): pk for pk, name in self.brand_names.items()}
        self._brand_slugs = set(Brand.objects.values_list("slug", flat=True))
        self._categories: dict[str, int] = {}
        self._category_slugs: set[str] = set()
        self.category_names: dict[int, str] = {}
        for category in Category.objects.all():
            self._category_slugs.add(category.slug)
            self.category_names[category.pk] = category.name_en
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
) -> tuple[set[str], _Changes]:
    """Write a batch in a number of queries that does not grow with it, but with new shelves.

    Returns:
        The SKUs that were there, and what changes of them.
    """
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
    if not shelves.is_dry:
        ProductText.objects.bulk_create(changes.new_texts, ignore_conflicts=True)
        _update(changes.texts, ["title", "audience", "attributes", "description"])
        moved = [known[sku] for sku in changes.moved]
        products = [one for one in moved if one.sku in before or one in changes.products]
        for product in products:
            product.updated_at = timezone.now()
        _update(products, ["brand", "category", "price_cny", "price_usd", "updated_at"])
    report.created += len(skus) - len(before)
    report.updated += len(changes.moved.keys() & before)
    report.unchanged += len(before - changes.moved.keys())
    return before, changes


def _verdict(item: FeedProduct, before: set[str], changes: _Changes, shelves: _Shelves) -> Verdict:
    title = next((text.title for text in item.texts.values()), "")
    moved = changes.moved.get(item.sku, [])
    kind = NEW if item.sku not in before else CHANGED if moved else UNCHANGED
    told = [_shown(change, item, shelves) for change in moved] if kind == CHANGED else []
    return Verdict(item.place, item.line, kind, item.sku, title, told)


def _shown(change: tuple[str, str, Any, Any], item: FeedProduct, shelves: _Shelves) -> _Change:
    """A change in words that can be read: names for keys, and no more than a table has room for."""
    column, language, old, new = change
    if column == "brand_id":
        column, old, new = "brand", shelves.brand_names.get(old, ""), item.brand
    elif column == "category_id":
        column, old, new = "category", shelves.category_names.get(old, ""), item.category
    elif column == "attributes":
        gone = [pair for pair in old if pair not in new]
        old, new = gone, [pair for pair in new if pair not in old]
    return column, language, _in_words(old), _in_words(new)


def _in_words(value: Any) -> str:
    if isinstance(value, list):
        value = "; ".join(": ".join(pair) for pair in value)
    return "" if value is None else str(value)[:_KEPT_VALUE]


@dataclass
class _Changes:
    """What a feed knows otherwise than the catalogue.

    Args:
        moved: by SKU, what changes: column, language or "", before and after.
        products: those whose own row does.
        new_texts, texts: in languages that are new for their product, and that were there.
    """

    moved: dict[str, list[tuple[str, str, Any, Any]]] = field(default_factory=dict)
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
        moved = [(name, "", *values) for name, values in _fill(product, wanted[item.sku]).items()]
        if moved:
            changes.products.add(product)
        for language, text in item.texts.items():
            have = texts.get((product.pk, language))
            there = changes.new_texts if have is None else changes.texts
            have = have or ProductText(product=product, language=language)
            if filled := _fill(have, _facts(text)):
                there.append(have)
                moved += [(name, language, *values) for name, values in filled.items()]
        if moved:
            changes.moved[item.sku] = moved
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


def _fill(row: Product | ProductText, wanted: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Set what the feed knows; give what that changed, before and after."""
    before = {name: getattr(row, name) for name in wanted}
    changed = {name: (before[name], new) for name, new in wanted.items() if before[name] != new}
    for name, (_before, new) in changed.items():
        setattr(row, name, new)
    return changed


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
