"""Everything of Galley that a person can see: each page, and each state of the desk.

What looks at pages (access, widths, pictures) goes through this list. A page that is added is one
line here; `tests/architecture/test_pages.py` fails until it is there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from django.contrib import admin
from playwright.sync_api import Page, Route, expect

WIDE, NARROW = 1440, 390


@dataclass(frozen=True)
class Sight:
    """One thing to look at.

    Args:
        name: says what it is, and names its pictures.
        path: its address; names of the scene stand in braces.
        who: whose page it is; "" is nobody's, who is not signed in.
        act: what a person does there until it looks so.
        status: of the answer.
        widths: of the windows in which it is looked at, in CSS pixels.
        is_emptied: whether it is looked at while nothing waits for a decision.
        is_pictured: whether `docs/pictures` shows it.
    """

    name: str
    path: str
    who: str = "publisher"
    act: Callable[[Page], None] | None = None
    status: int = 200
    widths: tuple[int, ...] = (WIDE, NARROW)
    is_emptied: bool = False
    is_pictured: bool = False


# What a person does ------------------------------------------------------------------------------


def reject(page: Page) -> None:
    """Ask for the reasons."""
    page.locator("[data-key=r]").click()
    expect(page.locator(".reject-form input[name=reason]").first).to_be_focused()


def put_off(page: Page) -> None:
    """Ask until when."""
    page.locator("[data-key=s]").click()
    expect(page.locator(".reject-form input[name=hours]").first).to_be_focused()


def mark(page: Page) -> None:
    """Mark drafts of the queue."""
    for row in page.locator("[id^=row-] > input").all()[:3]:
        row.check()
    expect(page.locator("#bulk")).to_be_visible()


def reject_all(page: Page) -> None:
    """Ask what would happen if all of the queue were rejected, and do not say why."""
    mark(page)
    page.locator("#bulk [name=all]").check()
    page.locator("#bulk [value=reject]").click()
    page.locator("main form").evaluate("form => { form.noValidate = true; }")
    page.locator("main form button").click()
    expect(page.locator(".field__error").first).to_be_visible()


def draw_a_sample(page: Page) -> None:
    """Ask what would happen if a sample spoke for all of the queue."""
    mark(page)
    page.locator("#bulk [name=all]").check()
    page.locator("#bulk [value=sample]").click()
    expect(page.locator("#bulk-typed, main form button").first).to_be_visible()


def edit(page: Page) -> None:
    """Write into the draft."""
    page.locator("[data-key=e]").click()
    field = page.locator("#id_text")
    expect(field).to_be_focused()
    field.press("Control+End")
    words = (
        "慢慢来的早晨，有它作伴。" if "zh" in field.get_attribute("lang") else " For slow mornings."
    )
    field.type(words)
    expect(page.locator("#edit-diff ins").last).to_contain_text(words.strip(" .。")[-3:])


def edit_to_nothing(page: Page) -> None:
    """Save an empty text, which the server refuses."""
    page.locator("[data-key=e]").click()
    expect(page.locator("#id_text")).to_be_focused()
    page.locator("#id_text").fill("")
    page.locator("#id_text").press("Control+Enter")
    expect(page.locator("#text-error")).to_be_visible()
    page.evaluate("localStorage.clear()")


def send_after_another(page: Page) -> None:
    """Send a text for a draft that somebody else has edited and approved meanwhile."""
    page.evaluate(
        """(key) => {
          const card = document.querySelector(".draft-card");
          const copy = card.querySelector(".draft-card__text").cloneNode(true);
          for (const letter of copy.querySelectorAll("sup")) letter.remove();
          const more = copy.lang === "en" ? " And on quick ones." : "赶时间的早晨也一样。";
          const text = copy.textContent.trim() + more;
          htmx.ajax("POST", `/review/drafts/${card.dataset.draft}/edit/`,
            {target: "#work", swap: "outerHTML", values: {text, version: 1, key}});
        }""",
        str(uuid4()),
    )
    expect(page.locator(".conflict__side")).to_have_count(3)


def list_keys(page: Page) -> None:
    """Ask which keys there are."""
    page.locator("[data-open-keys]").click()
    expect(page.locator("#keys")).to_be_visible()


def decide_and_take_back(page: Page) -> None:
    """Approve a draft, and take it back: both are told."""
    draft = page.locator(".draft-card").get_attribute("data-draft")
    page.locator("[data-key=a]").click()
    expect(page.locator(".toast form button")).to_be_visible()
    page.locator(".toast form button").click()
    expect(page.locator(f"#draft-{draft}")).to_be_visible()
    expect(page.locator(".toast")).to_be_visible()


def lose_the_connection(page: Page) -> None:
    """Decide without one: the decision is kept, and is never sent from here."""
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    page.locator("[data-key=a]").click()
    expect(page.locator("#outbox")).to_be_visible()
    page.evaluate("localStorage.clear()")


def lose_the_socket(page: Page) -> None:
    """Be where no socket opens."""
    page.route_web_socket("**/ws/**", lambda socket: socket.close())
    page.reload()
    expect(page.locator("[data-live][data-state=off]")).not_to_have_text("")


def wait_for_a_draft(page: Page) -> None:
    """Open a draft that takes its time."""
    page.route("**/review/drafts/**", lambda route: None)
    page.locator("[id^=row-]:not([data-current]) a").first.click()
    expect(page.locator("#work[aria-busy=true]")).to_be_visible()


def open_what_is_gone(page: Page) -> None:
    """Open a draft that was deleted with its product since the queue was read."""

    def gone(route: Route) -> None:
        route.fulfill(status=404, content_type="text/html", body="")

    page.route("**/review/drafts/**", gone)
    page.locator("[id^=row-]:not([data-current]) a").first.click()
    expect(page.locator(".toast[data-level=error]")).to_be_visible()


def preview(page: Page) -> None:
    """Look at a draft as its last place shows it."""
    page.locator(".previews label").last.click()
    expect(page.locator("#preview > *").first).to_be_visible()


def explain(page: Page) -> None:
    """Ask what something is."""
    page.locator(".hint").first.click()
    expect(page.locator(".hint-text:popover-open")).to_be_visible()


def reply(page: Page) -> None:
    """Begin a reply to a comment, with the name of a colleague."""
    page.locator("#comment-list a").first.click()
    expect(page.locator("#comment-form [name=parent]")).to_be_attached()
    page.locator("#id_comment").press_sequentially("@edi")
    expect(page.locator("#comment-names [role=option]").first).to_be_visible()


def unfold_menu(page: Page) -> None:
    """Open the menu that a phone has in the place of the navigation."""
    page.locator(".site-header__menu summary").click()
    expect(page.locator(".site-header__menu nav")).to_be_visible()


def unfold(page: Page) -> None:
    """Open whatever can be unfolded."""
    for part in page.locator("main details > summary").all():
        part.click()


def mistype(page: Page) -> None:
    """Sign in with another password."""
    page.locator("#id_username").fill("editor")
    page.locator("#id_password").fill("wrong")
    page.locator("#id_password").press("Enter")
    expect(page.locator("#login-error")).to_be_visible()


def send(page: Page) -> None:
    """Send a form as it is, which the server refuses."""
    page.locator("main form[method=post]").first.evaluate("form => { form.noValidate = true; }")
    page.locator("main form[method=post] .button--primary").first.click()
    expect(page.locator(".field__error").first).to_be_visible()


def open_first(page: Page) -> None:
    """Open the first row of a list in the admin; where it has none, the form for one, if any."""
    rows, add = page.locator("#result_list tbody th a"), page.locator(".addlink[href$='/add/']")
    first = rows if rows.count() else page.locator("#content").locator(add)
    if first.count():
        first.first.click()
        page.wait_for_url(re.compile(r"/(change|add)/"))


def choose(action: str, number: int) -> Callable[[Page], None]:
    """Choose some drafts of a list in the admin, and what is to become of them."""

    def act(page: Page) -> None:
        for row in page.locator("#result_list .action-select").all()[:number]:
            row.check()
        page.locator(".actions [name=action]").select_option(action)
        page.locator(".actions [name=index]").click()
        expect(page.locator("[name=group]")).to_be_attached()

    return act


def mistype_their_number(page: Page) -> None:
    """Approve more drafts than may go without their number, and type another one."""
    choose("approve_chosen", 21)(page)
    page.locator("#id_typed").fill("20")
    page.locator("#content .default").click()
    expect(page.locator(".errorlist")).to_be_visible()


def reject_two(page: Page) -> None:
    """Reject two drafts of a list in the admin, whose page then says how to take them back."""
    choose("reject_chosen", 2)(page)
    page.locator("#id_reason").select_option("dull")
    page.locator("#content .default").click()
    expect(page.locator(".messagelist [type=submit]")).to_be_visible()


# What there is to see ----------------------------------------------------------------------------

DESK = "/review/drafts/{draft}/?campaign=kitchen-refresh"
SIGHTS = [
    Sight("sign-in", "/accounts/login/", who="", is_pictured=True),
    Sight("sign-in-refused", "/accounts/login/", who="", act=mistype),
    # The desk and its states.
    Sight("desk", DESK, is_pictured=True),
    Sight("desk-reject", DESK, act=reject, is_pictured=True),
    Sight("desk-later", DESK, act=put_off),
    Sight("desk-marked", DESK, act=mark),
    Sight("bulk-refused", DESK, act=reject_all),
    Sight("bulk-sample", DESK, act=draw_a_sample),
    Sight("batch", "/review/batches/{batch}/"),
    Sight("desk-edit", DESK, act=edit, is_pictured=True),
    Sight("desk-edit-refused", DESK, act=edit_to_nothing),
    Sight("desk-conflict", "/review/drafts/{edited}/", act=send_after_another, is_pictured=True),
    Sight("desk-keys", DESK, act=list_keys),
    Sight("desk-tour", "/review/tour/", is_pictured=True),
    Sight("desk-preview", DESK, act=preview),
    Sight("desk-explained", DESK, act=explain),
    Sight("desk-reply", DESK, act=reply),
    Sight("desk-decided", DESK, act=decide_and_take_back),
    Sight("desk-held", "/review/drafts/{held}/"),
    Sight("desk-approved", "/review/drafts/{approved}/"),
    Sight("desk-edited", "/review/drafts/{edited}/"),
    Sight("desk-rejected", "/review/drafts/{rejected}/"),
    Sight("desk-read-only", DESK, who="reader"),
    Sight("desk-empty", "/review/", is_emptied=True, is_pictured=True),
    Sight("desk-nothing-found", "/review/?q=zzzz"),
    Sight("desk-loading", DESK, act=wait_for_a_draft),
    Sight("desk-gone", DESK, act=open_what_is_gone),
    Sight("desk-not-live", DESK, act=lose_the_socket),
    Sight("desk-offline", DESK, act=lose_the_connection),
    Sight("desk-long-text", "/review/drafts/{long}/"),
    Sight("desk-long-word", "/review/drafts/{word}/"),
    Sight("desk-bare-product", "/review/drafts/{bare}/"),
    Sight("desk-alike", "/review/drafts/{alike}/"),
    Sight("desk-list", f"{DESK}#queue", widths=(NARROW,)),
    Sight("desk-menu", DESK, act=unfold_menu, widths=(NARROW,)),
    # Its neighbours.
    Sight("dashboard", "/review/dashboard/", is_pictured=True),
    Sight("dashboard-unfolded", "/review/dashboard/", act=unfold),
    Sight("campaigns", "/campaigns/"),
    Sight("campaign", "/campaigns/kitchen-refresh/", is_pictured=True),
    Sight("campaign-new", "/campaigns/new/"),
    Sight("campaign-refused", "/campaigns/new/", act=send),
    Sight("products", "/catalog/products/"),
    Sight("product", "/catalog/products/{sku}/"),
    Sight("import", "/catalog/imports/new/"),
    Sight("import-preview", "/catalog/imports/{preview}/"),
    Sight("import-columns", "/catalog/imports/{unknown}/"),
    Sight("import-running", "/catalog/imports/{bringing}/"),
    Sight("import-stopped", "/catalog/imports/{cut_off}/"),
    Sight("import-done", "/catalog/imports/{import}/"),
    Sight("notifications", "/review/notifications/", is_pictured=True),
    Sight("published", "/review/publications/", is_pictured=True),
    Sight("training", "/training/", is_pictured=True),
    Sight("trainings", "/training/runs/", act=unfold),
    Sight("training-ended", "/training/{training}/", act=unfold),
    Sight("training-stopped", "/training/{stopped}/"),
    Sight("trainings-compared", "/training/runs/compare/?run={training}&run={stopped}"),
    Sight("learning", "/training/learning/", act=unfold),
    Sight("trial", "/canaries/", act=unfold),
    Sight("evaluations", "/evaluations/", is_pictured=True),
    Sight("evaluation", "/evaluations/{evaluation}/", act=unfold),
    Sight("comparison", "/evaluations/{comparison}/", act=unfold),
    Sight("definitions", "/evaluations/definitions/"),
    # What visitors of the shop see.
    Sight("shelf", "/shop/{language}/", who=""),
    Sight("shop-product", "/shop/{language}/{sku}/", who="", is_pictured=True),
    Sight("shop-product-for-editors", "/shop/{language}/{sku}/"),
    # What is not to be seen.
    Sight("not-allowed", "/review/", who="nobody", status=403),
    Sight("not-found", "/review/drafts/999999/", status=404),
]
# The admin is Django's, with models, actions and a page of ours.
ADMIN_LISTS = [
    f"/admin/{model._meta.app_label}/{model._meta.model_name}/"  # noqa: SLF001 - the only way
    for model in admin.site._registry  # noqa: SLF001
    if model._meta.app_label in {"catalog", "generation", "review"}  # noqa: SLF001
]
WAITING = "/admin/generation/draft/?status__exact=proposed&language__exact=zh-hans"
ADMIN_SIGHTS = [
    Sight("admin-sign-in", "/admin/login/", who=""),
    Sight("admin", "/admin/", who="admin"),
    *(Sight(f"{path[1:-1]}", path, who="admin") for path in ADMIN_LISTS),
    *(Sight(f"{path[1:-1]}/one", path, who="admin", act=open_first) for path in ADMIN_LISTS),
    Sight("admin-approve-refused", WAITING, who="admin", act=mistype_their_number),
    Sight("admin-reject", WAITING, who="admin", act=choose("reject_chosen", 2)),
    Sight("admin-rejected", WAITING, who="admin", act=reject_two),
]
