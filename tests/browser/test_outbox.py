"""Decisions over a connection that drops: each counts once, and nobody waits for it."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Galley, catch_requests, until
from tests.browser.test_day import WORDS, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]

DECIDED = """
import json
from review.models import Decision
made = Decision.objects.filter(pk__gt=last).order_by("pk")
print(json.dumps(list(made.values_list("draft", "verdict"))))
"""
FILL = """
from catalog.models import Campaign, Channel
from generation.models import Checkpoint
from review.models import Decision
from tests.benchmark.crowd import fill_desk
campaign, _ = Campaign.objects.get_or_create(slug="outbox", defaults={"name": "Outbox"})
campaign.channels.set(Channel.objects.filter(slug="storefront"))
fill_desk(campaign, Checkpoint.objects.active().get(), 140)
print(Decision.objects.order_by("pk").values_list("pk", flat=True).last() or 0)
"""

MORE = """
from catalog.models import Campaign
from generation import live
from generation.models import Checkpoint, Run
from tests.benchmark.crowd import fill_desk
fill_desk(Campaign.objects.get(slug="outbox"), Checkpoint.objects.active().get(), 3, seed=2)
run = Run.objects.latest("pk")
live.announce_drafts_ready(run.pk, list(run.drafts.values_list("pk", flat=True)))
"""


@pytest.fixture
def last(galley: Galley) -> int:
    """The last decision before a desk with 140 new drafts."""
    return int(galley.manage("shell", "-v0", "-c", FILL).split()[-1])


def decisions(galley: Galley, last: int) -> list[list]:
    asked = f"last = {last}\n{DECIDED}"
    return json.loads(galley.manage("shell", "-v0", "-c", asked).strip().split("\n")[-1])


def open_desk(page: Page, galley: Galley) -> None:
    """Open it, and wait until it has the draft that comes next."""
    catch_requests(page)
    sign_in(page, WORDS["en"])
    with page.expect_response("**/ahead/?campaign=outbox*"):
        page.goto(f"{galley.address}/review/?campaign=outbox")
    expect(page.locator("[data-live][data-state=on]")).to_be_visible()


def test_a_hundred_rapid_decisions_over_a_connection_that_drops(
    page: Page, galley: Galley, last: int
):
    open_desk(page, galley)
    sent: list[str] = []

    def pass_on(route: Route) -> None:
        sent.append(route.request.url)
        if len(sent) % 10 == 4:  # never arrives
            route.abort("connectionreset")
        elif len(sent) % 10 == 9:  # its answer does not
            route.fetch(max_retries=3)  # over a connection that the server may just have closed
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/approve/**", pass_on)
    page.route(
        "**/reject/**", lambda r: pass_on(r) if r.request.method == "POST" else r.continue_()
    )
    read = []
    for number in range(100):
        draft = page.locator(".draft-card").get_attribute("data-draft")
        read.append([int(draft), "rejected" if number % 5 == 4 else "approved"])
        if number % 5 == 4:
            page.keyboard.press("r")
            expect(page.locator(".reject-form")).to_be_visible()
            page.keyboard.press("2")
        else:
            page.keyboard.press("a")
        expect(page.locator(".draft-card")).not_to_have_attribute("data-draft", draft)

    until(
        lambda: page.evaluate(
            "Object.keys(localStorage).every(name => !name.startsWith("
            "'galley-outbox') || localStorage[name] === '[]')"
        ),
        seconds=60,
    )
    assert len(sent) > 100
    assert decisions(galley, last) == read


def test_a_decision_that_the_server_cannot_take_holds_up_no_other(
    page: Page, galley: Galley, last: int
):
    tried: list[Route] = []
    broken = ""

    def catch(route: Route) -> None:
        if f"/drafts/{broken}/" in route.request.url:
            tried.append(route)
        else:
            route.continue_()

    page.route("**/approve/**", catch)
    open_desk(page, galley)
    broken = page.locator(".draft-card").get_attribute("data-draft")
    page.keyboard.press("a")
    until(lambda: page.wait_for_timeout(50) or tried, seconds=10)
    tried[0].fulfill(status=500)  # the second attempt is not answered for now
    card = page.locator(".draft-card")
    expect(card).not_to_have_attribute("data-draft", broken, timeout=20_000)
    behind = card.get_attribute("data-draft")
    page.keyboard.press("a")
    expect(card).not_to_have_attribute("data-draft", behind, timeout=20_000)

    for number in range(1, 5):
        until(lambda number=number: page.wait_for_timeout(50) or len(tried) > number, seconds=20)
        tried[number].fulfill(status=500)

    complaint = page.locator(".toast[data-level=error]")
    expect(complaint).to_contain_text("The server failed five times", timeout=20_000)
    expect(page.locator("#outbox")).to_be_hidden()
    assert decisions(galley, last) == [[int(behind), "approved"]]


def test_a_next_draft_that_comes_before_the_answer_takes_no_news_from_it(
    page: Page, galley: Galley, last: int
):
    sign_in(page, WORDS["en"])
    page.goto("about:blank")
    gate: list[Route] = []
    page.route("**/approve/**", lambda route: gate.append(route))  # noqa: PLW0108 - it marks it
    page.route("**/ahead/**", lambda route: route.continue_() if gate else gate.append(route))
    page.goto(f"{galley.address}/review/?campaign=outbox")
    expect(page.locator("[data-live][data-state=on]")).to_be_visible()
    until(lambda: page.wait_for_timeout(50) or gate, seconds=10)
    draft = page.locator(".draft-card").get_attribute("data-draft")
    page.keyboard.press("a")
    until(lambda: page.wait_for_timeout(50) or len(gate) == 2, seconds=10)
    with page.expect_response("**/ahead/**"):
        gate[0].continue_()
    page.wait_for_timeout(200)

    gate[1].continue_()

    expect(page.locator(".toast").first).to_contain_text("Approved")
    expect(page.locator(f"#row-{draft}")).to_have_count(0)
    expect(page.locator(".draft-card")).not_to_have_attribute("data-draft", draft)
    assert decisions(galley, last) == [[int(draft), "approved"]]


@pytest.mark.usefixtures("last")
def test_the_queue_that_goes_on_to_what_arrived_lists_it(page: Page, galley: Galley):
    errors: list[str] = []
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    open_desk(page, galley)
    news = page.locator("#queue-news")

    galley.manage("shell", "-v0", "-c", MORE)
    expect(news).to_have_text("3 drafts arrived: show them")
    first = page.locator("[id^=row-]").first.get_attribute("id")
    for _ in range(2):  # the next draft was there before the others; the one after it is new
        draft = page.locator(".draft-card").get_attribute("data-draft")
        page.keyboard.press("a")
        expect(page.locator(".draft-card")).not_to_have_attribute("data-draft", draft)

    expect(page.locator("[id^=row-]").first).not_to_have_attribute("id", first)
    expect(page.locator("[id^=row-][data-current]")).to_have_count(1)
    expect(news).to_be_empty()
    assert errors == []


def test_a_row_that_was_never_loaded_leaves_nothing_behind(page: Page, galley: Galley, last: int):
    errors: list[str] = []
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    open_desk(page, galley)
    draft = page.locator(".draft-card").get_attribute("data-draft")
    page.locator(f"#row-{draft}").evaluate_all("rows => rows.forEach((row) => row.remove())")

    with page.expect_response("**/approve/**"):
        page.keyboard.press("a")

    expect(page.locator("#queue-count")).to_have_attribute("data-gone", draft)
    assert decisions(galley, last) == [[int(draft), "approved"]]
    assert errors == []


def test_what_is_decided_without_a_connection_leaves_when_it_is_back(
    page: Page, galley: Galley, last: int
):
    open_desk(page, galley)
    page.wait_for_load_state("networkidle")
    approved = int(page.locator(".draft-card").get_attribute("data-draft"))
    page.context.set_offline(True)
    page.keyboard.press("a")
    expect(page.locator(".draft-card")).not_to_have_attribute("data-draft", str(approved))
    expect(page.locator("#outbox")).to_contain_text("1 decision is kept here")
    edited = int(page.locator(".draft-card").get_attribute("data-draft"))
    page.route("**/approve/**", lambda route: route.abort())
    page.route("**/edit/**", lambda r: r.abort() if r.request.method == "POST" else r.continue_())
    page.context.set_offline(False)
    page.keyboard.press("e")
    expect(page.locator("#id_text")).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Kept.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#outbox")).to_contain_text("2 decisions are kept here")
    assert decisions(galley, last) == []

    page.close()
    page.context.clear_cookies()
    again = page.context.new_page()
    again.goto(f"{galley.address}/accounts/login/")
    sign_in(again, WORDS["en"])
    again.goto(f"{galley.address}/review/?campaign=outbox")

    expect(again.locator(".draft-card")).not_to_have_attribute("data-draft", str(edited))
    until(lambda: len(decisions(galley, last)) == 2, seconds=30)
    assert decisions(galley, last) == [[approved, "approved"], [edited, "edited"]]
    expect(again.locator("#outbox")).to_be_hidden()


def test_drafts_are_rejected_and_put_off_without_a_connection(
    page: Page, galley: Galley, last: int
):
    open_desk(page, galley)
    expect(page.locator("#ask-r")).to_be_attached()
    page.wait_for_load_state("networkidle")
    card, form = page.locator(".draft-card"), page.locator(".reject-form")
    rejected = int(card.get_attribute("data-draft"))
    page.context.set_offline(True)

    page.keyboard.press("r")
    expect(form.locator("[data-choice]").first).to_be_focused()
    page.keyboard.press("+")
    page.keyboard.press("2")
    expect(card).not_to_have_attribute("data-draft", str(rejected))
    put_off = int(card.get_attribute("data-draft"))
    page.keyboard.press("s")
    page.locator("#id_note").fill("Ask Mei.")
    page.locator("[data-choice]").first.focus()
    page.keyboard.press("3")

    expect(page.locator("#outbox")).to_contain_text("2 decisions are kept here")
    assert decisions(galley, last) == []
    page.context.set_offline(False)
    expect(page.locator("#outbox")).to_be_hidden(timeout=40_000)
    assert decisions(galley, last) == [[rejected, "rejected"], [put_off, "deferred"]]
    asked = f"""
