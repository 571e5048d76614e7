"""Feeds and the starter shop into rows, product by product, with a report of refusals."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from catalog.errors import FeedUnreadable
from catalog.feeds import FeedProduct, Reading, Refusal, Unreadable, read_feed
from catalog.models import Brand, Category, Product, ProductText

_BATCH = 200  # products of one transaction: others may write in between


@dataclass
class ImportReport:
    """What became of a feed's rows: counts of products, and the rows that were refused."""

    format: str
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refusals: list[dict[str, Any]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Give the report as JSON-ready data."""
        return asdict(self)


def read(content: bytes, *, file_name: str, format: str) -> Reading:  # noqa: A002
    """Read a feed.

    Raises:
        FeedUnreadable: one sentence that says what is wrong with the file.
    """
    try:
        return read_feed(content, file_name=file_name, format=format)
    except Unreadable as reason:
        raise FeedUnreadable(_sentence(reason, file_name)) from reason


def store(reading: Reading, *, dry_run: bool) -> ImportReport:
    """Bring a feed's products into the catalogue; a product that is as it was is left alone."""
    report = ImportReport(
        format=reading.format, refusals=[_explained(refusal) for refusal in reading.refusals]
    )
    for start in range(0, len(reading.products), _BATCH):
        with transaction.atomic():
            _store_batch(reading.products[start : start + _BATCH], reading.format, report)
            if dry_run:
                transaction.set_rollback(True)
    return report


def _store_batch(found: list[FeedProduct], source: str, report: ImportReport) -> None:
    skus = [item.sku[:64] for item in found]
    known = Product.objects.with_texts().in_bulk(skus, field_name="sku")
    brands: dict[str, Brand] = {}
    categories: dict[str, Category] = {}
    for item in found:
        product = known.get(item.sku[:64])
        is_new = product is None
        if product is None:
            product = known[item.sku[:64]] = Product(sku=item.sku[:64], source=source)
        is_changed = _fill(product, item, brands, categories)
        if is_new or is_changed:
            product.save()
        is_changed |= _fill_text(product, item, is_new=is_new)
        if is_new:
            report.created += 1
        elif is_changed:
            report.updated += 1
        else:
            report.unchanged += 1


def _fill(
    product: Product,
    item: FeedProduct,
    brands: dict[str, Brand],
    categories: dict[str, Category],
) -> bool:
    """Set what the feed knows of a product; say whether that changed anything."""
    wanted: dict[str, Any] = {}
    if item.brand:
        wanted["brand"] = _brand(item.brand, brands)
    if item.category:
        wanted["category"] = _category(item.category, categories)
    if item.price is not None:
        is_chinese = item.currency in {"cny", "rmb", "¥"} or (
            not item.currency and item.language == "zh-hans"
        )
        name = "price_cny" if is_chinese else "price_usd"
        wanted[name] = item.price.quantize(Decimal("0.01"))
    changed = {name for name, value in wanted.items() if getattr(product, name) != value}
    for name in changed:
        setattr(product, name, wanted[name])
    return bool(changed)


def _fill_text(product: Product, item: FeedProduct, *, is_new: bool) -> bool:
    wanted = {
        "title": item.title[:255],
        "audience": item.audience[:255],
        "attributes": item.attributes,
        "description": item.description,
    }
    text = None if is_new else product.text(item.language)
    if text is None:
        ProductText.objects.create(product=product, language=item.language, **wanted)
        return True
    if all(getattr(text, name) == value for name, value in wanted.items()):
        return False
    ProductText.objects.filter(pk=text.pk).update(**wanted)
    return True


def _brand(name: str, known: dict[str, Brand]) -> Brand:
    if name not in known:
        slug = slugify(name, allow_unicode=True)[:50] or "brand"
        known[name] = Brand.objects.get_or_create(slug=slug, defaults={"name": name[:120]})[0]
    return known[name]


def _category(name: str, known: dict[str, Category]) -> Category:
    if name not in known:
        slug = slugify(name, allow_unicode=True)[:80] or "category"
        names = {"name_zh": name[:80], "name_en": name[:80]}
        known[name] = Category.objects.get_or_create(slug=slug, defaults=names)[0]
    return known[name]


def _sentence(reason: Unreadable, file_name: str) -> str:
    words = {
        "encoding": _(
            "“%(file)s” cannot be read as text: save it in UTF-8, UTF-16 or GB18030 and try again."
        ),
        "table": _(
            "“%(file)s” is no table: the first line has to name the columns, with a comma, "
            "a semicolon or a tab between them."
        ),
        "empty": _("“%(file)s” holds no products: it needs a header and at least one row."),
        "json": _("“%(file)s” is not valid JSON at line %(line)s."),
        "csv": _("“%(file)s” cannot be read as CSV at line %(line)s."),
        "column": _(
            "“%(file)s” has no column “%(column)s”: add or rename it. Its columns are: %(found)s."
        ),
    }
    return words[reason.code] % {"file": file_name, **reason.facts}


def _explained(refusal: Refusal) -> dict[str, Any]:
    words = {
        "no_title": _("The product has no title."),
        "no_sku": _("The product has no SKU."),
        "no_parent": _("The variation names a parent that the file does not have before it."),
        "bad_price": _("“%(value)s” is not a price."),
        "duplicate_sku": _("The SKU “%(value)s” stood in an earlier row of this file."),
        "not_an_object": _("The entry is not an object with named fields."),
    }
    return {
        "line": refusal.line,
        "column": refusal.column,
        "reason": words[refusal.code] % {"value": refusal.value},
    }
