"""Feeds come in row by row; what cannot is named by line, column and reason."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from catalog.errors import FeedUnreadable
from catalog.models import FeedImport, Product
from catalog.services import import_feed

SHOPIFY = (
    "Handle,Title,Body (HTML),Vendor,Type,Option1 Name,Option1 Value,Variant SKU,Variant Price\r\n"
    'tide-cap,Tide cap,"<p>Wool &amp; wind.<br>Dries on a hook.</p>",Harbourline,Hats,'
    "Size,S,,29.50\r\n"
    "tide-cap,,,,,,M,,29.50\r\n"
    "no-price,Odd cap,,Harbourline,Hats,Title,Default Title,OC-1,soon\r\n"
    ",Lost cap,,Harbourline,Hats,,,,5\r\n"
)
WOOCOMMERCE = (
    "ID,Type,SKU,Name,Description,Regular price,Categories,Parent,Weight (kg),"
    "Attribute 1 name,Attribute 1 value(s)\n"
    '7,variable,mug,Slow mug,"For three\nfingers.",,"Home > Cups",,0.3,Colour,"moss, sand"\n'
    "8,variation,mug-x,Slow mug - ink,,18,,mug,,Colour,ink\n"
    "9,variation,lost,Lost,,18,,nobody,,Colour,ink\n"
)
SPREE = (
    "slug,sku,name,price,currency,description,category1,option1_name,option1_value,"
    "width,dimensions_unit,custom_field.custom.wattage\n"
    "lamp,LAMP,Reading lamp,0,USD,A lamp.,Home -> Lamps,,,,,8W\n"
    "lamp,LAMP-B,,49.99,USD,,,Color,Black,13.8,in,\n"
)

ENTRIES = [
    {"sku": "A", "title": "Oak tray"},
    {"sku": "B", "title": ""},
    "not an object",
    {"sku": "D", "title": "Ash tray 🪵"},
    {"sku": "A", "title": "Another tray"},
]
# In Latin-1, with a price in euros, a column of bookkeeping, and a row for the same product.
REMARKABLE = (
    b"sku,title,price,colour,stock\nC-1,Caf\xe9 cup,12 EUR,moss,4\nC-1,Caf\xe9 cup,,sand,2\n"
)


def load(text: str | bytes, name: str = "feed.csv", **options):
    content = text if isinstance(text, bytes) else text.encode()
    return import_feed(io.BytesIO(content), file_name=name, **options)


def test_shopify_variants_are_one_product_and_odd_rows_are_named(db):
    report = load(SHOPIFY)

    assert (report.format, report.created) == ("shopify", 1)
    product = Product.objects.get()
    text = product.text("en")
    assert (product.sku, product.price_usd, product.source) == (
        "tide-cap",
        Decimal("29.50"),
        "shopify",
    )
    assert text.attributes == [["Size", "S, M"]]
    assert text.description == "Wool & wind.\nDries on a hook."
    assert [(item["line"], item["column"], item["reason"]) for item in report.refusals] == [
        (4, "Variant Price", "“soon” is not a price."),
        (5, "Handle", "The product has no SKU."),
    ]


def test_woocommerce_variations_join_their_parent(db):
    report = load(WOOCOMMERCE)

    text = Product.objects.get(sku="mug").text("en")
    assert report.format == "woocommerce"
    assert text.attributes == [["Colour", "moss, sand, ink"], ["weight", "0.3 kg"]]
    assert text.description == "For three\nfingers."
    assert [(item["line"], item["column"]) for item in report.refusals] == [(5, "Parent")]


def test_spree_variants_bring_their_price_and_size(db):
    load(SPREE)

    product = Product.objects.get(sku="LAMP")
    assert product.price_usd == Decimal("49.99")
    assert product.category.name_en == "Lamps"
    assert product.text("en").attributes == [
        ["wattage", "8W"],
        ["Color", "Black"],
        ["width", "13.8 in"],
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_chinese_tables_are_read_in_every_usual_encoding(db, encoding):
    load("货号,名称,价格,材质\nA-1,榉木托盘 🪵,129,榉木\n".encode(encoding))

    product = Product.objects.get(sku="A-1")
    assert (product.title("zh-hans"), product.price_cny) == ("榉木托盘 🪵", Decimal(129))
    assert product.text("zh-hans").attributes == [["材质", "榉木"]]


def test_json_lines_may_hold_two_languages_of_one_product(db):
    rows = [
        {"sku": "T", "title": "Oak tray", "attributes": [["material", "oak"]], "lang": "en"},
        {"sku": "T", "title": "橡木托盘", "attributes": {"材质": "橡木"}},
        "not an object",
    ]

    report = load("\n".join(map(json.dumps, rows)), "feed.jsonl")

    assert Product.objects.get().texts.count() == 2
    assert report.refusals[0]["line"] == 3


@pytest.mark.parametrize("feed", ["{}", '{{"products": {}}}\n'])
def test_entries_on_one_line_are_told_by_their_number(db, feed):
    report = load(feed.format(json.dumps(ENTRIES)), "feed.json")

    assert [(item["line"], item["entry"], item["reason"]) for item in report.refusals] == [
        (1, 2, "The product has no title."),
        (1, 3, "The entry is not an object with named fields."),
        (1, 5, "The SKU “A” stands in an earlier row with another title."),
    ]
    assert report.created == 2


def test_entries_on_lines_of_their_own_are_told_by_their_line(db):
    rows = ",\n".join(map(json.dumps, ENTRIES))

    report = load(f"[\n{rows}\n]", "feed.json")

    assert [item["line"] for item in report.refusals] == [3, 4, 6]
    assert not any("entry" in item for item in report.refusals)


def test_the_command_names_the_entry(db, tmp_path, capsys):
    (tmp_path / "feed.json").write_text(json.dumps(ENTRIES))

    call_command("import_products", tmp_path / "feed.json")

    assert capsys.readouterr().out.splitlines()[1:] == [
        "  entry 2, column title: The product has no title.",
        "  entry 3: The entry is not an object with named fields.",
        "  entry 5, column sku: The SKU “A” stands in an earlier row with another title.",
    ]


def test_the_same_file_again_changes_nothing(db):
    load(SHOPIFY)
    before = Product.objects.values().get()

    report = load(SHOPIFY)

    assert (report.created, report.updated, report.unchanged) == (0, 0, 1)
    assert Product.objects.values().get() == before


def test_a_dry_run_only_reports(db):
    report = load(SHOPIFY, dry_run=True)

    assert report.created == 1
    assert Product.objects.count() == FeedImport.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"\xff\x81\x00\x99", "a.csv", "cannot be read as text: save it in UTF-8"),
        (b"sku,price\nA,1\n", "a.csv", "has no column “title”: add or rename it"),
        (b"Handle,Body (HTML)\nx,y\n", "a.csv", "has no column “Title”"),
        (b"just words\nand more\n", "a.csv", "is no table: the first line has to name"),
        (b"", "a.csv", "holds no products"),
        (b'{"sku": \n', "a.jsonl", "is not valid JSON at line 1"),
    ],
)
def test_an_unreadable_file_gets_one_sentence_and_changes_nothing(db, content, name, sentence):
    with pytest.raises(FeedUnreadable) as refusal:
        load(content, name)

    assert sentence in str(refusal.value)
    assert Product.objects.count() == FeedImport.objects.count() == 0


def test_the_command_prints_json_only(db, tmp_path, capsys):
    (tmp_path / "feed.csv").write_text(SHOPIFY, newline="")

    call_command("import_products", tmp_path / "feed.csv", json=True)

    report = json.loads(capsys.readouterr().out)
    assert (report["created"], len(report["refusals"])) == (1, 2)


def test_the_command_says_what_was_joined_and_read_differently(db, tmp_path, capsys):
    (tmp_path / "feed.csv").write_bytes(REMARKABLE)

    call_command("import_products", tmp_path / "feed.csv")

    assert capsys.readouterr().out.splitlines() == [
        "feed.csv (generic): 1 new, 0 changed, 0 unchanged, 1 merged, 0 refused.",
        "  The file is in no Unicode encoding; it was read as Latin-1.",
        "  These columns are no facts and were left out: stock.",
        "  Only yuan and dollars are kept; left out: prices in EUR (1).",
    ]


@pytest.mark.parametrize(
    ("feed", "mends", "found"),
    [
        (
            SHOPIFY,
            [("soon", "5"), (",Lost cap", "lost-cap,Lost cap")],
            [
                {"Title": "Odd cap", "#line": "4", "#reason": "“soon” is not a price."},
                {"Title": "Lost cap", "#line": "5", "#reason": "The product has no SKU."},
            ],
        ),
        (
            json.dumps(ENTRIES),
            [("B,,", "B,Beech tray,"), ("A,Another", "E,Another")],
            [
                {"sku": "B", "#line": "1", "#reason": "The product has no title."},
                {"sku": "", "#reason": "The entry is not an object with named fields."},
                {"sku": "A", "title": "Another tray", "#column": "sku"},
            ],
        ),
    ],
)
def test_refused_rows_can_be_mended_and_imported(db, tmp_path, capsys, feed, mends, found):
    (tmp_path / "feed").write_text(feed, newline="")
    refused = tmp_path / "refused.csv"

    call_command("import_products", tmp_path / "feed", refused=refused)

    with refused.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [
        {name: row[name] for name in one} for row, one in zip(rows, found, strict=True)
    ] == found
    text = refused.read_text("utf-8-sig")
    for wrong, right in mends:
        text = text.replace(wrong, right)
    refused.write_text(text)
    capsys.readouterr()
    call_command("import_products", refused)
    assert ": 2 new, 0 changed, 0 unchanged" in capsys.readouterr().out


def test_refused_rows_never_replace_the_file_they_come_from(db, tmp_path):
    feed = tmp_path / "feed.csv"
    feed.write_text(SHOPIFY)

    with pytest.raises(CommandError, match="Name another file"):
        call_command("import_products", feed, refused=tmp_path / "." / "feed.csv")

    assert (feed.read_text(), Product.objects.count()) == (SHOPIFY.replace("\r\n", "\n"), 0)


def test_the_command_fails_with_one_sentence(db, tmp_path):
    (tmp_path / "feed.csv").write_text("sku,price\nA,1\n")

    with pytest.raises(CommandError, match="has no column “title”"):
        call_command("import_products", tmp_path / "feed.csv")


def _table(price: str, rows: int = 150) -> str:
    lines = (f"T-{number:03},Tray {number},{price},moss" for number in range(rows))
    return "\n".join(["sku,title,price_usd,colour", *lines])


@pytest.mark.parametrize("again", [False, True])
def test_what_an_import_asks_does_not_grow_with_its_rows(db, again, django_assert_max_num_queries):
    if again:
        load(_table("5.00"))

    with django_assert_max_num_queries(20):  # of a batch of 200
        report = load(_table("6.00"))

    assert (report.created, report.updated) == ((0, 150) if again else (150, 0))
    assert set(Product.objects.values_list("price_usd", flat=True)) == {Decimal("6.00")}


def test_a_product_that_another_import_made_meanwhile_is_updated(db, monkeypatch):
    create = Product.objects.bulk_create

    def slower(rows, **options):
        monkeypatch.undo()
        other = Product.objects.create(sku="T-000", price_usd=Decimal("1.00"))
        other.texts.create(language="en", title="Another tray")
        return create(rows, **options)

    monkeypatch.setattr(Product.objects, "bulk_create", slower)
    load(_table("6.00", rows=1))

    product = Product.objects.get()
    assert (product.price_usd, product.title("en")) == (Decimal("6.00"), "Tray 0")
