"""A browser says where it is, and the pages after the first one are in its time."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import PASSWORD, Galley

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]


def test_who_signs_in_sees_their_own_time_at_once(chromium: Browser, galley: Galley):
    context = chromium.new_context(timezone_id="Asia/Shanghai")
    page = context.new_page()
    page.goto(f"{galley.address}/accounts/login/")
    page.locator("#id_username").fill("editor")
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/review/")

    page.goto(f"{galley.address}/campaigns/new/")

    expect(page.get_by_text("Asia/Shanghai time. Texts that are approved")).to_be_visible()
    (cookie,) = [one for one in context.cookies() if one["name"] == "galley-zone"]
    assert (cookie["value"], cookie["sameSite"]) == ("Asia/Shanghai", "Lax")
    context.close()
