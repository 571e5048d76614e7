"""Every page and every state of the desk is for everybody, in any window, at any size of letters.

axe-core looks for what WCAG 2.2 asks on levels A and AA, and for what is good practice besides.
Each sight is looked at in both languages, in a wide and in a narrow window; then in the other
theme, in which nothing but colours can differ.
"""

from __future__ import annotations

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.conftest import Gallery
from tests.browser.sights import ADMIN_SIGHTS, SIGHTS, WIDE, Sight

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.usefixtures("oddities"),
]

RULES = {
    "light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "dark": ["color-contrast", "link-in-text-block"],
}
LOOK = """
async (runOnly) => {
  const asked = {runOnly, resultTypes: ["violations"], preload: false};
  // Of a long list in the admin a few rows are enough: the others are like them.
  const found = await axe.run({exclude: [["#result_list tr:nth-child(n+4)"]]}, asked);
  return found.violations.flatMap((rule) => rule.nodes.map((node) =>
    `${rule.id}: ${node.html.slice(0, 200)}: ${node.failureSummary}`));
}
"""
# What sticks out at the side, and words that are cut off without a mark that says so. A table that
# is too wide scrolls by itself.
TOO_WIDE = """
() => {
  const width = document.documentElement.clientWidth;
  const shown = [...document.body.querySelectorAll("*")].filter((part) =>
    part.checkVisibility({visibilityProperty: true}) &&
    !part.closest(".visually-hidden, .skip, .scroll, svg, .uplot"));
  const names = (part, why) =>
    `${why}: ${part.tagName} ${part.className} ${part.textContent.trim().slice(0, 40)}`;
  const out = shown.filter((part) => {
    const box = part.getBoundingClientRect();
    return box.width > 0 && (box.left < -1 || box.right > width + 1);
  }).map((part) => names(part, "sticks out"));
  const cut = shown.filter((part) => {
    const style = getComputedStyle(part);
    const is_cut = style.overflowX !== "visible" && part.scrollWidth > part.clientWidth + 1;
    return is_cut && style.textOverflow !== "ellipsis" && !part.matches("input, textarea, select");
  }).map((part) => names(part, "is cut"));
  const page = document.scrollingElement;
  return [...out, ...cut, ...(page.scrollWidth > page.clientWidth ? ["the page scrolls"] : [])];
}
"""
SETTLED = """
() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))
"""
# The admin's links change their colours slowly, and would be looked at half-way.
FINISHED = "() => document.getAnimations().forEach((change) => change.finish())"
# By language: themes, and which of the widths. Each two of the three come together once.
VIEWS = {"en": [("light", 0), ("dark", -1)], "zh-hans": [("light", -1), ("dark", 0)]}


def by_name(sight: Sight) -> str:
    return sight.name


@pytest.mark.parametrize("sight", SIGHTS, ids=by_name)
def test_axe_finds_nothing_and_nothing_is_too_wide(gallery: Gallery, sight: Sight):
    for language, views in VIEWS.items():
        with gallery.show(sight, language, reduced_motion="reduce") as page:
            page.evaluate(AXE_SCRIPT)
            for theme, place in views:
                page.emulate_media(color_scheme=theme)
                whole(page, sight.widths[place])
                assert page.evaluate(LOOK, RULES[theme]) == [], (
                    language,
                    theme,
                    sight.widths[place],
                )
            for width in (320, 390, 720):  # 720 is a window of 1440 at a zoom of 200 %
                page.set_viewport_size({"width": width, "height": 450})
                assert too_wide(page) == [], (language, width)
            if WIDE in sight.widths:
                page.set_viewport_size({"width": WIDE, "height": 900})
                page.evaluate("document.documentElement.style.fontSize = '200%'")
                assert too_wide(page) == [], (language, "letters twice as large")


@pytest.mark.parametrize("sight", ADMIN_SIGHTS, ids=by_name)
def test_axe_finds_nothing_in_the_admin(gallery: Gallery, sight: Sight):
    for language in VIEWS:
        with gallery.show(sight, language) as page:
            page.evaluate(AXE_SCRIPT)
            for theme, rules in RULES.items():
                page.emulate_media(color_scheme=theme)
                page.evaluate(FINISHED)
                assert page.evaluate(LOOK, rules) == [], (language, theme)
            for undo in page.locator(".messagelist [type=submit]").all():
                undo.click()


def too_wide(page: Page) -> list[str]:
    """What is too wide, once charts have taken on the width of the window."""
    page.evaluate(SETTLED)
    return page.evaluate(TOO_WIDE)


def whole(page: Page, width: int) -> None:
    """Make the window as wide as is said; a narrow one so high that nothing is beneath the bar."""
    page.set_viewport_size({"width": width, "height": 900})
    if width < WIDE:
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": width, "height": min(height + 200, 8000)})
