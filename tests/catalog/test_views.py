"""The import's pages: what is shown of a feed before, while and after it comes in."""

from __future__ import annotations

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from catalog import forms, importing
from catalog.models import FeedImport, Product
from catalog.services import start_import
from tests.catalog.test_importing import ENTRIES, REMARKABLE, SHOPIFY
from tests.conftest import make_user


@pytest.fixture
def shop(client, editor):
    client.force_login(editor)
    return client


def upload(shop, content: bytes, name: str = "feed.csv") -> FeedImport:
    """Have the page take a feed, and a worker look at it."""
    feed = SimpleUploadedFile(name, content)
    answer = shop.post("/catalog/imports/new/", {"file": feed, "format": "auto"})
    record = FeedImport.objects.latest("pk")
    assert (answer.status_code, answer["Location"]) == (302, address("detail", record))
    importing.carry_out(record.pk)
    return record


def address(name: str, record: FeedImport) -> str:
    return reverse(f"catalog:import-{name}", args=[record.pk])


def shown(shop, record: FeedImport, query: str = "") -> str:
    return shop.get(address("detail", record) + query).content.decode()


def test_a_feed_is_shown_row_by_row_and_then_brought_in(shop):
    record = upload(shop, REMARKABLE)

    page = shown(shop, record)
    assert Product.objects.count() == 0
    assert "Nothing is written yet: this is what would become of it." in page
    assert re.findall(r"<dt>([\w ]+)</dt><dd>(\d+)</dd>", page) == [
        ("new", "1"),
        ("changed", "0"),
        ("unchanged", "0"),
        ("rows joined to another", "1"),
        ("rows refused", "0"),
    ]
    assert '<td class="mono only-wide">C-1</td><td class="table__wide">Café cup</td>' in page
    assert "<p>The file is in no Unicode encoding; it was read as Latin-1.</p>" in page
    assert "<p>These columns are no facts and were left out: stock.</p>" in page
    assert "<p>Only yuan and dollars are kept; left out: prices in EUR (1).</p>" in page

    waiting = shop.post(address("start", record), follow=True).content.decode()
    assert "It waits for a worker." in waiting
    assert f'hx-get="{address("progress", record)}"' in waiting
    importing.carry_out(record.pk)

    fragment = shop.get(address("progress", record)).content.decode()
    assert "It is in the catalogue." in fragment
    assert "hx-trigger" not in fragment  # nothing more will come
    assert Product.objects.get().sku == "C-1"


def test_rows_are_shown_by_what_becomes_of_them_and_page_by_page(shop):
    rows = "".join(f"P-{n},Oak tray {n},{n if n % 60 else 'soon'} USD\n" for n in range(1, 121))
    record = upload(shop, f"sku,title,price\n{rows}".encode())

    first = shown(shop, record)
    more = re.search(r'href="([^"]+after=50)"', first)[1].replace("&amp;", "&")
    second = shop.get(more).content.decode()
    refused = shown(shop, record, "?kind=refused")

    cell = r'<td class="mono only-wide">P-(\d+)</td>'
    numbers = [re.findall(cell, page) for page in (first, second)]
    assert numbers == [[str(n) for n in range(1, 51)], [str(n) for n in range(51, 101) if n != 60]]
    assert re.findall(r'<td class="num">(\d+)</td>', refused) == ["61", "121"]
    assert refused.count("<b>price</b>: “soon USD” is not a price.") == 2
    assert "after=" not in refused
    odd = shown(shop, record, "?kind=nonsense&after=x")
    assert re.findall(cell, odd) == numbers[0]
    assert 'aria-current="page">Refused <span class="num">2</span></a>' in refused


def test_the_refused_rows_of_a_feed_are_a_file(shop):
    record = upload(shop, SHOPIFY.encode(), "caps.csv")

    assert f'href="{address("refused", record)}"' in shown(shop, record)
    answer = shop.get(address("refused", record))

    assert answer["Content-Disposition"] == 'attachment; filename="caps-refused.csv"'
    assert b"#line,#column,#reason" in b"".join(answer)
    record.refused_rows.unlink()
    assert shop.get(address("refused", record)).status_code == 404


def test_a_report_of_a_file_on_one_line_names_the_entry(shop):
    record = upload(shop, json.dumps(ENTRIES).encode(), "feed.json")

    for page in (shown(shop, record), shown(shop, record, "?kind=refused")):
        assert '<th scope="col" class="num">Entry</th>' in page
    assert re.findall(r'<td class="num">(\d+)</td>', page) == ["2", "3", "5"]

    FeedImport.objects.update(stage="import")
    record.forget_files()  # what it refused stays on record
    assert re.findall(r'<td class="num">(\d+)</td>', shown(shop, record)) == ["2", "3", "5"]


def test_what_cannot_be_read_says_why_and_can_be_discarded(shop):
    record = upload(shop, b"\x00\x01")

    page = shown(shop, record)
    assert FeedImport.objects.get().failure in page
    assert "“feed.csv”" in page
    answer = shop.post(address("discard", record), follow=True).content.decode()
    assert "“feed.csv” was discarded; nothing of it is in the catalogue." in answer
    assert not FeedImport.objects.exists()


def test_an_import_can_be_stopped_and_resumed(shop, editor):
    record = upload(shop, SHOPIFY.encode())
    start_import(FeedImport.objects.get(), user=editor)

    stopped = shop.post(address("stop", record), follow=True).content.decode()
    again = shop.post(address("stop", record), follow=True).content.decode()
    assert "lin stopped it." in stopped
    assert "This import has ended already." in again
    shop.post(address("resume", record))
    importing.carry_out(record.pk)

    assert "It is in the catalogue." in shown(shop, record)


def test_what_was_stopped_while_it_was_looked_at_shows_no_rows(shop, editor):
    record = upload(shop, SHOPIFY.encode())
    FeedImport.objects.update(status="failed", failure="lin stopped it.")
    record.verdicts.write_bytes(b"half of it")

    page = shown(shop, record)

    assert "lin stopped it." in page
    assert '<td class="num">' not in page


def test_a_refused_act_is_said_on_the_page(shop):
    record = upload(shop, SHOPIFY.encode())
    shop.post(address("start", record))

    for act, sentence in (
        ("start", "Only a feed that was looked at can be brought in."),
        ("resume", "Only an import that was cut off can be resumed."),
        ("discard", "Only a feed that is not brought in yet can be discarded."),
    ):
        assert sentence in shop.post(address(act, record), follow=True).content.decode()


def test_who_may_not_import_may_look_and_no_more(client, shop):
    record = upload(shop, SHOPIFY.encode())
    client.force_login(make_user("guest", ("view_feedimport",)))

    page = client.get(address("detail", record))
    assert page.status_code == 200
    assert address("start", record) not in page.content.decode()
    for act in ("start", "stop", "resume", "discard"):
        assert client.post(address(act, record)).status_code == 403
    assert client.get("/catalog/imports/new/").status_code == 403


def test_a_file_that_is_too_large_is_refused_before_it_is_kept(shop, monkeypatch):
    monkeypatch.setattr(forms, "MAX_BYTES", 10)
    feed = SimpleUploadedFile("feed.csv", SHOPIFY.encode())

    answer = shop.post("/catalog/imports/new/", {"file": feed, "format": "auto"})

    assert answer.status_code == 422
    assert "or use manage.py" in answer.content.decode()
    assert not FeedImport.objects.exists()


def test_an_import_of_the_admin_begins_where_all_do(admin_client):
    answer = admin_client.get("/admin/catalog/feedimport/add/")

    assert (answer.status_code, answer["Location"]) == (302, "/catalog/imports/new/")
