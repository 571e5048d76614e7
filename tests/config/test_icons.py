"""Icons are one file that a browser fetches once."""

from __future__ import annotations

import re

from django.contrib.staticfiles import finders

from config.icons import icon


def test_every_icon_of_the_pages_is_in_the_file(settings):
    with open(finders.find("img/icons.svg"), encoding="utf-8") as file:  # noqa: PTH123
        there = set(re.findall(r'<symbol id="([^"]+)"', file.read()))
    pages = (settings.BASE_DIR / "templates").rglob("*.html")
    drawn = {
        name for page in pages for name in re.findall(r'{% icon "([^"]+)"', page.read_text("utf-8"))
    }

    assert drawn == there


def test_the_file_is_kept_until_it_says_something_else(client, db):
    place = re.search(r'href="([^"#]+)#i-check"', icon("i-check"))[1]

    answer = client.get(place)

    assert re.search(r"\?[0-9a-f]{8}$", place)
    assert "immutable" in answer["Cache-Control"]
    assert answer.status_code == 200
    answer.close()
