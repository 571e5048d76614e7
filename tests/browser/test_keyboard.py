"""The desk without a mouse: every stop can be seen and left, and who closes something is back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Gallery
from tests.browser.sights import DESK, WIDE, Sight

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]

# What is there only while something else has the focus, or once drafts have come meanwhile.
PASSING = {"comment-send", "queue-news"}
AT = """
() => {
  const at = document.activeElement;
  if (at === document.body) return null;
  // A row of the queue draws the focus of its link round itself.
  const drawn = at.matches("[id^=row-] > a") ? at.closest("[id^=row-]") : at;
  const style = getComputedStyle(drawn);
  const [{ left, right, top, bottom }] = at.getClientRects(); // its first line
  const middle = [(left + right) / 2, (top + bottom) / 2];
  const sides = [middle, [middle[0], top + 3], [middle[0], bottom - 3]];
  return {
    place: [...document.querySelectorAll("*")].indexOf(at),
    name: at.id || at.dataset.key || at.getAttribute("href") || at.name || at.className,
    is_drawn: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    is_covered: !sides.some(([x, y]) => at.contains(document.elementFromPoint(x, y))),
  };
}
"""


@pytest.fixture(params=[WIDE])
def desk(gallery: Gallery, request):
    with gallery.show(Sight("desk", DESK, widths=(request.param,))) as page:
        expect(page.locator("[data-live][data-state=on]")).to_be_visible()
        yield page


def walk(page: Page, key: str, most: int = 200) -> list[dict]:
    """Press a key until the page is left, or from its end entered again, and tell each stop."""
    stops = []
    for _ in range(most):
        page.keyboard.press(key)
        stop = page.evaluate(AT)
        if stop is None or (stops and stop["place"] == stops[0]["place"]):
            return stops
        stops.append(stop)
    raise AssertionError(f"{key} never leaves the page: {stops[-3:]}")


@pytest.mark.parametrize("desk", [WIDE, 1024], indirect=True)
def test_tab_reaches_everything_in_order_and_leaves_again(desk: Page):
    there = walk(desk, "Tab")
    back = walk(desk, "Shift+Tab")

    names = [stop["name"] for stop in there if stop["name"] not in PASSING]
    assert names == [stop["name"] for stop in reversed(back) if stop["name"] not in PASSING]
    assert [stop for stop in there + back if stop["is_covered"] or not stop["is_drawn"]] == []
    places = [names.index(name) for name in ("#main", "q", "of-kind", "queue-rows", "a", "e", "r")]
    assert places == sorted(places)


def test_the_skip_link_goes_to_the_draft(desk: Page):
    desk.keyboard.press("Tab")
    expect(desk.locator(".skip")).to_be_focused()
    expect(desk.locator(".skip")).to_be_in_viewport()

    desk.keyboard.press("Enter")

    expect(desk.locator(".draft-card")).to_be_focused()


@pytest.mark.parametrize("opener", [".draft-card", "[data-key=r]"])
def test_who_rejects_nothing_after_all_is_back(desk: Page, opener: str):
    desk.locator(opener).focus()
    desk.keyboard.press("Enter" if "key" in opener else "r")
    expect(desk.locator(".reject-form input[name=reason]").first).to_be_focused()

    desk.keyboard.press("Escape")

    expect(desk.locator(".reject-form")).to_have_count(0)
    expect(desk.locator(opener)).to_be_focused()


@pytest.mark.parametrize("opener", [".draft-card", "[data-key=e]"])
def test_who_edits_nothing_after_all_is_back(desk: Page, opener: str):
    desk.locator(opener).focus()
    desk.keyboard.press("Enter" if "key" in opener else "e")
    expect(desk.locator("#id_text")).to_be_focused()

    desk.keyboard.press("Escape")

    expect(desk.locator("#id_text")).to_have_count(0)
    expect(desk.locator(opener)).to_be_focused()


def test_the_list_of_keys_keeps_the_focus_and_gives_it_back(desk: Page):
    opener = desk.locator("[data-open-keys]")
    opener.focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("#keys [name=a]")).to_be_focused()
    for _ in range(30):
        desk.keyboard.press("Tab")
        assert desk.evaluate("document.activeElement.matches('body, #keys *')")

    desk.keyboard.press("Escape")

    expect(desk.locator("#keys")).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_filter_is_chosen_key_by_key(desk: Page):
    kind = desk.locator("#of-kind")
    kind.focus()
    with desk.expect_response("**/review/?*kind=*"):
        desk.keyboard.press("ArrowDown")

    filters = "kind=description&campaign=kitchen-refresh"
    expect(desk.locator("#desk")).to_have_attribute("data-filters", filters)
    expect(kind).to_be_focused()


def test_the_next_draft_is_announced_and_what_was_done_is_told(desk: Page):
    draft = desk.locator(".draft-card").get_attribute("data-draft")
    toasts = desk.locator("#messages").element_handle()
    desk.keyboard.press("a")
    expect(desk.locator(".draft-card")).not_to_have_attribute("data-draft", draft)

    card = desk.locator(".draft-card")
    expect(card).to_be_focused()
    title = card.locator("h1").inner_text()
    number = card.get_attribute("data-draft")
    expect(card).to_have_accessible_name(
        f"Draft {number}: {title}, {kind_of(desk, number)}, score {score_of(desk)}, 0 queries"
    )
    # A live region is heard only where it was before its words came.
    expect(desk.locator("#messages[role=status] .toast")).to_contain_text("Approved")
    assert toasts.evaluate("part => part.isConnected")
    desk.keyboard.press("u")
    expect(desk.locator(".toast")).to_contain_text("Taken back")


def test_what_is_marked_is_approved_together_and_shift_is_not_one_approval(desk: Page):
    desk.keyboard.press("x")
    draft = desk.locator(".draft-card").get_attribute("data-draft")
    desk.keyboard.press("j")
    expect(desk.locator(".draft-card")).not_to_have_attribute("data-draft", draft)
    desk.keyboard.press("x")
    expect(desk.locator("#bulk [data-count]")).to_have_text("2 marked")

    desk.keyboard.press("Shift+A")

    desk.wait_for_url("**/review/bulk/**")
    expect(desk.locator("main form [name=drafts]").first).to_have_value(re.compile(rf"\b{draft}\b"))


def test_a_claim_with_focus_says_which_fact_it_tells(desk: Page):
    claim = desk.locator("#phrase-a")
    fact = desk.locator("#fact-a")

    claim.focus()

    expect(fact).to_have_attribute("data-lit", "")
    label, value = (fact.locator(part).last.inner_text() for part in ("dt", "dd"))
    said = claim.evaluate("part => getComputedStyle(part, '::after').content")
    assert said == f'"{label}: {value}"'


def test_what_is_marked_by_mouse_leaves_the_keys_as_they_were(desk: Page):
    marks = desk.locator("[id^=row-] > input")
    for number in range(3):
        marks.nth(number).click()
    marks.nth(2).press("Space")
    expect(desk.locator("#bulk [data-count]")).to_have_text("2 marked")
    expect(marks.nth(2)).to_be_focused()
    draft = desk.locator(".draft-card").get_attribute("data-draft")
    desk.keyboard.press("j")
    expect(desk.locator(".draft-card")).not_to_have_attribute("data-draft", draft)
    marks.nth(2).press("Space")

    desk.keyboard.press("Shift+A")

    desk.wait_for_url("**/review/bulk/**")
    expect(desk.locator("main form [name=drafts]").first).to_have_value(
        re.compile(r"^\d+,\d+,\d+$")
    )


def test_who_leaves_a_filter_is_back_at_the_draft(desk: Page):
    desk.locator("#of-kind").focus()

    desk.keyboard.press("Escape")

    expect(desk.locator(".draft-card")).to_be_focused()


def test_a_letter_in_the_form_that_asks_why_is_a_slip(desk: Page):
    draft = desk.locator(".draft-card").get_attribute("data-draft")
    desk.keyboard.press("r")
    expect(desk.locator(".reject-form input[name=reason]").first).to_be_focused()

    for key in "aeju":
        desk.keyboard.press(key)
    desk.wait_for_timeout(300)

    expect(desk.locator(".draft-card")).to_have_attribute("data-draft", draft)
    expect(desk.locator(".reject-form")).to_be_visible()
    expect(desk.locator("#id_text")).to_have_count(0)


def test_a_digit_rejects_nothing_where_keys_are_switched_off(desk: Page):
    desk.evaluate("localStorage.setItem('galley-keys', '{\"on\": false, \"of\": {}}')")
    draft = desk.locator(".draft-card").get_attribute("data-draft")
    desk.locator("[data-key=r]").click()
    form = desk.locator(".reject-form")
    expect(form.locator("[data-choice]").first).to_be_focused()
    expect(form.get_by_text("A digit chooses.")).to_be_visible()
    expect(form.get_by_text("One digit rejects.")).to_be_hidden()

    desk.keyboard.press("2")
    desk.keyboard.press("+")
    desk.locator(".draft-card").focus()
    desk.keyboard.press("3")
    desk.keyboard.press("-")
    desk.wait_for_timeout(300)

    expect(form.locator("[data-choice]").nth(1)).to_be_checked()
    expect(form.locator("[name=severity][value='3']")).to_be_checked()
    expect(desk.locator(".draft-card")).to_have_attribute("data-draft", draft)


COMPOSE = """
(field, isComposing) => {
  const keys = { key: "Enter", ctrlKey: true, isComposing };
  const event = new KeyboardEvent("keydown", { ...keys, bubbles: true, cancelable: true });
  return field.dispatchEvent(event);
}
"""


def test_who_chooses_a_character_sends_no_text_by_it(desk: Page):
    desk.keyboard.press("e")
    field = desk.locator("#id_text")
    expect(field).to_be_focused()
    sent: list[str] = []
    desk.route("**/edit/**", lambda route: sent.append(route.request.method) or route.abort())

    assert field.evaluate(COMPOSE, True)  # nobody took it
    desk.wait_for_timeout(300)

    assert sent == []
    assert not field.evaluate(COMPOSE, False)


def test_control_and_z_take_back_a_decision_and_in_a_field_what_was_typed(desk: Page):
    desk.keyboard.press("/")
    desk.keyboard.type("ab")
    desk.keyboard.press("Control+z")
    expect(desk.locator("#q")).not_to_have_value("ab")
    desk.keyboard.press("Escape")
    draft = desk.locator(".draft-card").get_attribute("data-draft")
    desk.keyboard.press("a")
    expect(desk.locator(".draft-card")).not_to_have_attribute("data-draft", draft)
    expect(desk.locator(".toast")).to_contain_text("Approved")

    desk.keyboard.press("Control+z")

    expect(desk.locator(".toast")).to_contain_text("Taken back")
    expect(desk.locator(".draft-card")).to_have_attribute("data-draft", draft)


def kind_of(page: Page, draft: str) -> str:
    line = page.locator(f"#row-{draft} p + p")
    return line.evaluate("line => line.firstChild.textContent.split(' · ')[0]")


def score_of(page: Page) -> str:
    return page.locator(".score-card__value").inner_text()
