"""Readers of feeds: every dialect, and files that were damaged or made to do damage."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from catalog.feeds import FeedProduct, Reading, Unreadable, markup, read_feed

ROOT = Path(__file__).parents[2]
RSS = """<?xml version="1.0" encoding="{encoding}"?>
<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel>
  <title>A shop</title>
  <item>
    <title>Ignored</title><g:title>Oak tray 榉木</g:title><g:id>T 1</g:id>
    <g:item_group_id>T</g:item_group_id>
    <g:description>&lt;p&gt;For three.&lt;/p&gt;</g:description>
    <g:price>129.00 CNY</g:price><g:link>https://shop.example/t</g:link>
    <g:image_link>https://shop.example/t.jpg</g:image_link>
    <g:google_product_category>2271</g:google_product_category>
    <g:color>moss</g:color>
    <g:shipping><g:country>CN</g:country><g:price>1 CNY</g:price></g:shipping>
    <g:product_detail><g:attribute_name>Finish</g:attribute_name>
      <g:attribute_value>oil</g:attribute_value></g:product_detail>
    <g:product_detail><g:attribute_name>Depth</g:attribute_name>
      <g:attribute_value>20 cm</g:attribute_value></g:product_detail>
  </item>
  <item>
    <g:id>T 2</g:id><g:item_group_id>T</g:item_group_id><g:color>sand</g:color>
    <g:structured_title><g:digital_source_type>trained_algorithmic_media</g:digital_source_type>
      <g:content>Oak tray in sand 榉木</g:content></g:structured_title>
  </item>
</channel></rss>"""
GOOGLE_TSV = (
    "id\tstructured_title\tstructured_description\tavailability\tprice\tproduct type\t"
    "product detail\n"
    'C-1\t"trained_algorithmic_media:""Wool ""cap"""""\ttrained_algorithmic_media:"For wind."\t'
    "in_stock\t29.50 USD\tHats > Caps\tGeneral:Lining:linen,General:Care:\"by hand, cold\"\n"
)  # fmt: skip


def read(content: str | bytes, **options) -> tuple[Reading, list[FeedProduct]]:
    file = io.BytesIO(content if isinstance(content, bytes) else content.encode())
    reading = read_feed(file, **options)
    assert file.closed
    return reading, list(reading.products())


def refusals(reading: Reading) -> list[tuple[int, str, str]]:
    return [(one.line, one.column, one.code) for one in reading.refusals()]


def workbook(rows: Iterable[Iterable[object]], *, before: Iterable[str] = ()) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for name in before:
        book.create_sheet(name, 0)
    for row in rows:
        book.worksheets[-1].append(list(row))
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_a_feed_for_google_is_one_product_by_group(encoding):
    reading, (product,) = read(RSS.format(encoding=encoding).encode(encoding))

    assert (reading.format, reading.rows, reading.merged) == ("google", 2, 1)
    assert (product.sku, product.category, str(product.prices["cny"])) == ("T", "", "129.00")
    text = product.texts["zh-hans"]
    assert (text.title, text.description) == ("Oak tray 榉木", "For three.")
    assert text.attributes == [["color", "moss, sand"], ["Finish", "oil"], ["Depth", "20 cm"]]


def test_the_text_of_a_program_is_read_from_its_structured_column():
    reading, (product,) = read(GOOGLE_TSV)

    text = product.texts["en"]
    assert (reading.format, product.category) == ("google", "Caps")
    assert (text.title, text.description) == ('Wool "cap"', "For wind.")
    assert text.attributes == [["Lining", "linen"], ["Care", "by hand, cold"]]


def test_a_plain_xml_and_an_atom_feed_are_read_too():
    offers = (
        '<shop><offers><offer id="A"><name>Oak tray</name><price>5</price></offer></offers></shop>'
    )
    atom = "<feed><entry><id>B</id><title>Ash tray</title><link>x</link></entry></feed>"

    assert [one.texts["en"].title for one in read(offers)[1] + read(atom)[1]] == [
        "Oak tray",
        "Ash tray",
    ]


