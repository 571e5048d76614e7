"""No page is forgotten by what looks at every page: access, widths, pictures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django.urls.converters import IntConverter, PathConverter, SlugConverter, StringConverter

from tests.browser import pictures
from tests.browser.sights import SIGHTS

# Named addresses that answer a GET and are no page of ours.
NO_PAGES = {
    "home": "sends on to the desk",
    "healthz": "for machines",
    "readyz": "for machines",
    "set_language": "sends back",
    "api-schema": "for machines",
    "api-docs": "Swagger's own page",
    "catalog:import-progress": "a part of the import's page",
    "catalog:import-refused": "a file",
    "generation:campaign-progress": "a part of the campaign's page",
    "generation:training-progress": "a part of the training's page",
    "review:queue-rows": "a part of the desk",
    "review:queue-counts": "a part of the desk",
    "review:draft-ahead": "a part of the desk",
    "review:draft-comments": "a part of the desk",
    "review:draft-preview": "a part of the desk",
    "review:names": "a part of the desk",
    "review:notification-bell": "a part of every page",
    "review:help": "a part of the desk",
    "review:queue-filters": "a part of the desk",
    "review:dashboard-download": "a file",
    "review:draft-defer": "the desk with a form, which has sights of its own",
    "review:draft-edit": "the desk with a form, which has sights of its own",
    "review:draft-reject": "the desk with a form, which has sights of its own",
}
# Django's own pages, and the API's.
OTHERS = ("admin/", "api/v1/")
VALUES = {IntConverter: 1, StringConverter: "x", PathConverter: "x", SlugConverter: "x"}


def named(resolver: URLResolver, place: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """Every named address of ours, and one path that leads to it."""
    for pattern in resolver.url_patterns:
        here = place + str(pattern.pattern)
        if here.startswith(OTHERS):
            continue
        if isinstance(pattern, URLResolver):
            within = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from named(pattern, here, within)
        elif isinstance(pattern, URLPattern) and pattern.name:
            name = space + pattern.name
            keys = pattern.pattern.converters
            yield name, reverse(name, kwargs={key: VALUES[type(keys[key])] for key in keys})


def seen() -> set[str]:
    """The names of the addresses that are looked at."""
    anything = defaultdict(lambda: 1)
    paths = (urlsplit(sight.path.format_map(anything)).path for sight in SIGHTS)
    return {resolve(path).view_name for path in paths}


@pytest.mark.parametrize(("name", "path"), [*named(get_resolver())])
def test_every_page_is_looked_at_or_it_is_said_why_not(client, db, name, path):
    answers = client.get(path).status_code != 405

    assert answers == (name in seen() or name in NO_PAGES)
    assert not (name in seen() and name in NO_PAGES)


def test_sights_have_names_of_their_own():
    assert len({sight.name for sight in SIGHTS}) == len(SIGHTS)


def test_every_picture_is_there_and_shown_and_all_of_them_are_small():
    there = {path.name for path in pictures.FOLDER.iterdir()}

    assert there == {path.name for path in pictures.files()} | {"README.md"}
    assert (pictures.FOLDER / "README.md").read_text(encoding="utf-8") == pictures.index()
    assert sum(path.stat().st_size for path in pictures.FOLDER.iterdir()) < pictures.MOST_BYTES
