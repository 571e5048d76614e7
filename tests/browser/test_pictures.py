"""`make pictures`: takes every picture of `docs/pictures` anew."""

from __future__ import annotations

import base64

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Gallery
from tests.browser.pictures import FOLDER, LANGUAGES, PICTURED, THEMES, WINDOWS, file_of, index
from tests.browser.sights import Sight

pytestmark = [pytest.mark.browser, pytest.mark.pictures, pytest.mark.timeout(240)]
QUALITY = 50  # of WebP, of 100: letters are sharp, and all pictures together under MOST_BYTES


@pytest.fixture(scope="module", autouse=True)
def _no_old_ones():
    """None is left of a page that is no more."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.webp"):
        old.unlink()
    (FOLDER / "README.md").write_text(index(), encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sight", PICTURED, ids=lambda sight: sight.name)
def test_a_picture_is_taken(gallery: Gallery, sight: Sight, language: str):
    with gallery.show(sight, language, reduced_motion="reduce") as page:
        for width, height in WINDOWS.items():
            page.set_viewport_size({"width": width, "height": height})
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)
                file_of(sight, language, theme, width).write_bytes(taken(page))


def taken(page: Page) -> bytes:
    """What the window shows, as WebP, which Playwright by itself does not write."""
    page.wait_for_timeout(200)  # a chart takes on the new width
    session = page.context.new_cdp_session(page)
    wish = {"format": "webp", "quality": QUALITY}
    return base64.b64decode(session.send("Page.captureScreenshot", wish)["data"])