from review.models import Decision
first, second = Decision.objects.filter(pk__gt={last}).order_by("pk")
print(first.reason == Decision.Reason.values[1], first.severity, second.note)
"""
    assert galley.manage("shell", "-v0", "-c", asked).split()[-4:] == ["True", "3", "Ask", "Mei."]


def test_what_could_not_be_decided_is_said_and_can_be_opened(page: Page, galley: Galley, last: int):
    open_desk(page, galley)
    page.wait_for_load_state("networkidle")
    draft = page.locator(".draft-card").get_attribute("data-draft")
    galley.manage(
        "shell",
        "-v0",
        "-c",
        f"""
from django.contrib.auth.models import User
from generation.models import Draft
from review import services
services.take_over_draft(Draft.objects.get(pk={draft}), editor=User.objects.get(username="editor"))
""",
    )

    page.keyboard.press("a")

    complaint = page.locator(".toast[data-level=error]")
    expect(complaint).to_contain_text("Not decided")
    expect(complaint).to_contain_text("editor has this draft open")
    assert page.locator(".draft-card").get_attribute("data-draft") != draft
    complaint.get_by_role("link", name="Open").click()
    expect(page.locator(f"#draft-{draft}")).to_be_visible()
    expect(page.locator("#draft-claim")).to_contain_text("editor has had this draft open")
    assert decisions(galley, last) == []


def test_a_key_can_be_another_one_or_none(page: Page, galley: Galley, last: int):
    open_desk(page, galley)
    draft = page.locator(".draft-card").get_attribute("data-draft")
    page.keyboard.press("?")
    page.locator("#keys-form [name=a]").fill("e")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("#keys [data-problem]")).to_be_visible()  # two actions, one key
    page.locator("#keys-form [name=a]").fill("w")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("#keys")).to_be_hidden()
    expect(page.locator("[data-key=a] kbd")).to_have_text("W")

    page.keyboard.press("a")
    page.wait_for_timeout(300)
    expect(page.locator(".draft-card")).to_have_attribute("data-draft", draft)
    page.keyboard.press("w")
    expect(page.locator(".toast").first).to_contain_text("Approved")
    expect(page.locator("[data-key=a] kbd")).to_have_text("W")
    second = page.locator(".draft-card").get_attribute("data-draft")
    page.locator("[data-open-keys]").click()
    page.locator("#keys-form [name=on]").uncheck()
    page.get_by_role("button", name="Keep").click()
    page.reload()
    expect(page.locator("[data-live][data-state=on]")).to_be_visible()
    for key in ("w", "a", "?"):
        page.keyboard.press(key)
    page.wait_for_timeout(300)

    expect(page.locator("#keys")).to_be_hidden()
    expect(page.locator("[data-key=a] kbd")).to_be_hidden()
    expect(page.locator(".draft-card")).to_have_attribute("data-draft", second)
    assert decisions(galley, last) == [[int(draft), "approved"]]


def test_words_that_were_marked_are_where_the_fault_is(page: Page, galley: Galley, last: int):
    open_desk(page, galley)
    page.evaluate(
        """() => {
          const copy = document.querySelector(".draft-card__text");
          const range = document.createRange();
          range.selectNodeContents(copy);
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }"""
    )
    draft = page.locator(".draft-card").get_attribute("data-draft")
    page.keyboard.press("r")
    expect(page.locator("[data-marked]")).to_be_visible()
    page.keyboard.press("+")
    page.keyboard.press("2")
    expect(page.locator(".toast").first).to_contain_text("Rejected")

    asked = f"""
