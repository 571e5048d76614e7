"""A table whose columns have names that nobody could guess is told once what they are."""

from __future__ import annotations

import re

import pytest
from rest_framework.test import APIClient

from catalog import importing
from catalog.errors import ColumnsUnfit, ImportNotStartable
from catalog.feeds import ROLES
from catalog.forms import ROLE_NAMES
from catalog.models import ColumnRoles, FeedImport, Product
from catalog.services import say_columns, start_import
from tests.catalog.test_imports import carried_out, counts, found, upload  # noqa: F401 - a fixture
from tests.catalog.test_views import address, shop, shown  # noqa: F401 - a fixture

GERMAN = (
    "Artikelnr,Bezeichnung,Preis,Farbe,stock,Notiz\n"
    "E-1,Oak tray,12 USD,oak,4,old\n"
    "E-2,Ash tray,soon,ash,2,\n"
    "E-3,Elm tray,9 USD,elm,1,\n"
)
ROLES_OF_GERMAN = {
    "Artikelnr": "sku",
    "Bezeichnung": "title_en",
    "Preis": "price",
    "Farbe": "fact",
    "stock": "fact",
    "Notiz": "ignored",
}


@pytest.fixture
def told(upload, editor) -> FeedImport:  # noqa: F811
    """The German table, once somebody said what its columns are and it was looked at again."""
    failed = carried_out(upload(GERMAN, "regal.csv"))
    return carried_out(say_columns(failed, ROLES_OF_GERMAN, user=editor))


def test_a_table_is_read_as_somebody_says(upload, told, editor):  # noqa: F811
    assert (told.status, told.failure, counts(told)) == ("finished", "", (2, 0, 0, 1))
    refused = found(told, kind="refused")[0]
    assert refused.told == [["Preis", "“soon” is not a price."]]  # by its own name
    assert told.refused_rows.read_text("utf-8-sig").startswith("Artikelnr,Bezeichnung,Preis,")

    carried_out(start_import(told, user=editor))

    product = Product.objects.get(sku="E-1")
    text = product.texts.get()
    assert (text.language, text.title, str(product.price_usd)) == ("en", "Oak tray", "12.00")
    assert text.attributes == [["Farbe", "oak"], ["stock", "4"]]
    mended = told.refused_rows.read_text("utf-8-sig").replace("soon", "7 USD")
    assert counts(carried_out(upload(mended, "mended.csv"))) == (1, 0, 0, 0)  # it says why, too


@pytest.mark.usefixtures("told")
def test_tables_with_the_same_columns_are_read_alike_from_then_on(upload):  # noqa: F811
    later = "Notiz,Bezeichnung,Artikelnr,Preis,Farbe,stock\n,Birch tray,E-9,5 USD,birch,1\n"

    looked_at = carried_out(upload(later, "herbst.csv"))

    assert counts(looked_at) == (1, 0, 0, 0)
    assert [(one["name"], one["role"]) for one in looked_at.columns][:3] == [
        ("Notiz", "ignored"),
        ("Bezeichnung", "title_en"),
        ("Artikelnr", "sku"),
    ]
    other = carried_out(upload(later.replace("Notiz", "Lager")))
    assert "has no column “title”" in other.failure
    assert "Artikelnr" in other.failure


def test_a_table_tells_its_columns_with_their_first_values(upload):  # noqa: F811
    failed = carried_out(upload(GERMAN, "regal.csv"))

    assert failed.columns[:3] == [
        {"name": "Artikelnr", "role": "fact", "samples": ["E-1", "E-2", "E-3"]},
        {"name": "Bezeichnung", "role": "fact", "samples": ["Oak tray", "Ash tray", "Elm tray"]},
        {"name": "Preis", "role": "fact", "samples": ["12 USD", "soon", "9 USD"]},
    ]
    assert [one["role"] for one in failed.columns[4:]] == ["ignored", "fact"]


def test_what_a_name_says_can_be_overruled(upload, editor):  # noqa: F811
    feed = "sku,title,type,color\nA,Oak tray,round,oak\n"
    looked_at = carried_out(upload(feed))
    assert [one["role"] for one in looked_at.columns] == ["sku", "title", "category", "fact"]

    roles = {"sku": "sku", "title": "title", "type": "fact", "color": "category"}
    again = carried_out(say_columns(looked_at, roles, user=editor))
    carried_out(start_import(again, user=editor))

    product = Product.objects.get()
    assert product.category.name_en == "oak"
    assert product.texts.get().attributes == [["type", "round"]]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"Artikelnr": "fact"}, "Say which column holds the SKU: a product is known by it."),
        ({"Bezeichnung": "ignored"}, "Say which column holds the title."),
        ({"Farbe": "price"}, "Only one column can be that: Preis, Farbe."),
        ({"Farbe": "sonnet"}, "Say of each column what it is."),
    ],
)
def test_what_makes_no_products_is_refused_and_nothing_is_kept(
    upload,  # noqa: F811
    editor,
    change,
    sentence,
):
    failed = carried_out(upload(GERMAN))

    with pytest.raises(ColumnsUnfit, match=re.escape(sentence)):
        say_columns(failed, ROLES_OF_GERMAN | change, user=editor)

    assert not ColumnRoles.objects.exists()
    assert FeedImport.objects.get().status == "failed"


def test_only_a_plain_table_that_is_not_in_can_be_told(upload, told, editor):  # noqa: F811
    shopify = carried_out(upload("Handle,Title,Body (HTML)\ncap,Cap,Wool\n"))
    done = carried_out(start_import(told, user=editor))

    for record in (shopify, done):
        with pytest.raises(ImportNotStartable):
            say_columns(record, {}, user=editor)


def test_the_page_asks_what_the_columns_are(shop, upload):  # noqa: F811
    record = carried_out(upload(GERMAN, "regal.csv"))

    page = shown(shop, record)
    assert '<details class="sheet panel" id="columns" open>' in page
    assert "E-1 · E-2 · E-3" in page
    asked = {f"role-{at}": role for at, role in enumerate(ROLES_OF_GERMAN.values())}

    refused = shop.post(address("columns", record), asked | {"role-3": "price"})
    assert refused.status_code == 422
    html = refused.content.decode()
    assert "Only one column can be that: Preis, Farbe." in html
    assert html.count('<option value="title_en" selected>') == 1  # what was chosen stays

    assert shop.post(address("columns", record), asked).status_code == 302
    importing.carry_out(record.pk)
    page = shown(shop, record)
    assert '<details class="sheet panel" id="columns">' in page
    assert "Nothing is written yet: this is what would become of it." in page


def test_a_program_says_it_too(editor, upload):  # noqa: F811
    record = carried_out(upload(GERMAN))
    api = APIClient()
    api.force_authenticate(editor)
    path = f"/api/v1/imports/{record.pk}/columns/"

    answer = api.post(path, {"roles": ROLES_OF_GERMAN | {"Farbe": "sonnet"}}, format="json")
    assert answer.status_code == 400
    answer = api.post(path, {"roles": {"Farbe": "fact"}}, format="json")
    assert answer.json()["errors"][0]["detail"] == "Say of each column what it is."
    assert api.post(path, {"roles": ROLES_OF_GERMAN}, format="json").json()["status"] == "queued"


def test_every_role_has_a_name():
    assert set(ROLE_NAMES) == set(ROLES)
