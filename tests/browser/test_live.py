"""Several editors on one queue: each sees what the others do, with a socket or without one."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, Galley
from tests.browser.test_talk import other  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]

FILL = """
from catalog.models import Campaign, Channel
from generation.models import Checkpoint, Draft
from tests.benchmark.crowd import fill_desk
campaign, _ = Campaign.objects.get_or_create(slug="live", defaults={"name": "Live"})
campaign.channels.set(Channel.objects.filter(slug="storefront"))
Draft.objects.filter(run__campaign=campaign, status="proposed").update(status="expired")
fill_desk(campaign, Checkpoint.objects.active().get(), 70)
"""


@pytest.fixture(autouse=True)
def _seventy(galley: Galley) -> None:
    """A queue of 70 drafts: one page of it, and some more."""
    galley.manage("shell", "-v0", "-c", FILL)


def open_queue(page: Page, galley: Galley, name: str) -> None:
    """Open it, and wait until it has the draft that comes next."""
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".site-header")).to_be_visible()
    with page.expect_response("**/ahead/?campaign=live*"):
        page.goto(f"{galley.address}/review/?campaign=live")


def approve(page: Page) -> str:
    """Approve the draft that is open; give its number."""
    draft = page.locator(".draft-card").get_attribute("data-draft")
    page.keyboard.press("a")
    expect(page.locator(f"#row-{draft}")).to_have_count(0)
    return draft


def test_the_numbers_go_down_while_another_editor_decides(
    page: Page,
    other: Page,  # noqa: F811
    galley: Galley,
):
    open_queue(page, galley, "editor")
    open_queue(other, galley, "publisher")
    expect(page.locator("[data-live][data-state=on]")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.split("?")[0].split("/")[-2]))
    expect(page.locator("#queue-count")).to_have_text("70 wait")

    first, second = approve(other), approve(other)

    for draft in (first, second):
        expect(page.locator(f"#row-{draft}")).to_have_attribute("data-status", "decided")
    expect(page.locator("#queue-count")).to_have_text("68 wait")
    expect(page.locator("#desk-progress")).to_have_text("68 drafts wait")
    assert 1 <= asked.count("counts") <= 2
    asked.clear()
    approve(page)
    expect(page.locator("#queue-count")).to_have_text("67 wait")
    page.wait_for_timeout(1_500)  # its answer brings the number, so nobody asks for it again
    assert "counts" not in asked
