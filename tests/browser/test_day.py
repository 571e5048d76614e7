"""An editor's day in a real browser, in both languages, and a worker that dies in it."""

from __future__ import annotations

import json

import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, Galley, until

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]

FEEDS = {
    "en": """\
sku,title,brand,category,audience,material,size,weight,care
{sku}-1,Pebble Oak Tray,Lumen & Moss,tableware,people who read in bed,oak,40 cm,820 g,wipe dry
{sku}-2,Quay Wool Scarf,Harbourline,womenswear,ferry riders,wool,180 cm,210 g,hand wash cold
{sku}-3,Low Glow Lamp,Lumen & Moss,lighting,people who wake at night,beech,22 cm,640 g,dry cloth
""",
    "zh": """\
货号,名称,品牌,分类,人群,材质,尺寸,重量,保养,颜色
{sku}-1,卵石橡木托盘,Lumen & Moss,tableware,睡前看书的人,橡木,40厘米,820克,干布擦拭,原木色
{sku}-2,码头羊毛围巾,海岸线 Harbourline,womenswear,坐渡轮上班的人,羊毛,180厘米,210克,冷水手洗,雾灰
{sku}-3,低光榉木夜灯,Lumen & Moss,lighting,半夜起床的人,榉木,22厘米,640克,干布擦拭,乳白
""",
}
WORDS = {
    "en": {
        "switch": None,
        "copy": "en",
        "more": " Good company on slow mornings.",
        "added": "Good company",
        "sign_in": "Sign in",
        "look": "Look at it",
        "import": "Import",
        "copy_written": "Have copy written",
        "open": "Open the campaign",
        "write": "Write drafts now",
        "review": "Review the drafts",
        "rejected": "Rejected",
        "edited": "Edited and approved",
        "approved": "Approved",
        "withdraw": "Withdraw",
        "withdrawn": "Withdrawn",
    },
    "zh": {
        "switch": "中文",
        "copy": "zh-hans",
        "more": "慢慢来的早晨，有它作伴。",
        "added": "慢慢来的早晨",
        "sign_in": "登录",
        "look": "先查看",
        "import": "导入",
        "copy_written": "请人写文案",
        "open": "开始活动",
        "write": "立即写稿",
        "review": "审这些稿",
        "rejected": "已退稿",
        "edited": "已改稿并通过",
        "approved": "已通过",
        "withdraw": "撤下",
        "withdrawn": "已撤下",
    },
}


START = """
from catalog.models import Campaign, Product
from generation.services import start_run
campaign = Campaign.objects.get(slug="winter-lights")
campaign.products.set(Product.objects.all()[:30])
print(start_run(campaign, seed=3).pk)
"""
IDLE = """
from generation.models import Run
print(Run.objects.exists() and not Run.objects.unfinished().exists())
"""
COUNT = """
import json
from generation.models import Run
run = Run.objects.get(pk=run)
outcomes = [run.slots.filter(outcome=name).count() for name in ("filled", "refused", "open")]
print(json.dumps([run.status, run.drafts.count(), *outcomes]))
"""


