"""Tables and JSON with ordinary column names, in English or Chinese."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from catalog.feeds.rows import FeedProduct, Reading, Unreadable, language_of, plain, price_of

_COLUMNS = {
    "sku": "sku id product_id item_id code 编号 商品编号 货号 商品编码 款号",
    "title": "title name product_name product 标题 名称 商品名称 商品标题 品名",
    "description": "description body text copy 描述 商品描述 详情 文案",
    "brand": "brand vendor manufacturer 品牌 店名",
    "category": "category type product_type 类目 分类 类别",
    "price": "price regular_price 价格 售价 单价",
    "currency": "currency 币种",
    "language": "language lang locale 语言",
    "audience": "audience for 适合人群 人群",
    "attributes": "attributes facts 属性 参数",
}
_FIELD_OF = {name: field for field, names in _COLUMNS.items() for name in names.split()}
_IGNORED = ("image", "picture", "url", "图片", "链接")


def generic(rows: Iterable[tuple[int, Any]], columns: Iterable[str] | None) -> Reading:
    """Read rows whose columns have ordinary names; other columns become facts.

    Args:
        rows: (line, row) pairs.
        columns: the header of a table; None for JSON objects, which name their own.

    Raises:
        Unreadable: a table lacks a column for the SKU or the title.
    """
    if columns is not None:
        _require(columns)
    reading = Reading("generic")
    seen: set[tuple[str, str]] = set()
    for line, row in rows:
        if not isinstance(row, dict):
            reading.refuse(line, "", "not_an_object", str(row))
            continue
        product = _product(reading, line, row)
        if product is None:
            continue
        if (product.sku, product.language) in seen:
            reading.refuse(line, "sku", "duplicate_sku", product.sku)
            continue
        seen.add((product.sku, product.language))
        reading.products.append(product)
    return reading


def _require(columns: Iterable[str]) -> None:
    fields = {_FIELD_OF.get(_normal(column)) for column in columns}
    for needed in ("sku", "title"):
        if needed not in fields:
            raise Unreadable("column", column=needed, found=", ".join(columns))


def _product(reading: Reading, line: int, row: dict[str, Any]) -> FeedProduct | None:
    fields: dict[str, Any] = {}
    facts: list[tuple[str, str]] = []
    for column, value in row.items():
        field = _FIELD_OF.get(_normal(str(column)))
        if field and field not in fields:
            fields[field] = value
        elif value not in (None, "") and not any(mark in column.lower() for mark in _IGNORED):
            facts.append((str(column), str(value)))
    title, sku = _text(fields.get("title")), _text(fields.get("sku"))
    for column, value, code in (("title", title, "no_title"), ("sku", sku, "no_sku")):
        if not value:
            reading.refuse(line, column, code, title or sku)
            return None
    try:
        price = price_of(_text(fields.get("price")))
    except ValueError:
        reading.refuse(line, "price", "bad_price", _text(fields.get("price")))
        return None
    product = FeedProduct(
        line=line,
        sku=sku[:64],
        title=title[:255],
        brand=_text(fields.get("brand")),
        category=_text(fields.get("category")),
        description=plain(_text(fields.get("description"))),
        audience=_text(fields.get("audience")),
        price=price,
        currency=_text(fields.get("currency")).lower(),
        language=_language(_text(fields.get("language")), title),
    )
    for key, value in [*_pairs(fields.get("attributes")), *facts]:
        product.add(key, value)
    return product


def _pairs(given: Any) -> list[tuple[str, str]]:
    """Facts as a mapping, as pairs, or as text: "材质: 棉; 颜色: 白"."""
    if isinstance(given, dict):
        return [(str(key), str(value)) for key, value in given.items()]
    if isinstance(given, list):
        return [(str(pair[0]), str(pair[1])) for pair in given if len(pair) == 2]
    pairs = []
    for part in str(given or "").replace("；", ";").split(";"):
        key, mark, value = part.replace("：", ":").partition(":")
        if mark:
            pairs.append((key, value))
    return pairs


def _language(given: str, title: str) -> str:
    if given.lower().startswith("zh"):
        return "zh-hans"
    return "en" if given.lower().startswith("en") else language_of(title)


def _normal(column: str) -> str:
    return column.strip().lower().replace(" ", "_").replace("-", "_")


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()
