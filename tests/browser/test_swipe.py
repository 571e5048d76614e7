"""A phone: what a swipe does, what it leaves alone, and that nothing needs one."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Galley
from tests.browser.test_day import WORDS, sign_in
from tests.browser.test_outbox import decisions, last  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def phone(chromium, galley: Galley):
    """A page on a touch screen of 390 x 844 px."""
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(f"{galley.address}/accounts/login/")
    yield page
    context.close()


class Finger:
    """One finger on the screen, whose hours are its own: a busy machine makes no swipe slower."""

    def __init__(self, page: Page):
        self.page = page
        self.screen = page.context.new_cdp_session(page)
        self.at = time.time()

    def touch(self, kind: str, *points: dict, ms: int = 30) -> None:
        """Begin, move or end, so long after what it did before."""
        self.at += ms / 1000
        event = {"type": kind, "touchPoints": list(points), "timestamp": self.at}
        self.screen.send("Input.dispatchTouchEvent", event)

    def pull(self, dx: int, dy: int = 0, *, x: int = 195, y: int = 340, ms: int = 30) -> None:
        """Touch the sheet, and move in twelve steps."""
        self.touch("touchStart", {"x": x, "y": y})
        for step in range(1, 13):
            self.touch("touchMove", {"x": x + dx * step / 12, "y": y + dy * step / 12}, ms=ms)
            self.page.wait_for_timeout(20)  # a frame, so that none is joined to another

    def swipe(self, dx: int, dy: int = 0, **how: int) -> None:
        """Touch the sheet, move, and let go."""
        self.pull(dx, dy, **how)
        self.touch("touchEnd")
        self.page.wait_for_timeout(300)


def open_desk(page: Page, galley: Galley) -> None:
    sign_in(page, WORDS["en"])
    page.goto(f"{galley.address}/review/?campaign=outbox")
    expect(page.locator("[data-live][data-state=on]")).to_have_count(1)
    expect(page.locator("#swipe")).to_have_count(1)  # it comes a moment after the desk


def shown(page: Page) -> str:
    return page.locator(".draft-card").get_attribute("data-draft")


def test_to_the_right_approves_once_and_undo_brings_it_back(
    phone: Page,
    galley: Galley,
    last: int,  # noqa: F811
):
    open_desk(phone, galley)
    draft, finger = shown(phone), Finger(phone)

    finger.pull(100)
    expect(phone.locator("#swipe:not([data-armed])")).to_contain_text("Further: approve")
    finger.touch("touchMove", {"x": 355, "y": 340})
    expect(phone.locator("#swipe[data-armed]")).to_contain_text("Let go: approve")
    moved = phone.locator(".draft-card__sheet").evaluate("sheet => sheet.style.translate")
    assert moved == "160px"
    finger.touch("touchMove", {"x": 356, "y": 340}, ms=400)  # at rest: a fling would eat the tap
    finger.touch("touchEnd", ms=400)

    expect(phone.locator(".draft-card")).not_to_have_attribute("data-draft", draft)
    expect(phone.locator("#swipe")).to_be_hidden()
    toast = phone.locator(".toast").first
    expect(toast).to_contain_text("Approved")
    undo = toast.get_by_role("button", name="Undo")
    box = undo.bounding_box()
    assert min(box["width"], box["height"]) >= 44
    undo.tap()  # before anything else: the toast leaves after six seconds
    expect(phone.locator(".draft-card")).to_have_attribute("data-draft", draft)
    expect(phone.locator("[data-key=a]")).to_be_visible()
    assert decisions(galley, last) == [[int(draft), "approved"], [int(draft), "undone"]]


def test_to_the_left_asks_why_and_a_reason_rejects(
    phone: Page,
    galley: Galley,
    last: int,  # noqa: F811
):
    open_desk(phone, galley)
    draft = shown(phone)

    Finger(phone).swipe(-180)

    form = phone.locator(".reject-form")
    expect(form).to_be_visible()
    assert decisions(galley, last) == []  # never without a reason
    form.get_by_role("link", name="Back").tap()
    expect(form).to_have_count(0)
    Finger(phone).swipe(-180)
    form.locator("li label").nth(1).tap()
    expect(phone.locator(".draft-card")).not_to_have_attribute("data-draft", draft)
    expect(phone.locator(".toast").first).to_contain_text("Rejected")
    assert decisions(galley, last) == [[int(draft), "rejected"]]


def test_a_flick_is_enough(phone: Page, galley: Galley, last: int):  # noqa: F811
    open_desk(phone, galley)
    draft = shown(phone)

    Finger(phone).swipe(96, ms=8)

    expect(phone.locator(".draft-card")).not_to_have_attribute("data-draft", draft)
    expect(phone.locator(".toast").first).to_contain_text("Approved")
    assert decisions(galley, last) == [[int(draft), "approved"]]


def test_the_next_draft_is_read_from_its_beginning(
    phone: Page,
    galley: Galley,
    last: int,  # noqa: F811
):
    open_desk(phone, galley)
    draft = shown(phone)
    phone.evaluate("scrollTo(0, 400)")

    Finger(phone).swipe(180, y=200)

    card = phone.locator(".draft-card")
    expect(card).not_to_have_attribute("data-draft", draft)
    assert card.evaluate("card => card.getBoundingClientRect().top") >= 0


def test_what_is_no_swipe_does_nothing(phone: Page, galley: Galley, last: int):  # noqa: F811
    open_desk(phone, galley)
    draft, finger = shown(phone), Finger(phone)

    finger.swipe(90)  # let go early
    assert phone.locator(".draft-card__sheet").evaluate("sheet => sheet.style.translate") == ""
    finger.swipe(180, x=10)  # the browser's own gesture
    finger.swipe(60, -300, y=600)
    assert phone.evaluate("scrollY") > 100  # it is scrolled, as without us
    phone.evaluate("scrollTo(0, 0)")
    phone.locator(".draft-card__text").evaluate("copy => getSelection().selectAllChildren(copy)")
    finger.swipe(180)
    phone.evaluate("getSelection().empty()")
    phone.locator("[data-key=e]").tap()
    expect(phone.locator("#id_text")).to_be_focused()
    phone.evaluate("scrollTo(0, 0)")
    finger.swipe(180)

    expect(phone.locator(".draft-card")).to_have_attribute("data-draft", draft)
    expect(phone.locator("#swipe")).to_be_hidden()
    expect(phone.locator(".reject-form")).to_have_count(0)
    assert decisions(galley, last) == []


def test_swipes_can_be_switched_off(phone: Page, galley: Galley, last: int):  # noqa: F811
    open_desk(phone, galley)
    draft = shown(phone)
    phone.locator("[data-open-keys]").tap()
    phone.locator("#keys-form [name=swipe]").uncheck()
    phone.get_by_role("button", name="Keep").tap()
    expect(phone.locator("#keys [data-problem]")).to_be_hidden()

    Finger(phone).swipe(200)

    assert shown(phone) == draft
    assert decisions(galley, last) == []
    phone.locator("[data-key=a]").tap()  # what a swipe does, a button does
    expect(phone.locator(".draft-card")).not_to_have_attribute("data-draft", draft)


def test_a_sheet_stands_still_for_whom_motion_disturbs(
    phone: Page,
    galley: Galley,
    last: int,  # noqa: F811
):
    phone.emulate_media(reduced_motion="reduce")
    open_desk(phone, galley)
    draft, finger = shown(phone), Finger(phone)

    finger.pull(180)
    expect(phone.locator("#swipe[data-armed]")).to_contain_text("Let go: approve")
    assert phone.locator(".draft-card__sheet").evaluate("sheet => sheet.style.translate") == ""
    finger.touch("touchEnd")

    expect(phone.locator(".draft-card")).not_to_have_attribute("data-draft", draft)
    expect(phone.locator(".toast").first).to_contain_text("Approved")
    assert decisions(galley, last) == [[int(draft), "approved"]]
