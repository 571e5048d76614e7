"""Tables and JSON with ordinary column names, in English or Chinese.

A column may end in a language (`title_en`, `标题_zh`, or an object `{"zh": …, "en": …}` in JSON).
Rows that share a SKU, or a parent, are one product. Columns without a known name are facts,
except for those that keep books, such as stock and clicks.
"""

from __future__ import annotations

import json
import re
from typing import Any

from catalog.choices import Language
from catalog.feeds.rows import (
    FeedProduct,
    FeedText,
    Reading,
    RowRefused,
    Unreadable,
    check_lengths,
    currency_of,
    language_of,
    plain,
    price_of,
    sku_of,
)
from catalog.feeds.tables import Table

_COLUMNS = {
    "sku": "sku id product_id item_id goods_id code item_code handle slug "
    "编号 商品编号 商品id 货号 商品编码 商家编码 编码 款号",
    "parent": "parent parent_sku item_group_id spu 父sku 父商品编码 spu编码",
    "title": "title name product_name product item_name "
    "标题 名称 商品名称 商品标题 商品名 品名 宝贝标题",
    "description": "description descriptions body body_html desc text copy details "
    "描述 商品描述 详情 商品详情 文案 介绍 商品介绍",
    "brand": "brand brand_name vendor manufacturer 品牌 品牌名 店名",
    "category": "category categories type product_type google_product_category "
    "类目 分类 类别 商品分类 商品类目",
    "price": "price regular_price list_price unit_price 价格 售价 单价 商品价格 原价",
    "price_cny": "price_cny cny 人民币价格 价格(元) 售价(元)",
    "price_usd": "price_usd usd 美元价格",
    "currency": "currency price_currency 币种 货币",
    "language": "language lang locale 语言",
    "audience": "audience target_audience 人群 适用人群 适合人群",
    "attributes": "attributes facts specs specifications 属性 参数 规格参数",
}
_FIELD_OF = {name: field for field, names in _COLUMNS.items() for name in names.split()}
_LANGUAGES = {
    "zh": Language.ZH.value,
    "zh-hans": Language.ZH.value,
    "zh_hans": Language.ZH.value,
    "zh-cn": Language.ZH.value,
    "zh_cn": Language.ZH.value,
    "cn": Language.ZH.value,
    "中文": Language.ZH.value,
    "chinese": Language.ZH.value,
    "en": Language.EN.value,
    "en-us": Language.EN.value,
    "en_us": Language.EN.value,
    "英文": Language.EN.value,
    "english": Language.EN.value,
}
_BY_LANGUAGE = {"title", "description", "audience", "attributes"}
_ENDING = re.compile(
    r"(?P<name>.+?)[ _:.\-(]*(?P<language>zh[-_]hans|zh[-_]cn|en[-_]us|zh|en|cn|中文|英文)\)?$",
    re.IGNORECASE,
)
_BOOKKEEPING = re.compile(
    r"(?:^|_)(?:time|date|count|stock|qty|quantity|inventory|sales?|sold|comments?|rating|score"
    r"|url|link|image|picture|img|photo|status|visible|published|tax|shipping|seo|meta|barcode"
    r"|ean|gtin|upc|mpn|cost|discount|supplier|warehouse|availability|reviews?|ads?|updated|created"
    r"|tags?|pid|position)(?:$|_)"
    r"|时间|日期|销量|库存|评论|评价|评分|链接|图片|主图|状态|条码|收藏|浏览|上架|更新|成本|仓库|网址|付款"
)
_FACT_PREFIX = re.compile(r"(?:attr|attribute|fact|属性)[:._ ]+", re.IGNORECASE)


def read(table: Table) -> Reading:
    """Read rows whose columns have ordinary names.

    Raises:
        Unreadable: no column holds the SKU, or none the title.
    """
    columns = {name: _meaning(name) for name in table.header}
    _require(columns)
    reading = Reading("generic")
    books = [name for name, (field, _language) in columns.items() if field == "ignored"]
    if books:
        reading.remark(1, "", "columns_left_out", ", ".join(books))
    known: dict[str, FeedProduct] = {}
    for line, row in table.rows:
        try:
            product = _product(line, row, columns)
            _keep(reading, known, product, columns)
        except RowRefused as refused:
            reading.refuse(line, refused)
    return reading


def _require(columns: dict[str, tuple[str, str]]) -> None:
    fields = {field for field, _language in columns.values()}
    for needed in ("title", "sku"):
        if needed not in fields:
            raise Unreadable("column", column=needed, found=", ".join(columns))


def _meaning(column: str) -> tuple[str, str]:
    """What a column holds: a field, "fact" or "ignored"; and the language it ends in, or ""."""
    name = re.sub(r"[ \-]+", "_", column.strip().lower())
    field = _FIELD_OF.get(name) or _FIELD_OF.get(name.removeprefix("g:"))
    if field:
        return field, ""
    ending = _ENDING.fullmatch(column.strip().lower())
    field = _FIELD_OF.get(re.sub(r"[ \-]+", "_", ending["name"])) if ending else None
    if ending and field in _BY_LANGUAGE:
        return field, _LANGUAGES[ending["language"]]
    leading = re.match(r"(中文|英文)[ _]*(.+)", column.strip())
    if leading and _FIELD_OF.get(leading[2]) in _BY_LANGUAGE:
        return _FIELD_OF[leading[2]], _LANGUAGES[leading[1]]
    return ("ignored" if not name or _BOOKKEEPING.search(name) else "fact"), ""


