"""Tables and JSON with ordinary column names, in English or Chinese.

A column may end in a language (`title_en`, `标题_zh`, or an object `{"zh": …, "en": …}` in JSON).
Rows that share a SKU, or a parent, are one product. Columns without a known name are facts,
except for those that keep books, such as stock and clicks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from catalog.choices import Language
from catalog.feeds.rows import (
    FeedProduct,
    FeedText,
    PlacedRow,
    Refuse,
    RowRefused,
    Unreadable,
    check_lengths,
    currency_of,
    language_of,
    plain,
    price_of,
    sku_of,
    snake,
    text_of,
)

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
    "price": "price regular_price list_price unit_price original_price "
    "价格 售价 单价 商品价格 原价",
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
# What a column may be read as: a field, for some of them in one language; a fact; or nothing.
ROLES = (
    *(name for name in _COLUMNS if name not in _BY_LANGUAGE),
    *(name + ending for name in sorted(_BY_LANGUAGE) for ending in ("", "_zh", "_en")),
    "fact",
    "ignored",
)
_AS_FACT = "fact: "  # before the name of a column that is one, whatever else it may look like
_ENDING = re.compile(
    r"(?P<name>.+?)[ _:.\-(]*(?P<language>zh[-_]hans|zh[-_]cn|en[-_]us|zh|en|cn|中文|英文)\)?$",
    re.IGNORECASE,
)
_BOOKKEEPING = re.compile(
    r"(?:^|_)(?:time|date|count|stock|qty|quantity|inventory|sales?|sold|comments?|rating|score"
    r"|margin|profit|revenue|orders?|returns?|views|clicks|likes|rank|flag|active|licensed|hsn|mrp"
    r"|url|link|image|picture|pics?|img|photo|thumb|thumbnail|status|visible|published|tax|shipping"
    r"|seo|meta|barcode"
    r"|ean|gtin|upc|mpn|cost|discount|supplier|warehouse|availability|reviews?|ads?|updated|created"
    r"|tags?|pid|position)(?:$|_)"
    r"|时间|日期|销量|库存|评论|评价|评分|链接|图片|主图|状态|条码|收藏|浏览|上架|更新|成本|仓库|网址|付款"
)
_TIMES = re.compile(r"(?:^|_)(?:time|date|day|updated|created)(?:$|_)|时间|日期")
_FACT_PREFIX = re.compile(r"(?:attr|attribute|fact|属性)[:._ ]+", re.IGNORECASE)


def require(columns: Sequence[str]) -> None:
    """Refuse a table that cannot be read.

    Raises:
        Unreadable: no column holds the SKU, or none the title.
    """
    fields = {_meaning(column)[0] for column in columns}
    for needed in ("title", "sku"):
        if needed not in fields:
            raise Unreadable("column", column=needed, found=", ".join(columns))


def left_out(columns: Sequence[str]) -> list[str]:
    """The columns that hold no facts."""
    names = [column for column in columns if not column.startswith("#")]  # of notes, not of facts
    return [column for column in names if _meaning(column)[0] == "ignored"]


def role(column: str) -> str:
    """What a column is read as, one of ROLES."""
    field, language = _meaning(column)
    ending = next((short for short in ("zh", "en") if _LANGUAGES[short] == language), "")
    return f"{field}_{ending}" if ending else field


def renamed(column: str, wanted: str) -> str:
    """A name by which a column is read as one of ROLES."""
    if wanted == role(column):
        return column
    if wanted == "ignored":
        return f"#{column}"
    return _AS_FACT + column if wanted == "fact" else wanted


def group(row: dict[str, Any]) -> str:
    """The SKU of the parent, or of the product."""
    for wanted in ("parent", "sku"):
        for column, value in row.items():
            if value and _meaning(column) == (wanted, ""):
                return sku_of(text_of(value))
    return ""


def gather(rows: Sequence[PlacedRow], refuse: Refuse) -> FeedProduct | None:
    """Make one product of the rows with a SKU or a parent."""
    first: FeedProduct | None = None
    for place, row in rows:
        try:
            product = _product(place, row)
            if first:
                is_later = _times(row) != _times(rows[0][1])
                _join(first, product, row, is_variant=is_later or _has_parent(row))
        except RowRefused as refused:
            refuse(place, refused)
        else:
            first = first or product
    return first


@lru_cache(maxsize=10_000)
def _meaning(column: str) -> tuple[str, str]:
    """What a column holds: a field, "fact" or "ignored"; and the language it ends in, or ""."""
    if column.startswith(_AS_FACT):
        return "fact", ""
    name = snake(column)
    field = _FIELD_OF.get(name)
    if field:
        return field, ""
    ending = _ENDING.fullmatch(column.strip().lower())
    field = _FIELD_OF.get(re.sub(r"[ \-]+", "_", ending["name"])) if ending else None
    if ending and field in _BY_LANGUAGE:
        return field, _LANGUAGES[ending["language"]]
    leading = re.match(r"(中文|英文)[ _]*(.+)", column.strip())
    if leading and _FIELD_OF.get(leading[2]) in _BY_LANGUAGE:
        return _FIELD_OF[leading[2]], _LANGUAGES[leading[1]]
    is_left_out = not name or name.startswith("#") or _BOOKKEEPING.search(name)
    return ("ignored" if is_left_out else "fact"), ""


Fields = dict[tuple[str, str], tuple[str, Any]]  # (column, value) by field and language


def _fields(row: dict[str, Any]) -> tuple[Fields, list[tuple[str, str]]]:
    """Sort a row's cells: what has a known name, and the facts."""
    fields: Fields = {}
    facts: list[tuple[str, str]] = []
    for column, value in row.items():
        field, language = _meaning(column)
        if value in (None, "", [], {}) or field == "ignored":
            continue
        if field == "fact":
            facts.append((_FACT_PREFIX.sub("", column), text_of(value)))
        elif field in _BY_LANGUAGE and isinstance(value, dict) and set(value) <= set(_LANGUAGES):
            for key, part in value.items():
                fields.setdefault((field, _LANGUAGES[key]), (column, part))
        else:
            fields.setdefault((field, language), (column, value))
    return fields, facts


