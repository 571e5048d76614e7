"""What the desk does when something is slow, gone, cut off, or larger than anybody thought of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, Gallery, until
from tests.browser.sights import DESK, NARROW, WIDE, Sight, edit, reject

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.usefixtures("oddities"),
]

MOVES = """
() => document.getAnimations().filter((move) => move.effect.getComputedTiming().endTime > 1)
  .map((move) => move.animationName ?? move.transitionProperty)
"""
STYLED = """
() => [...document.querySelectorAll("*")].filter((part) => {
  const style = getComputedStyle(part);
  return [style.transitionDuration, style.animationDuration].join().split(",")
    .some((time) => parseFloat(time) > 0.001);
}).map((part) => part.className)
"""


@pytest.fixture
def desk(gallery: Gallery):
    with gallery.show(Sight("desk", DESK)) as page:
        expect(page.locator("[data-live][data-state=on]")).to_be_visible()
        page.wait_for_load_state("networkidle")
        yield page


def other_row(page: Page):
    return page.locator("[id^=row-]:not([data-current]) a").first


def test_what_takes_long_is_on_its_way_and_what_does_not_never_flickers(desk: Page):
    held = []
    desk.route("**/review/drafts/**", lambda route: held.append(route))  # noqa: PLW0108 - marks it
    desk.clock.install()
    desk.clock.pause_at(datetime.now(UTC) + timedelta(hours=1))
    other_row(desk).click()
    until(lambda: desk.wait_for_timeout(50) or held, seconds=10)
    desk.clock.run_for(190)
    assert desk.locator("[aria-busy]").count() == 0

    desk.clock.run_for(20)
    expect(desk.locator("#work[aria-busy=true]")).to_be_visible()
    expect(desk.locator(".draft-card__text")).to_be_hidden()
    held[0].continue_()
    desk.clock.resume()

    expect(desk.locator(".draft-card__text")).to_be_visible()
    assert desk.locator("[aria-busy]").count() == 0


def test_a_draft_that_went_with_its_product_is_told_and_the_next_one_is_there(gallery: Gallery):
    with gallery.show(Sight("gone", "/review/drafts/{gone}/")) as desk:
        desk.wait_for_load_state("networkidle")
        gallery.galley.manage(
            "shell",
            "-v0",
            "-c",
            f"from generation.models import Draft; "
            f"Draft.objects.get(pk={gallery.scene['gone']}).product.delete()",
        )
        desk.keyboard.press("e")
        expect(desk.locator(".toast[data-level=error]")).to_contain_text(
            "It is not there any more."
        )
        desk.locator("[data-close]").click()

        desk.keyboard.press("a")

        expect(desk.locator(".toast[data-level=error]")).to_contain_text("is not there any more")
        card = desk.locator(".draft-card")
        expect(card).not_to_have_attribute("data-draft", str(gallery.scene["gone"]))
        expect(card).to_be_focused()


def test_a_form_that_cannot_be_fetched_is_told(desk: Page):
    desk.context.set_offline(True)

    desk.keyboard.press("e")

    complaint = desk.locator(".toast[data-level=error]")
    expect(complaint).to_contain_text("The server cannot be reached.")
    desk.context.set_offline(False)
    complaint.locator("[data-close]").click()
    desk.keyboard.press("e")
    expect(desk.locator("#id_text")).to_be_visible()


def test_who_was_signed_out_signs_in_and_is_back_at_the_draft(desk: Page):
    draft = desk.locator(".draft-card").get_attribute("data-draft")
    desk.context.clear_cookies(name="sessionid")

    desk.keyboard.press("e")

    expect(desk.locator("#id_username")).to_be_focused()
    expect(desk.locator(".desk")).to_have_count(0)
    desk.locator("#id_username").fill("publisher")
    desk.locator("#id_password").fill(PASSWORD)
    desk.locator("#id_password").press("Enter")
    expect(desk.locator(".draft-card")).to_have_attribute("data-draft", draft)


def test_the_live_mark_tells_when_the_socket_is_lost_and_when_it_is_back(gallery: Gallery):
    sockets = []

    def relay(socket) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    with gallery.show(Sight("desk", DESK)) as desk:
        desk.route_web_socket("**/ws/review/", relay)
        desk.reload()
        expect(desk.locator("[data-live]")).to_have_text("Live")

        sockets[0].close(code=1012)

        expect(desk.locator("[data-live][data-state=off]")).to_contain_text("Not live")
        expect(desk.locator("[data-live][data-state=on]")).to_have_text("Live", timeout=20_000)
        assert len(sockets) == 2


@pytest.mark.parametrize("name", ["long", "word", "bare"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_draft_of_any_length_leaves_its_decisions_in_sight(
    gallery: Gallery, name: str, width: int
):
    with gallery.show(Sight(name, f"/review/drafts/{{{name}}}/", widths=(width,))) as desk:
        for key in "aer":
            expect(desk.locator(f"[data-key={key}]")).to_be_in_viewport(ratio=1)
        desk.locator(".candidate-list, .draft-card__foot").last.scroll_into_view_if_needed()
        expect(desk.locator("[data-key=a]")).to_be_in_viewport(ratio=1)
        assert desk.locator("h1").inner_text()


@pytest.mark.parametrize(
    ("language", "clause"),
    [("en", "oak lid, felt foot, "), ("zh-hans", "橡木盖子毛毡脚垫，可叠放。")],
)
def test_queue_300_characters_and_their_facts_are_on_one_screen(
    gallery: Gallery, language: str, clause: str
):
    text = (clause * 30)[:300]
    with gallery.show(Sight("desk", DESK), language) as desk:
        desk.locator("#draft-text").evaluate("(place, text) => place.textContent = text", text)

        facts = desk.locator(".fact-list > div")
        shown = [desk.locator("[id^=row-]").first, desk.locator("#draft-text"), facts.last]
        for part in (*shown, desk.locator(".decision-bar")):
            expect(part).to_be_in_viewport(ratio=1)
        assert facts.count() >= 5
        assert desk.evaluate("scrollY") == 0


@pytest.mark.parametrize("act", [None, reject, edit])
def test_at_200_per_cent_the_decisions_are_at_hand_and_the_text_in_sight(gallery: Gallery, act):
    sight = Sight("desk", DESK, act=act)
    with gallery.show(sight, viewport={"width": WIDE // 2, "height": 450}) as desk:
        bar = desk.locator(".edit-form__row" if act is edit else ".decision-bar").bounding_box()
        assert bar["height"] <= 450 / 3
        assert bar["y"] + bar["height"] <= 450
        deciding = "[data-edit] button" if act is edit else ".decision-bar [data-decide] .button"
        for button in desk.locator(deciding).all():
            expect(button).to_be_in_viewport(ratio=1)
        if act is reject:
            for reason in desk.locator(".reject-form ol label").all():
                reason.scroll_into_view_if_needed()
                expect(reason).to_be_in_viewport()


def test_a_thumb_can_leave_the_reasons(gallery: Gallery):
    with gallery.show(Sight("reject", DESK, act=reject, widths=(NARROW,))) as desk:
        desk.locator("[data-ask-cancel]").click()

        expect(desk.locator(".reject-form")).to_have_count(0)
        expect(desk.locator("[data-key=r]")).to_be_focused()


def test_nothing_moves_for_who_asked_for_that(gallery: Gallery):
    still, moving = "reduce", "no-preference"
    for wish, is_still in ((still, True), (moving, False)):
        with gallery.show(Sight("desk", DESK), reduced_motion=wish) as desk:
            assert (desk.evaluate(STYLED) == []) is is_still
            desk.route("**/review/drafts/**", lambda route: None)
            other_row(desk).click()
            expect(desk.locator("#work[aria-busy=true]")).to_be_visible()
            assert (desk.evaluate(MOVES) == []) is is_still


def test_in_forced_colours_the_place_the_marks_and_the_focus_stay_visible(gallery: Gallery):
    with gallery.show(Sight("desk", DESK), forced_colors="active") as desk:
        edge = "part => getComputedStyle(part).borderLeftColor"
        rows = desk.locator("[id^=row-]")
        assert rows.nth(0).evaluate(edge) != rows.nth(1).evaluate(edge)
        under = "part => parseFloat(getComputedStyle(part).borderBottomWidth)"
        for mark in desk.locator(".heat-key [data-heat^='-']").all():
            assert mark.evaluate(under) >= 1
        desk.locator("[data-key=a]").focus()
        outline = "part => getComputedStyle(part).outlineStyle"
        desk.keyboard.press("Tab")
        assert desk.locator("[data-key=e]").evaluate(outline) == "solid"