def _fields(
    row: dict[str, Any], columns: dict[str, tuple[str, str]]
) -> tuple[dict[tuple[str, str], tuple[str, Any]], list[tuple[str, str]]]:
    """Sort a row's cells: (column, value) by field and language, and the facts."""
    fields: dict[tuple[str, str], tuple[str, Any]] = {}
    facts: list[tuple[str, str]] = []
    for column, value in row.items():
        field, language = columns[column]
        if value in (None, "", [], {}) or field == "ignored":
            continue
        if field == "fact":
            facts.append((_FACT_PREFIX.sub("", column), _text(value)))
        elif field in _BY_LANGUAGE and isinstance(value, dict) and set(value) <= set(_LANGUAGES):
            for key, part in value.items():
                fields.setdefault((field, _LANGUAGES[key]), (column, part))
        else:
            fields.setdefault((field, language), (column, value))
    return fields, facts


def _product(line: int, row: dict[str, Any], columns: dict[str, tuple[str, str]]) -> FeedProduct:
    fields, facts = _fields(row, columns)

    def cell(field: str, language: str = "") -> str:
        return _text(fields.get((field, language), ("", ""))[1])

    sku = sku_of(cell("parent") or cell("sku"))
    if not sku:
        raise RowRefused(_column(columns, "sku"), "no_sku", cell("title"))
    product = FeedProduct(line, sku, cell("brand"), _innermost(cell("category")))
    given = _LANGUAGES.get(cell("language").lower(), "")
    for language in ("", *Language.values):
        title = plain(cell("title", language))
        if not title:
            continue
        text = FeedText(
            title, plain(cell("description", language)), plain(cell("audience", language))
        )
        product.texts.setdefault(language or given or language_of(title), text)
        for name, value in _pairs(fields.get(("attributes", language), ("", None))[1]):
            text.add(name, value)
    if not product.texts:
        raise RowRefused(_column(columns, "title"), "no_title", sku)
    for name, value in facts:
        product.add(name, value)
    _add_prices(product, fields)
    check_lengths(product, {name: _column(columns, name) for name in _COLUMNS})
    return product


def _add_prices(product: FeedProduct, fields: dict[tuple[str, str], tuple[str, Any]]) -> None:
    for field in ("price_cny", "price_usd", "price"):
        column, value = fields.get((field, ""), (field, ""))
        price, mark = price_of(_text(value), column)
        if price is None:
            continue
        named = currency_of(_text(fields.get(("currency", ""), ("", ""))[1]))
        usual = "cny" if Language.ZH.value in product.texts else "usd"
        currency = field[-3:] if field != "price" else (mark or named or usual)
        product.prices.setdefault(currency, price)


def _keep(
    reading: Reading,
    known: dict[str, FeedProduct],
    product: FeedProduct,
    columns: dict[str, tuple[str, str]],
) -> None:
    """Add a product, or what a further row says of one that is known: variants, languages."""
    first = known.get(product.sku)
    if first is None:
        known[product.sku] = product
        reading.products.append(product)
        return
    is_parent = "parent" in {field for field, _language in columns.values()}
    for language, text in product.texts.items():
        have = first.texts.get(language)
        if have and have.title != text.title and not is_parent:
            raise RowRefused(_column(columns, "sku"), "duplicate_sku", product.sku)
    for language, text in product.texts.items():
        have = first.texts.setdefault(language, text)
        for name, value in text.attributes:
            have.add(name, value)
    for currency, price in product.prices.items():
        first.prices.setdefault(currency, price)
    reading.merged += 1


def _pairs(given: Any) -> list[tuple[str, str]]:
    """Facts as a mapping, as pairs, or as text such as "材质: 棉; 颜色: 白"."""
    if isinstance(given, str) and given.lstrip()[:1] in {"[", "{"}:
        given = _json_or_text(given)
    if isinstance(given, dict):
        return [(str(name), _text(value)) for name, value in given.items()]
    if isinstance(given, list):
        pairs = [pair for pair in given if isinstance(pair, list) and len(pair) == 2]
        return [(str(name), _text(value)) for name, value in pairs]
    parts = re.split(r"[;；\n|]", str(given or ""))
    halves = [re.split(r"[:：=]", part, maxsplit=1) for part in parts]
    return [(half[0], half[1]) for half in halves if len(half) == 2]


def _json_or_text(given: str) -> Any:
    try:
        return json.loads(given)
    except json.JSONDecodeError:
        return given


def _innermost(category: str) -> str:
    return re.split(r"->|>|/|,|》", category)[-1].strip() if category else ""


def _column(columns: dict[str, tuple[str, str]], field: str) -> str:
    return next((name for name, (found, _language) in columns.items() if found == field), field)


def _text(value: Any) -> str:
    """A cell as text: a list by its first entry, whole numbers without a decimal point."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()
