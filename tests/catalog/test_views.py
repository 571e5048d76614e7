"""The import's pages: what is shown of a feed before and after it comes in."""

from __future__ import annotations

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.catalog.test_importing import ENTRIES, REMARKABLE


@pytest.mark.parametrize("options", [{}, {"dry_run": "on"}])
def test_a_report_says_what_was_joined_and_read_differently(client, editor, options):
    client.force_login(editor)
    feed = SimpleUploadedFile("feed.csv", REMARKABLE)

    answer = client.post(
        "/catalog/imports/new/", {"file": feed, "format": "auto", **options}, follow=True
    )

    page = answer.content.decode()
    assert answer.status_code == 200
    assert re.findall(r"<dt>([\w ]+)</dt><dd>(\d+)</dd>", page) == [
        ("new", "1"),
        ("changed", "0"),
        ("unchanged", "0"),
        ("rows joined to another", "1"),
        ("rows refused", "0"),
    ]
    assert "<p>The file is in no Unicode encoding; it was read as Latin-1.</p>" in page
    assert "<p>These columns are no facts and were left out: stock.</p>" in page
    assert "<p>Only yuan and dollars are kept; left out: prices in EUR (1).</p>" in page


def test_a_report_of_a_file_on_one_line_names_the_entry(client, editor):
    client.force_login(editor)
    feed = SimpleUploadedFile("feed.json", json.dumps(ENTRIES).encode())

    page = client.post("/catalog/imports/new/", {"file": feed, "format": "auto"}, follow=True)

    assert '<th scope="col" class="num">Entry</th>' in page.content.decode()
    assert re.findall(r'<td class="num">(\d+)</td>', page.content.decode()) == ["2", "3", "5"]