def test_a_workbook_is_read_by_what_its_cells_hold():
    rows = [
        ["Autumn 2026"],
        ["货号", "名称", "价格", "厚度", "isActive", "update_time"],
        [48533224, "榉木托盘", 129.0, 2.5, True, "2026-11-01"],
        [None, None, None, None, None, None],
        ["A-2", "", 5, None, False, None],
    ]

    reading, (product,) = read(workbook(rows, before=["Notes"]))

    assert (reading.encoding, product.sku, str(product.prices["cny"])) == (
        "xlsx",
        "48533224",
        "129.00",
    )
    assert product.texts["zh-hans"].attributes == [["厚度", "2.5"]]
    assert reading.left_out == ["isActive", "update_time"]
    assert refusals(reading) == [(5, "名称", "no_title")]


def test_a_formula_is_not_evaluated():
    reading, products = read(workbook([["sku", "title"], ["A", '=CONCAT("x", "y")']]))

    assert (products, refusals(reading)) == ([], [(2, "title", "no_title")])


def test_variations_find_their_parent_wherever_it_stands():
    _reading, (product,) = read(
        "ID,Type,SKU,Name,Regular price,Parent,Attribute 1 name,Attribute 1 value(s)\n"
        "8,variation,mug-x,Slow mug - ink,18,id:7,Colour,ink\n"
        "7,variable,mug,Slow mug,,,Colour,moss\n"
        "9,variation,mug-y,Slow mug - rust,17,mug,Colour,rust\n"
    )

    assert (product.sku, str(product.prices["usd"])) == ("mug", "17.00")
    assert product.texts["en"].attributes == [["Colour", "moss, ink, rust"]]


def test_rows_of_other_days_are_the_same_product_and_others_are_not():
    reading, (product,) = read(
        "id,title,update_time\nA,Oak tray,2016/11/9\nB,,\nA,Oak tray - sale,2016/11/10\n"
        "A,Ash tray,2016/11/9\n"
    )

    assert (product.texts["en"].title, reading.merged) == ("Oak tray", 1)
    assert refusals(reading) == [(3, "title", "no_title"), (5, "id", "duplicate_sku")]


def test_a_sku_that_two_products_share_is_kept_by_the_first():
    reading, products = read(
        "slug,sku,name,category1\nvac,V,Vacuum,Home\nvac-pro,V,Vacuum Pro,Home\n"
    )

    assert ([one.sku for one in products], reading.refused) == (["V", "vac-pro"], 0)


def test_a_table_with_names_of_google_and_few_of_them_is_read_too():
    reading, (product,) = read("g:id,g:title,g:brand\nA,Oak tray,Harbourline\n")

    assert (reading.format, product.sku, product.brand) == ("generic", "A", "Harbourline")


def test_a_column_with_a_name_of_its_own_style_is_known():
    _reading, (product,) = read('[{"_id": "A", "ProductName": "Oak tray", "big_pic": "x.jpg"}]')

    assert (product.sku, product.texts["en"].attributes) == ("A", [])


# Damage --------------------------------------------------------------------------------------


