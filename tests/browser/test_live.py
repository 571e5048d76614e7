"""Several editors on one queue: each sees what the others do, with a socket or without one."""

from __future__ import annotations

import re

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
    page.wait_for_timeout(1_500)  # the second may be asked for when the first has told it all
    assert 1 <= asked.count("counts") <= 2
    asked.clear()
    approve(page)
    expect(page.locator("#queue-count")).to_have_text("67 wait")
    page.wait_for_timeout(1_500)  # its answer brings the number, so nobody asks for it again
    assert "counts" not in asked


def take_over_and_approve(page: Page, galley: Galley, draft: str) -> None:
    page.goto(f"{galley.address}/review/drafts/{draft}/?campaign=live")
    page.get_by_role("button", name="Take over").click()
    expect(page.locator("[data-key=a]")).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator(f"#row-{draft}")).to_have_count(0)


def test_without_a_socket_a_page_asks_and_keeps_what_it_has(
    page: Page,
    other: Page,  # noqa: F811
    galley: Galley,
):
    page.clock.install()
    page.route_web_socket("**/ws/**", lambda socket: socket.close())
    open_queue(page, galley, "editor")
    page.evaluate("document.getElementById('queue-more').scrollIntoView()")  # which asks for them
    rows = page.locator("[id^=row-]")
    expect(rows).to_have_count(70)
    page.locator("#queue-rows").evaluate("rows => rows.scrollTo(0, 0)")  # so none is asked for
    draft = page.locator(".draft-card").get_attribute("data-draft")
    open_queue(other, galley, "publisher")
    take_over_and_approve(other, galley, draft)
    expect(page.locator(f"#draft-{draft}")).to_have_attribute("data-status", "proposed")

    page.clock.run_for(21_000)

    expect(page.locator(f"#draft-{draft} .stamp")).to_have_text("Passed for press")
    expect(rows).to_have_count(69)
    expect(page.locator("#queue-count")).to_have_text("69 wait")
    rows.last.locator("a").click()
    expect(page.locator(f"#draft-{draft}")).to_have_count(0)
    draft = page.locator(".draft-card").get_attribute("data-draft")
    page.keyboard.press("e")
    expect(page.locator("#id_text")).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Mine.")
    take_over_and_approve(other, galley, draft)

    page.clock.run_for(21_000)

    expect(page.locator("#draft-claim")).to_contain_text("Meanwhile this draft was decided")
    expect(page.locator("#id_text")).to_have_value(re.compile(r" Mine\.$"))
    expect(page.locator(f"#row-{draft}")).to_have_count(0)


HELD = """
import json
from review.models import Claim
held = Claim.objects.filter(editor__username="editor").order_by("draft")
print(json.dumps(list(held.values_list("draft", flat=True))))
"""
FORGET = """
from review.models import Claim
print(Claim.objects.filter(editor__username="editor").delete()[0])
"""


def test_who_closes_a_page_lets_its_drafts_go(
    page: Page,
    other: Page,  # noqa: F811
    galley: Galley,
):
    open_queue(page, galley, "editor")
    draft = page.locator(".draft-card").get_attribute("data-draft")
    held = galley.tell(HELD)
    assert (len(held), int(draft) in held) == (2, True)
    with page.expect_response("**/ahead/?campaign=live*"):
        page.reload()
    assert galley.tell(HELD) == held
    assert galley.tell(FORGET) == 2
    with page.expect_response("**/ahead/?campaign=live*"):
        page.evaluate(
            "dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"
        )  # as it comes back from where a browser keeps pages
    assert galley.tell(HELD) == held
    open_queue(other, galley, "publisher")
    expect(other.locator("[data-live][data-state=on]")).to_be_visible()
    other.locator(f"#row-{draft} a").click()
    expect(other.locator("#draft-claim")).to_contain_text("editor has had this draft open")

    page.close()

    expect(other.locator("#draft-claim")).to_contain_text("Nobody has this draft open any more")
    expect(other.locator(f"#row-{draft} .tag--blue")).to_have_count(0)
    other.get_by_role("link", name="Open it").click()
    expect(other.locator("[data-key=a]")).to_be_visible()
    assert galley.tell(HELD) == []


def test_of_a_page_that_died_others_hear_all_the_same(
    page: Page,
    other: Page,  # noqa: F811
    galley: Galley,
):
    other.clock.install()
    open_queue(page, galley, "editor")
    draft = page.locator(".draft-card").get_attribute("data-draft")
    open_queue(other, galley, "publisher")
    expect(other.locator("[data-live][data-state=on]")).to_be_visible()
    other.locator(f"#row-{draft} a").click()
    expect(other.locator("#draft-claim")).to_contain_text("editor has had this draft open")
    other.locator(".take-over__note").fill("She is on holiday")

    assert galley.tell(FORGET) == 2  # as it comes to an end by itself: nobody is told
    other.clock.run_for(21_000)

    expect(other.locator("#draft-claim")).to_contain_text("editor has had this draft open")
    expect(other.locator(".take-over__note")).to_have_value("She is on holiday")

    other.locator(".draft-card").focus()
    other.clock.run_for(21_000)

    expect(other.locator("#draft-claim")).to_contain_text("Nobody has this draft open any more")


def test_news_of_a_draft_that_is_asked_for_is_not_lost(page: Page, galley: Galley):
    page.route_web_socket("**/ws/**", lambda socket: socket.close())  # no news but those from here
    open_queue(page, galley, "editor")
    asked: list[str] = []
    page.on("request", lambda request: asked.extend(re.findall(r"/(\d+)/claim/", request.url)))
    tell = """detail => document.dispatchEvent(new CustomEvent("galley:drafts-held", { detail }))"""
    shown = page.locator(".draft-card").get_attribute("data-draft")

    # The second comes before the answer to the first.
    page.evaluate(f"[1, 2].map(() => ({tell})({{ drafts: [{shown}], editor: 0 }}))")
    page.wait_for_timeout(1_500)
    assert asked == [shown, shown]

    row = page.locator("[id^=row-]").nth(5)
    wanted = row.get_attribute("id").removeprefix("row-")
    asked.clear()
    page.evaluate(f"""
        document.querySelector("#row-{wanted} a").click();
        ({tell})({{ drafts: [{wanted}], editor: 0 }});
    """)
    expect(page.locator(f"#draft-{wanted}")).to_be_visible()
    page.wait_for_timeout(1_500)
    assert asked == [wanted]


def test_a_row_that_is_gone_by_then_is_not_asked_for(page: Page, galley: Galley):
    open_queue(page, galley, "editor")
    page.wait_for_timeout(1_500)  # until what is news of the opening has been asked for
    asked: list[str] = []
    page.on("request", lambda request: asked.extend(re.findall(r"only=([\d,]+)", request.url)))

    kept = page.evaluate("""() => {
        const [gone, kept] = [...document.querySelectorAll("[id^=row-]")].slice(-2);
        const drafts = [gone, kept].map((row) => Number(row.id.replace("row-", "")));
        document.dispatchEvent(new CustomEvent("galley:drafts-held", { detail: { drafts } }));
        gone.remove();
        return String(drafts[1]);
    }""")

    page.wait_for_timeout(1_500)
    assert asked == [kept]
