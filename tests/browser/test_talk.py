"""Two editors talk about a draft, by keyboard alone, and the other hears of it at once."""

from __future__ import annotations

import json
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, Galley, catch_requests

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]

FILL = """
from catalog.models import Campaign, Channel
from generation.models import Checkpoint, Draft
from tests.benchmark.crowd import fill_desk
campaign, _ = Campaign.objects.get_or_create(slug="talk", defaults={"name": "Talk"})
campaign.channels.set(Channel.objects.filter(slug="storefront"))
fill_desk(campaign, Checkpoint.objects.active().get(), 4)
print(*Draft.objects.filter(run__campaign=campaign).in_order().values_list("pk", "text")[0])
"""
SAID = """
import json
from generation.models import Draft
from review.models import Comment
from review.services import threads_of
draft = Draft.objects.get(pk=number)
rows = [(t.comment.text, t.quote, [r.text for r in t.replies]) for t in threads_of(draft)]
print(json.dumps([draft.status, rows]))
"""
# Mark the first two letters of the copy, as a mouse or Shift and the arrows do.
MARK = """
const copy = document.querySelector(".draft-card__text");
getSelection().setPosition(copy, 0);
getSelection().modify("extend", "forward", "character");
getSelection().modify("extend", "forward", "character");
"""
# Fetch the open draft anew, as happens when another page of it comes; the field in it goes.
TAKE_AWAY = """
const path = `/review/drafts/${document.querySelector(".draft-card").dataset.draft}/`;
htmx.ajax("GET", path, {target: "#work", swap: "outerHTML"});
"""


@pytest.fixture
def waiting(galley: Galley) -> list[str]:
    """A draft that waits: its number and its text."""
    return galley.manage("shell", "-v0", "-c", FILL).strip().split("\n")[-1].split(" ", 1)


@pytest.fixture
def number(waiting) -> int:
    """The number of a draft that waits."""
    return int(waiting[0])


@pytest.fixture
def other(chromium, galley):
    """A page of a second editor."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(f"{galley.address}/accounts/login/")
    yield page
    context.close()


def said(galley: Galley, number: int) -> list:
    """The draft's status, and its comments with what they are about and their replies."""
    asked = f"number = {number}\n{SAID}"
    return json.loads(galley.manage("shell", "-v0", "-c", asked).strip().split("\n")[-1])


def open_draft(page: Page, galley: Galley, number: int, name: str) -> None:
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".site-header")).to_be_visible()
    page.goto(f"{galley.address}/review/drafts/{number}/")
    expect(page.locator("[data-live][data-state=on]")).to_be_visible()


def test_what_is_typed_on_when_the_field_is_gone_decides_nothing(
    page: Page, galley: Galley, number: int
):
    open_draft(page, galley, number, "editor")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.keyboard.press("c")
    page.keyboard.type("A b")

    page.evaluate(TAKE_AWAY)  # as a page does that comes meanwhile
    page.keyboard.type("aaa re aaa", delay=30)

    page.wait_for_timeout(1_200)
    assert not [url for url in sent if "/approve/" in url or "/reject/" in url]
    assert said(galley, number)[0] == "proposed"
    page.keyboard.press("r")
    expect(page.locator(".reject-form")).to_be_visible()


def test_two_editors_talk_by_keyboard(page: Page, other: Page, galley: Galley, waiting):
    number, words = int(waiting[0]), waiting[1][:2]
    open_draft(page, galley, number, "editor")
    open_draft(other, galley, number, "editor2")
    page.evaluate(MARK)

    page.keyboard.press("c")
    expect(page.locator("[data-place] q")).to_have_text(words)
    page.keyboard.type("Ask @editor")
    expect(page.locator("#comment-names [role=option]")).to_have_text(["editor", "editor2"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type("please")
    at = time.monotonic()
    page.keyboard.press("Control+Enter")

    expect(other.locator(".comment__text")).to_have_text("Ask @editor2 please")
    expect(other.locator("#bell")).to_have_attribute("aria-label", "1 unread notification")
    assert time.monotonic() - at < 2
    expect(other.locator(".remark")).to_have_text(words)
    expect(other.locator(f"#row-{number}")).to_contain_text("1 comment")
    expect(page.locator("#id_comment")).to_have_value("")
    expect(page.locator("#id_comment")).to_be_focused()

    other.locator("[id^=reply-]").focus()
    other.keyboard.press("Enter")
    expect(other.locator("#comment-form")).to_contain_text("Reply to editor")
    expect(other.locator("#id_comment")).to_be_focused()
    other.keyboard.type("It is right.")
    other.keyboard.press("Control+Enter")

    expect(page.locator(".comment .comment")).to_contain_text("It is right.")
    page.keyboard.press("Escape")
    expect(page.locator(".draft-card")).to_be_focused()
    page.locator("[id^=resolve-]").focus()
    page.keyboard.press("Enter")
    expect(other.locator("#comments-done")).to_contain_text("1 resolved or removed")
    expect(page.locator("#comment-list")).to_be_focused()
    expect(other.locator(".remark")).to_have_count(0)
    assert said(galley, number) == [
        "proposed",
        [["Ask @editor2 please", words, ["It is right."]]],
    ]

    other.locator("#bell").press("Enter")
    other.locator(".notice-row .button").first.press("Enter")
    expect(other.locator(f"#draft-{number}")).to_be_visible()
    expect(other.locator("#bell")).to_have_attribute("aria-label", "No unread notifications")


def test_what_is_typed_decides_nothing_and_is_kept_until_it_arrives(
    page: Page, galley: Galley, number: int
):
    catch_requests(page)
    open_draft(page, galley, number, "editor")
    page.keyboard.press("e")
    expect(page.locator("#id_text")).to_be_focused()
    page.locator("#id_comment").focus()
    page.keyboard.type("are rare ends aured?")
    page.reload()
    expect(page.locator("#id_comment")).to_have_value("are rare ends aured?")
    expect(page.locator("[data-live][data-state=on]")).to_be_visible()

    # The first answer is lost: the comment is sent again, and counts once.
    lost: list[str] = []

    def lose_first(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch(max_retries=3).text())
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(f"**/drafts/{number}/comments/?*", lose_first)
    page.locator("#id_comment").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".comment__text")).to_have_text("are rare ends aured?")  # heard live
    expect(page.locator("#id_comment")).to_have_value("are rare ends aured?")
    expect(page.locator("[data-unsent]")).to_be_visible()
    page.reload()
    page.locator("#id_comment").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#id_comment")).to_have_value("")

    assert said(galley, number) == ["proposed", [["are rare ends aured?", "", []]]]
    assert page.evaluate("Object.keys(localStorage).filter((k) => k.includes('comment'))") == []


def test_an_edit_that_is_open_is_not_sent_with_a_comment(page: Page, galley: Galley, number: int):
    open_draft(page, galley, number, "editor")
    page.evaluate("htmx.config.defaultSettleDelay = 500")  # ms, as on a busy machine
    page.keyboard.press("e")
    expect(page.locator("#id_text")).to_be_focused()

    page.locator("#id_comment").focus()
    page.wait_for_timeout(800)
    page.keyboard.type("First this.")
    page.keyboard.press("Control+Enter")

    expect(page.locator(".comment__text")).to_have_text("First this.")
    expect(page.locator("#id_text")).to_be_visible()
    page.locator("#id_comment").focus()
    page.keyboard.press("Escape")
    expect(page.locator("#id_text")).to_be_visible()
    assert said(galley, number)[0] == "proposed"