def bomb(part: str, content: bytes) -> bytes:
    """A sound workbook with one part of another kind."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook([["sku", "title"], ["A", "Oak tray"]]))) as sound,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in dict.fromkeys([*sound.namelist(), part]):
            made.writestr(name, content if name == part else sound.read(name))
    return packed.getvalue()


ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "{0}"><!ENTITY b "&a;&a;&a;&a;">]><rss><item><id>&b;</id></item></rss>'
)
SHEET = "xl/worksheets/sheet1.xml"
# What is read in a process of its own, by a name: too much for this one to write it down.
HUGE = {
    "line": ('b"sku,title\\nA," + b"x" * 300_000_000 + b"\\nB,Oak tray\\n"', "1 1"),
    "quote": ('b"sku,title\\nA,\\"" + (b"x" * 9_999 + b"\\n") * 30_000', "0 30000"),
    "array": ('b"[" * 200_000_000', "json"),
    "object": ('b\'[{"sku": "\' + b"x" * 300_000_000', "json"),
    "xml text": ('b"<rss><item><id>" + b"x" * 300_000_000', "too_large"),
    "xml tags": ('b"<rss>" + b"<a>" * 60_000_000', "too_large"),
    "xml item": ('b"<rss><item>" + b"<a>x</a>" * 2_000_000 + b"</item></rss>"', "column"),
}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (ENTITIES, "dtd"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><rss/>', "dtd"),
        ("<!doctype html><html><body>Not found</body></html>", "xml"),
        ("<rss><item><id>A</id>", "xml"),
        ("<rss></rss>", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "old_workbook"),
        (b"PK\x03\x04 and no more", "damaged_workbook"),
        (workbook([["sku", "title"], ["A", "Oak tray"]])[:-300], "damaged_workbook"),
        (bomb(SHEET, b"<worksheet"), "damaged_workbook"),
        (bomb("xl/workbook.xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"), "dtd"),
        (bomb(SHEET, bytes(20_000_000)), "too_large"),
        (bomb("xl/sharedStrings.xml", b"<si/>" * 13_000_000), "too_large"),
        (workbook([]), "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "encoding"),
        ("[" * 100_000, "json"),
        ('[{"sku": 1' + "0" * 5_000 + "}]", "json"),
        ("", "empty"),
        ("\ufeff \n\n", "empty"),
    ],
)
def test_what_is_no_feed_is_told_by_its_fault(content, code):
    with pytest.raises(Unreadable) as refusal:
        read(content)

    assert refusal.value.code == code


@pytest.mark.slow
@pytest.mark.parametrize("name", HUGE)
def test_no_row_fills_the_memory(name, tmp_path):
    made, expected = HUGE[name]
    (tmp_path / "feed").write_bytes(eval(made))  # noqa: S307 - our own words
    program = textwrap.dedent("""
        import re, sys
        from catalog.feeds import Unreadable, read_feed
        try:
            reading = read_feed(open(sys.argv[1], "rb"))
            print(len(list(reading.products())), reading.refused)
        except Unreadable as reason:
            print(reason.code)
        print(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1])
    """)

    told = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", program, str(tmp_path / "feed")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")

    assert told[0] == expected
    assert int(told[1]) < 200_000  # KiB


def test_a_row_that_cannot_be_read_costs_only_itself():
    reading, products = read(
        b'sku,title\nA,Oak tray\nB,"6" hose"\nC,"never closed\nD,Ash tray\nE,a,b\n'
        b"F,caf\xe9 \xe6\xa6\x89\xe6\x9c\xa8\n"
    )

    assert [one.sku for one in products] == ["A", "D"]
    assert refusals(reading) == [
        (3, "", "quotes"),
        (4, "", "quotes"),
        (6, "", "cells"),
        (7, "title", "bytes"),
    ]


def test_text_that_no_database_takes_is_refused_with_its_row():
    lines = [{"sku": "A", "title": "x\0y"}, {"sku": "B", "title": "Oak tray"}]

    reading, (product,) = read("\n".join(map(json.dumps, lines)) + '\n{"sku": "\\ud800"}')

    assert (product.sku, refusals(reading)) == ("B", [(1, "", "bytes"), (3, "", "bytes")])


SOUND = [
    RSS.format(encoding="utf-8").encode(),
    GOOGLE_TSV.encode(),
    workbook([["sku", "title"], ["A", "Oak tray"], ["B", "Ash tray"]]),
    b'[{"sku": "A", "title": "Oak tray", "attributes": {"wood": "oak"}}]',
    "货号,名称,价格\nA-1,榉木托盘,129\n".encode("gb18030"),
    "sku,title\nA,Café\n".encode("utf-16"),
    b"Handle,Title,Body (HTML),Option1 Name,Option1 Value\nx,Oak tray,<p>Wood</p>,Size,S\nx,,,,M\n",
]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(SOUND),
    st.lists(st.tuples(st.integers(0, 10_000), st.binary(max_size=4)), max_size=6),
    st.integers(0, 10_000),
)
def test_a_damaged_file_is_read_or_refused(content, wounds, cut):
    for place, put in wounds:
        at = place % len(content)
        content = content[:at] + put + content[at + len(put) :]
    try:
        reading, products = read(content[: cut % (2 * len(content)) or None])
    except Unreadable:
        return
    assert len(products) + reading.merged + reading.refused == reading.rows
    assert all(one.sku and one.texts for one in products)


def test_a_byte_that_fits_no_encoding_makes_xml_unreadable():
    text = io.StringIO("<rss>\udc80<item><title>Oak tray</title></item></rss>")

    with pytest.raises(Unreadable) as refusal:
        list(markup.entries(text))

    assert (refusal.value.code, refusal.value.facts) == ("xml", {"line": "1"})
