"""An editor who never saw Galley: the tour, ten drafts, and how a draft looks where it goes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import PASSWORD, Galley
from tests.browser.test_day import WORDS, sign_in
from tests.browser.test_outbox import last  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

NEWCOMER = f"""
from django.contrib.auth.models import Group, User
user = User.objects.create_user(name, password="{PASSWORD}")
user.groups.add(Group.objects.get(name="Editors"))
"""
MADE = """
from review.models import Decision
print(Decision.objects.filter(editor__username=name).count())
"""


def make_newcomer(galley: Galley, name: str) -> None:
    galley.manage("shell", "-v0", "-c", f"name = {name!r}\n{NEWCOMER}")


def made(galley: Galley, name: str) -> int:
    """How many decisions somebody has made."""
    return int(galley.manage("shell", "-v0", "-c", f"name = {name!r}\n{MADE}").split()[-1])


def decide_ten(page: Page, keys: list[str], save: str) -> str:
    """Approve, reject and edit by what the screen says; give the draft that was decided last."""
    approve, edit, reject = keys
    for number in range(10):
        draft = page.locator(".draft-card").get_attribute("data-draft")
        if number % 3 == 1:
            page.keyboard.press(reject)
            page.keyboard.press(page.locator(".reject-form li kbd").nth(number % 2).inner_text())
        elif number % 3 == 2:
            page.keyboard.press(edit)
            expect(page.locator("#id_text")).to_be_focused()
            page.get_by_role("button", name=save).click()
        else:
            page.keyboard.press(approve)
        expect(page.locator(".draft-card")).not_to_have_attribute("data-draft", draft)
    return draft


def test_who_is_new_is_shown_round_once_and_decides_ten_drafts(page: Page, galley: Galley):
    make_newcomer(galley, "newcomer")
    page.locator("#id_username").fill("newcomer")
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    tour = page.get_by_role("dialog", name="The desk in three steps")
    expect(tour).to_be_focused()

    # Read: what the screen says is all that is known from here on.
    expect(tour).to_contain_text("In the middle, a draft that the machine wrote.")
    expect(tour).not_to_contain_text("What happens then", use_inner_text=True)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    approve, edit, reject, undo = tour.locator("[data-at='2'] kbd").all_inner_texts()
    page.keyboard.press("Enter")
    expect(tour).to_contain_text("Nothing is published that nobody approved")
    expect(tour.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(tour).to_be_hidden()

    # A new shop has drafts to try, and says that they are.
    page.goto(f"{galley.address}/review/?campaign=kitchen-refresh")
    expect(page.locator("[id^=row-]").nth(11)).to_be_visible(timeout=150_000)
    page.reload()
    expect(page.locator(".draft-card .tag", has_text="Sample")).to_be_visible()
    expect(page.locator("[data-live][data-state=on]")).to_be_visible()
    expect(tour).to_have_count(0)

    draft = decide_ten(page, [approve, edit, reject], "Save and approve")
    expect(page.locator(".toast").first).to_contain_text("Approved")
    assert made(galley, "newcomer") == 10

    # The last one is taken back, and nobody is shown round again, but who asks.
    page.keyboard.press(undo)
    expect(page.locator(".draft-card")).to_have_attribute("data-draft", draft)
    page.reload()
    expect(page.locator("[data-live][data-state=on]")).to_be_visible()
    expect(tour).to_have_count(0)
    page.keyboard.press("?")
    page.get_by_role("link", name="Show me round").click()
    expect(tour).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("[data-open-keys]")).to_be_focused()


def test_who_is_new_decides_ten_drafts_in_chinese(page: Page, galley: Galley, last: int):  # noqa: F811
    make_newcomer(galley, "xinlai")
    page.get_by_role("button", name="中文").click()
    page.locator("#id_username").fill("xinlai")
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    tour = page.get_by_role("dialog", name="三步认识审稿台")
    expect(tour).to_be_focused()
    page.get_by_role("button", name="下一步").click()
    keys = tour.locator("[data-at='2'] kbd").all_inner_texts()[:3]
    page.keyboard.press("Escape")
    page.goto(f"{galley.address}/review/?campaign=outbox&language=zh-hans")
    expect(page.locator("[data-live][data-state=on]")).to_be_visible()

    decide_ten(page, keys, "保存并通过")

    expect(page.locator(".toast").first).to_contain_text("已通过")
    assert made(galley, "xinlai") == 10


def test_a_draft_is_looked_at_where_it_goes_and_follows_what_is_typed(
    page: Page,
    galley: Galley,
    last: int,  # noqa: F811
):
    sign_in(page, WORDS["en"])
    page.goto(f"{galley.address}/review/?campaign=outbox&language=en")
    expect(page.locator("[data-live][data-state=on]")).to_be_visible()
    preview = page.locator(".preview")

    page.keyboard.press("p")
    expect(preview).to_have_attribute("aria-label", "Product page")
    page.keyboard.press("p")
    page.keyboard.press("p")  # faster than the first answer
    expect(preview).to_have_attribute("aria-label", "Phone")
    assert preview.locator(".preview__frame").bounding_box()["width"] == 375
    page.get_by_text("Product page", exact=True).click()
    expect(preview.locator(".limit-list li").first).to_contain_text("This shop")

    # What was chosen holds for the next draft, whose keys are not dead.
    draft = page.locator(".draft-card").get_attribute("data-draft")
    page.keyboard.press("a")
    expect(page.locator(".draft-card")).not_to_have_attribute("data-draft", draft)
    expect(preview).to_have_attribute("aria-label", "Product page")

    # The preview follows what is typed, with the request of the diff and no other.
    page.keyboard.press("e")
    expect(page.locator("#id_text")).to_be_focused()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rsplit("/", 2)[-2]))
    page.keyboard.press("Control+End")
    page.keyboard.type(" More.")
    expect(preview.locator(".product__text")).to_contain_text("More.")
    size = len(page.locator("#id_text").input_value())
    expect(preview.locator(".limit-list li").first).to_contain_text(f"{size} of 600 characters")
    expect(page.locator(".edit-form [data-count]")).to_have_text(str(size))
    assert "diff" in asked
    assert "preview" not in asked
    page.keyboard.press("Escape")
    expect(preview.locator(".product__text")).not_to_contain_text("More.")


def test_what_is_asked_before_it_has_arrived_is_there_when_it_has(
    page: Page,
    galley: Galley,
    last: int,  # noqa: F811
):
    sign_in(page, WORDS["en"])
    expect(page.locator("#hint-score")).to_be_attached()  # this page has asked for its own
    late: list[Route] = []
    page.route("**/review/help/**", lambda route: late.append(route))  # noqa: PLW0108 - it marks it
    page.goto(f"{galley.address}/review/?campaign=outbox")
    expect(page.locator("[data-live][data-state=on]")).to_be_visible()
    page.locator("[popovertarget=hint-score]").click()
    expect(page.locator("#hint-score")).to_have_count(0)

    late[0].continue_()

    expect(page.locator("#hint-score")).to_be_visible()


def test_a_question_mark_explains_what_it_stands_beside(page: Page, galley: Galley, last: int):  # noqa: F811
    sign_in(page, WORDS["en"])
    page.goto(f"{galley.address}/review/?campaign=outbox")
    hint = page.locator("#hint-score")
    expect(hint).to_be_hidden()

    page.locator("[popovertarget=hint-score]").press("Enter")

    expect(hint).to_contain_text("it decides nothing")
    page.keyboard.press("Escape")
    expect(hint).to_be_hidden()
    expect(page.locator("[popovertarget=hint-score]")).to_be_focused()