def sign_in(page: Page, words: dict) -> None:
    if words["switch"]:
        page.get_by_role("button", name=words["switch"]).click()
    page.locator("#id_username").fill("publisher")
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name=words["sign_in"]).click()
    expect(page.locator(".site-header")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_from_a_feed_to_the_shelf_and_off_it_again(  # noqa: PLR0915 - one whole day
    page: Page, galley: Galley, tmp_path, language
):
    words = WORDS[language]
    sku = f"DAY-{language.upper()}"
    feed = tmp_path / f"{sku}.csv"
    feed.write_text(FEEDS[language].format(sku=sku), encoding="utf-8")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    sign_in(page, words)

    # A feed comes in.
    page.goto(f"{galley.address}/catalog/imports/new/")
    page.locator("#id_file").set_input_files(feed)
    page.get_by_role("button", name=words["look"], exact=True).click()
    page.get_by_role("button", name=words["import"], exact=True).click()  # once it was looked at
    expect(page.get_by_role("link", name=words["copy_written"])).to_be_visible()
    expect(page.locator(".figures dd").first).to_have_text("3")

    # A campaign is opened for it, and drafts arrive while the page is open.
    page.goto(f"{galley.address}/campaigns/new/")
    page.locator("#id_name").fill(f"Day {language}")
    page.locator("#id_skus").fill("\n".join(f"{sku}-{number}" for number in (1, 2, 3)))
    page.locator(f"input[name=languages]:not([value={words['copy']}])").uncheck()
    page.locator("input[name=kinds][value='2']").uncheck()
    page.get_by_role("button", name=words["open"]).click()
    page.get_by_role("button", name=words["write"]).click()
    expect(page.locator("#run-title")).to_contain_text("3", timeout=60_000)
    expect(page.locator(".figures dd").first).to_have_text("3", timeout=60_000)

    # One is rejected, one edited, one approved, by keyboard.
    page.get_by_role("link", name=words["review"]).click()
    expect(page.locator("[id^=row-]")).to_have_count(3)
    page.wait_for_load_state("load")  # its scripts run by now
    page.keyboard.press("r")
    expect(page.locator(".reject-form")).to_be_visible()
    page.keyboard.press("2")
    expect(page.locator(".toast").first).to_contain_text(words["rejected"])
    expect(page.locator("[id^=row-]")).to_have_count(2)
    page.keyboard.press("e")
    expect(page.locator("#id_text")).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.type(words["more"])
    expect(page.locator("#edit-diff ins")).to_contain_text(words["added"])
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast").first).to_contain_text(words["edited"])
    expect(page.locator("[id^=row-]")).to_have_count(1)
    approved = page.locator(".draft-card").get_attribute("data-draft")
    page.keyboard.press("a")
    expect(page.locator(".toast").first).to_contain_text(words["approved"])
    expect(page.locator("[id^=row-]")).to_have_count(0)

    # The approved text stands on its product page, until it is withdrawn.
    page.goto(f"{galley.address}/review/drafts/{approved}/")
    link = page.locator(".history-list a").first
    expect(link).to_be_visible()
    shop = link.get_attribute("href")
    until(lambda: live_text(page, galley, shop), seconds=20)
    row = page.locator(f"tr:has(a[href='/review/drafts/{approved}/'])")
    page.goto(f"{galley.address}/review/publications/")
    row.get_by_role("button", name=words["withdraw"]).click()
    expect(row.locator(".tag--ochre")).to_be_visible()
    expect(page.locator(".toast")).to_contain_text(words["withdrawn"])
    page.goto(galley.address + shop)
    expect(page.locator("#copy")).to_have_text("")
    assert errors == []


def live_text(page: Page, galley: Galley, shop: str) -> str:
    page.goto(galley.address + shop)
    return page.locator("#copy").inner_text().strip()


def test_a_decision_of_another_editor_shows_at_once(page: Page, galley: Galley, chromium):
    galley.manage("write", "--campaign", "rain-season", "--seed", "5", "--json")
    closed: list[str] = []
    page.on("websocket", lambda ws: ws.on("close", lambda gone: closed.append(gone.url)))
    sign_in(page, WORDS["en"])
    page.goto(f"{galley.address}/review/?campaign=rain-season")
    expect(page.locator("[data-live][data-state=on]")).to_be_visible()
    closed.clear()
    page.wait_for_timeout(12_000)  # a Redis client's default read timeout would end it after 5 s
    assert closed == []
    other = chromium.new_context().new_page()
    other.goto(f"{galley.address}/accounts/login/")
    other.locator("#id_username").fill("editor")
    other.locator("#id_password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    draft = page.locator(".draft-card").get_attribute("data-draft")
    other.goto(f"{galley.address}/review/?campaign=rain-season")
    expect(page.locator("[id^=row-] .tag--blue").first).to_contain_text("editor")
    assert other.locator(".draft-card").get_attribute("data-draft") != draft

    other.locator(f"#row-{draft} a").click()
    other.get_by_role("button", name="Take over").click()
    expect(page.locator("#draft-claim")).to_contain_text("editor has had this draft open")
    expect(page.locator(f"#row-{draft}[data-current] .tag--blue")).to_contain_text("editor")
    expect(other.locator("[data-key=a]")).to_be_visible()
    other.keyboard.press("a")

    expect(page.locator(f"#draft-{draft} .stamp")).to_have_text("Passed for press")
    expect(page.locator(f"#draft-{draft}")).not_to_have_attribute("data-status", "proposed")
    other.context.close()


FASTER = """
document.addEventListener("htmx:afterSwap", (event) => {
  const place = event.detail.target.id;
  const key = { "reject-slot": "2", work: "e" }[place];
  if (key) document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  if (place !== "draft-body") return;
  const text = document.getElementById("id_text");
  text.value += " More.";
  text.dispatchEvent(new InputEvent("input", { bubbles: true }));
});
"""


def test_a_key_that_is_faster_than_the_page_is_not_lost(page: Page, galley: Galley):
    galley.manage("write", "--campaign", "rain-season", "--seed", "6", "--json")
    sign_in(page, WORDS["en"])
    # The help brings the form that asks why, too; a page that has none yet fetches it.
    page.route("**/review/help/**", lambda route: route.fulfill(status=204))
    page.goto(f"{galley.address}/review/?campaign=rain-season")
    expect(page.locator("[data-live][data-state=on]")).to_be_visible()
    loads: list[str] = []
    page.on("request", lambda r: loads.append(r.url) if r.is_navigation_request() else None)
    page.evaluate(FASTER)  # each key comes in the very moment in which its fragment does

    page.keyboard.press("r")

    expect(page.locator(".toast").first).to_contain_text("Rejected")
    expect(page.locator("#id_text")).to_be_focused()
    expect(page.locator("#edit-diff ins").last).to_contain_text("More")
    assert loads == []


def test_a_chosen_candidate_replaces_what_was_typed_before(page: Page, galley: Galley):
    galley.manage("write", "--campaign", "rain-season", "--seed", "8", "--json")
    sign_in(page, WORDS["en"])
    page.goto(f"{galley.address}/review/?campaign=rain-season")
    page.wait_for_load_state("load")
    page.keyboard.press("e")
    expect(page.locator("#id_text")).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Typed before.")
    page.keyboard.press("Escape")
    expect(page.locator("#id_text")).to_have_count(0)
    candidate = page.locator(".candidate").first
    wanted = candidate.locator("input[name=text]").get_attribute("value")

    candidate.get_by_role("button").click()

    expect(page.locator("#id_text")).to_have_value(wanted)


@pytest.mark.timeout(480)
def test_a_killed_gpu_worker_loses_nothing(galley: Galley):
    # The clock orders the sample drafts of a new shop: they are not to be in the way.
    until(lambda: "True" in galley.manage("shell", "-v0", "-c", IDLE), seconds=180)
    run = galley.manage("shell", "-v0", "-c", START).split()[-1]
    asked = f"run = {run}\n{COUNT}"

    def state() -> list:
        return json.loads(galley.manage("shell", "-v0", "-c", asked).split("\n")[-2])

    until(lambda: state()[1] >= 16, seconds=60)
    workers = [
        child
        for child in psutil.Process(galley.process.pid).children()
        if any("gpu" in word for word in child.cmdline())
    ]
    assert len(workers) == 1
    workers[0].kill()

    until(lambda: state()[0] == "finished", seconds=200)

    status, drafts, filled, refused, still_open = state()
    assert (status, filled + refused, still_open) == ("finished", 120, 0)
    assert drafts == filled