from review.models import Decision
made = Decision.objects.get(draft={draft})
print(made.severity, made.spans == [[0, len(made.draft.text)]], made.source)
"""
    assert galley.manage("shell", "-v0", "-c", asked).split()[-3:] == ["3", "True", "desk"]


COLLEAGUE = """
from django.contrib.auth.models import User
from generation.models import Draft
from review import services
draft, editor = Draft.objects.get(pk={draft}), User.objects.get(username="editor")
"""
TAKE_OVER = "services.take_over_draft(draft, editor=editor)\n"
REJECT = 'services.reject_draft(draft, editor=editor, reason="dull")\n'
TAKE = COLLEAGUE + TAKE_OVER + REJECT


def test_a_text_that_came_too_late_stands_beside_what_somebody_else_decided(
    page: Page, galley: Galley, last: int
):
    open_desk(page, galley)
    page.wait_for_load_state("networkidle")
    draft = page.locator(".draft-card").get_attribute("data-draft")
    page.route("**/edit/**", lambda r: r.abort() if r.request.method == "POST" else r.continue_())
    page.keyboard.press("e")
    expect(page.locator("#id_text")).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Mine.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".draft-card")).not_to_have_attribute("data-draft", draft)
    galley.manage("shell", "-v0", "-c", TAKE.format(draft=draft))
    page.unroute("**/edit/**")
    page.locator("[data-send]").dispatch_event("click")  # it may be gone: it is tried by itself too
    complaint = page.locator(".toast[data-level=error]")
    expect(complaint).to_contain_text("Not decided")

    complaint.get_by_role("link", name="Open").click()

    mine = page.locator(".conflict__side--mine")
    expect(mine).to_contain_text("Mine.")
    expect(page.locator(".conflict__side--theirs")).to_contain_text("editor rejected it: Dull")
    page.locator("[data-propose]").click()
    comment = page.locator("#id_comment")
    expect(comment).to_be_focused()
    assert comment.input_value().startswith("@editor ")
    assert comment.input_value().endswith(" Mine.")
    comment.fill("")
    page.locator("[data-forget]").click()
    expect(page.locator(".draft-card[data-status=proposed]")).to_be_visible()
    page.goto(f"{galley.address}/review/drafts/{draft}/")
    expect(page.locator("[data-live][data-state=on]")).to_be_visible()
    expect(page.locator(".conflict")).to_have_count(0)
    assert decisions(galley, last) == [[int(draft), "rejected"]]


NOTES = "Object.keys(localStorage).filter(name => name.startsWith('galley-note'))"


def test_a_note_is_kept_until_the_server_has_the_rejection(page: Page, galley: Galley, last: int):
    open_desk(page, galley)
    page.wait_for_load_state("networkidle")
    draft = page.locator(".draft-card").get_attribute("data-draft")
    note = page.locator("#id_note")
    page.keyboard.press("r")
    note.press_sequentially("Flat 平淡, 2 of 3.")
    page.keyboard.press("Escape")
    expect(note).to_have_count(0)
    page.reload()
    expect(page.locator("[data-live][data-state=on]")).to_be_visible()
    page.keyboard.press("r")
    expect(note).to_have_value("Flat 平淡, 2 of 3.")
    page.keyboard.press("Enter")  # without a reason it stays
    expect(page.locator("[data-choice]").first).to_be_focused()

    page.route(
        "**/reject/**",
        lambda r: r.fulfill(status=500) if r.request.method == "POST" else r.continue_(),
    )
    page.keyboard.press("2")

    complaint = page.locator(".toast[data-level=error]")
    expect(complaint).to_contain_text("what you typed is kept", timeout=40_000)
    page.goto(f"{galley.address}/review/drafts/{draft}/?campaign=outbox")
    expect(page.locator("[data-live][data-state=on]")).to_be_visible()
    page.unroute("**/reject/**")
    page.keyboard.press("r")
    expect(note).to_have_value("Flat 平淡, 2 of 3.")
    assert decisions(galley, last) == []
    page.keyboard.press("2")
    expect(page.locator(".toast:not([data-level=error])").first).to_contain_text("Rejected")
    assert decisions(galley, last) == [[int(draft), "rejected"]]
    assert page.evaluate(NOTES) == []


def test_a_colleague_who_is_faster_takes_no_note_away(page: Page, galley: Galley, last: int):
    open_desk(page, galley)
    page.wait_for_load_state("networkidle")
    draft = page.locator(".draft-card").get_attribute("data-draft")
    page.keyboard.press("s")
    page.locator("#id_note").press_sequentially("Ask Mei.")
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))

    colleague = COLLEAGUE.format(draft=draft)
    galley.manage("shell", "-v0", "-c", colleague + TAKE_OVER)
    expect(page.locator("#draft-claim")).to_contain_text("editor has had this draft open")
    page.wait_for_timeout(1500)  # its row is asked for a second later, and no card meanwhile
    galley.manage("shell", "-v0", "-c", colleague + REJECT)

    expect(page.locator("[data-decided]")).to_be_visible()
    page.wait_for_timeout(300)
    assert [url for url in fetched if f"/drafts/{draft}/?" in url] == []
    expect(page.locator("#id_note")).to_be_focused()
    expect(page.locator("#id_note")).to_have_value("Ask Mei.")
    page.keyboard.press("Escape")
    unsent = page.locator("[data-unsent-note]")
    expect(unsent.locator("q")).to_have_text("Ask Mei.")
    expect(page.locator(".draft-card")).to_have_attribute("data-status", "rejected")
    unsent.locator("[data-propose]").click()
    expect(page.locator("#id_comment")).to_have_value("@editor Ask Mei.")
    page.locator("#id_comment").fill("")
    unsent.locator("[data-forget]").click()
    expect(page.locator(".draft-card[data-status=proposed]")).to_be_visible()
    assert page.evaluate(NOTES) == []
    assert decisions(galley, last) == [[int(draft), "rejected"]]


def test_who_may_decide_no_more_is_told_and_loses_nothing(page: Page, galley: Galley, last: int):
    open_desk(page, galley)
    page.wait_for_load_state("networkidle")
    for path in ("**/approve/**", "**/ahead/**"):
        page.route(path, lambda route: route.fulfill(status=403))
    draft = page.locator(".draft-card").get_attribute("data-draft")

    page.keyboard.press("a")

    expect(page.locator("#outbox")).to_contain_text("You may not decide drafts any more")
    for path in ("**/approve/**", "**/ahead/**"):
        page.unroute(path)
    page.locator("[data-send]").click()
    expect(page.locator("#outbox")).to_be_hidden()
    assert decisions(galley, last) == [[int(draft), "approved"]]


def test_a_line_that_carries_nothing_is_said_to_be_late(page: Page, galley: Galley, last: int):
    page.clock.install()
    heard: list[str] = []
    silent: list[bool] = []

    def carry(ours):
        def pass_on(words: str) -> None:
            heard.append(words)
            if not silent:
                ours.send(words)

        ours.connect_to_server().on_message(pass_on)

    page.route_web_socket("**/ws/review/", carry)
    open_desk(page, galley)
    mark = page.locator("[data-live]")
    page.clock.run_for(21_000)
    until(lambda: page.wait_for_timeout(50) or heard, seconds=10)
    expect(mark).to_have_attribute("data-state", "on")

    silent.append(True)
    page.clock.run_for(41_000)

    expect(mark).to_have_attribute("data-state", "late")
    expect(mark).to_have_text("No news for a while: this page asks every 20 seconds")
    silent.clear()
    page.clock.run_for(21_000)
    expect(mark).to_have_attribute("data-state", "on")