def _cell(fields: Fields, field: str, language: str = "") -> str:
    return text_of(fields.get((field, language), ("", ""))[1])


def _sku(fields: Fields) -> str:
    return sku_of(_cell(fields, "parent") or _cell(fields, "sku"))


def _product(place: int, row: dict[str, Any]) -> FeedProduct:
    fields, facts = _fields(row)
    sku = _sku(fields)
    if not sku:
        raise RowRefused(_column(row, "sku"), "no_sku", _cell(fields, "title"))
    category = _innermost(_cell(fields, "category"))
    product = FeedProduct(place, sku, _cell(fields, "brand"), category)
    given = _LANGUAGES.get(_cell(fields, "language").lower(), "")
    for language in ("", *Language.values):
        title = plain(_cell(fields, "title", language))
        if not title:
            continue
        text = FeedText(
            title,
            plain(_cell(fields, "description", language)),
            plain(_cell(fields, "audience", language)),
        )
        product.texts.setdefault(language or given or language_of(title), text)
        for name, value in _pairs(fields.get(("attributes", language), ("", None))[1]):
            text.add(name, value)
    if not product.texts:
        raise RowRefused(_column(row, "title"), "no_title", sku)
    for name, value in facts:
        product.add(name, value)
    _add_prices(product, fields)
    check_lengths(product, lambda field: _column(row, field))
    return product


def _add_prices(product: FeedProduct, fields: Fields) -> None:
    for field in ("price_cny", "price_usd", "price"):
        column, value = fields.get((field, ""), (field, ""))
        price, mark = price_of(text_of(value), column)
        if price is None:
            continue
        named = currency_of(_cell(fields, "currency"))
        usual = "cny" if Language.ZH.value in product.texts else "usd"
        currency = field[-3:] if field != "price" else (mark or named or usual)
        product.prices.setdefault(currency, price)


def _join(
    first: FeedProduct, product: FeedProduct, row: dict[str, Any], *, is_variant: bool
) -> None:
    """Add what a further row says of a product that is known: variants, languages, other days.

    Raises:
        RowRefused: it is another product with the same SKU.
    """
    for language, text in product.texts.items():
        have = first.texts.get(language)
        if have and have.title != text.title and not is_variant:
            raise RowRefused(_column(row, "sku"), "duplicate_sku", product.sku)
    for language, text in product.texts.items():
        have = first.texts.setdefault(language, text)
        for name, value in text.attributes:
            have.add(name, value)
    for currency, price in product.prices.items():
        first.prices.setdefault(currency, price)


def _has_parent(row: dict[str, Any]) -> bool:
    return any(value and _meaning(name)[0] == "parent" for name, value in row.items())


def _times(row: dict[str, Any]) -> list[Any]:
    """When the row is of: a table may tell of a product again on another day."""
    return [value for name, value in row.items() if value and _is_time(name)]


@lru_cache(maxsize=10_000)
def _is_time(column: str) -> bool:
    return _TIMES.search(snake(column)) is not None


def _pairs(given: Any) -> list[tuple[str, str]]:
    """Facts as a mapping, as pairs, or as text such as "材质: 棉; 颜色: 白"."""
    if isinstance(given, str) and given.lstrip()[:1] in {"[", "{"}:
        given = _json_ortext_of(given)
    if isinstance(given, dict):
        return [(str(name), text_of(value)) for name, value in given.items()]
    if isinstance(given, list):
        pairs = [pair for pair in given if isinstance(pair, list) and len(pair) == 2]
        return [(str(name), text_of(value)) for name, value in pairs]
    parts = re.split(r"[;；\n|]", str(given or ""))
    halves = [re.split(r"[:：=]", part, maxsplit=1) for part in parts]
    return [(half[0], half[1]) for half in halves if len(half) == 2]


def _json_ortext_of(given: str) -> Any:
    try:
        return json.loads(given)
    except json.JSONDecodeError:
        return given


def _innermost(category: str) -> str:
    return re.split(r"->|>|/|,|》", category)[-1].strip() if category else ""


def _column(row: dict[str, Any], field: str) -> str:
    """What a row calls a field."""
    return next((name for name in row if _meaning(name)[0] == field), field)
