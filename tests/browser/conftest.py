"""A real Galley in its own folder: broker, web server, workers and clock, and a real Chromium."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings

from tests.browser.sights import Sight

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, StorageState

ROOT = Path(settings.BASE_DIR)
PASSWORD = "the-browser-tests-own"
_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, _NAMES)), "")
LOCALES = {"en": "en-US", "zh-hans": "zh-CN"}
SCENE = """
import json
from django.conf import settings
from tests.browser.scene import add_oddities, set_scene
print(json.dumps({}))
"""
HIDE = """
from generation.models import Draft
print(list(Draft.objects.awaiting_review().values_list("pk", flat=True)))
Draft.objects.awaiting_review().update(status="expired")
"""
SHOW = """
from generation.models import Draft
Draft.objects.filter(pk__in={}).update(status="proposed")
"""


# The demo accounts know the desk; who is new is shown round in a test of its own.
_SHOWN = """
from django.contrib.auth.models import User
from review.services import end_tour
for user in User.objects.all():
    end_tour(user)
"""


@dataclass
class Galley:
    """A running Galley: where it is, and the process that keeps it up."""

    address: str
    home: Path
    process: subprocess.Popen

    def manage(self, *words: str) -> str:
        """Run one of its commands; give what it printed."""
        return subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=environment(self.home),
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def tell(self, code: str) -> Any:
        """Run Python in it; give the JSON that it printed last."""
        return json.loads(self.manage("shell", "-v0", "-c", code).strip().split("\n")[-1])


def environment(home: Path) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("DJANGO_", "GALLEY_"))}
    ours = {"GALLEY_DEMO_PASSWORD": PASSWORD, "GALLEY_KEEP_PLACE_SECONDS": "0.5"}
    return {**inherited, "GALLEY_HOME": str(home), **ours}


def until(ready: Callable[[], object], *, seconds: float) -> object:
    """Ask until the answer is true; fail when the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := ready():
            return answer
        time.sleep(0.1)
    raise AssertionError(f"Not so after {seconds} s.")


def catch_requests(page: Page) -> None:
    """Have requests caught from the next page on, so that a test may catch some of them later.

    Of a page that is told to in its midst, a busy Chromium lets the first slip by.
    """
    page.route("**/caught-by-nobody", lambda route: route.continue_())


@pytest.fixture(scope="package")
def galley(tmp_path_factory):
    """Galley with the starter shop, started as a person starts it."""
    with running(tmp_path_factory.mktemp("galley-home")) as galley:
        yield galley


@pytest.fixture(scope="package")
def showroom(tmp_path_factory):
    """Another one, whose shop is made for being looked at."""
    with running(tmp_path_factory.mktemp("showroom-home")) as showroom:
        yield showroom


@contextmanager
def running(home: Path) -> Iterator[Galley]:
    """Galley in a folder of its own, as long as this lasts."""
    for words in (
        ("migrate", "-v0"),
        ("collectstatic", "--noinput", "-v0"),
        ("seed_demo",),
        ("shell", "-v0", "-c", _SHOWN),
    ):
        subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=environment(home),
            check=True,
            stdout=subprocess.DEVNULL,
        )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (home / "up.log").open("w")
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "manage.py", "up", "--port", str(port)],
        cwd=ROOT,
        env=environment(home),
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    address = f"http://127.0.0.1:{port}"

    def ready() -> bool:
        assert process.poll() is None, (home / "up.log").read_text()
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:  # noqa: S310
                return json.load(answer)["status"] == "ready"
        except (urllib.error.URLError, OSError):
            return False

    until(ready, seconds=60)
    yield Galley(address, home, process)
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)
    log.close()


@pytest.fixture(scope="package")
def chromium():
    """A headless Chromium; without one these tests say so, unless one is demanded.

    It ends with these tests: Playwright keeps an event loop running, in which no other can run.
    """
    if not CHROMIUM:
        if os.environ.get("GALLEY_REQUIRE_BROWSER"):
            pytest.fail("No Chromium was found, and GALLEY_REQUIRE_BROWSER demands one.")
        pytest.skip("No Chromium was found; install Debian's chromium to run the browser tests.")
    from playwright.sync_api import expect, sync_playwright  # noqa: PLC0415 - only where there is one

    expect.set_options(timeout=20_000)  # on a machine that does much else
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def scene(showroom) -> dict[str, int | str]:
    """A shop in the middle of its day; the names that addresses have in it."""
    return showroom.tell(SCENE.format("set_scene(settings.GALLEY_HOME)"))


@pytest.fixture(scope="package")
def oddities(showroom, scene) -> None:
    """What few shops ever see, on the scene."""
    scene |= showroom.tell(SCENE.format("add_oddities()"))


@dataclass
class Gallery:
    """Shows sights, each on a page of its own."""

    galley: Galley
    chromium: Browser
    scene: dict[str, int | str]
    signed_in: dict[tuple[str, str], StorageState] = field(default_factory=dict)

    @contextmanager
    def show(self, sight: Sight, language: str = "en", **window: object) -> Iterator[Page]:
        """Open a sight as its person sees it, in a window of its first width."""
        window = {"viewport": {"width": sight.widths[0], "height": 900}} | window
        desk = self._emptied() if sight.is_emptied else nullcontext()
        with desk, self._window(sight.who, language, **window) as page:
            self._open(page, sight, language)
            yield page

    @contextmanager
    def _emptied(self) -> Iterator[None]:
        """As long as this lasts nothing waits for a decision."""
        hidden = self.galley.tell(HIDE)
        try:
            yield
        finally:
            self.galley.manage("shell", "-v0", "-c", SHOW.format(hidden))

    def _open(self, page: Page, sight: Sight, language: str) -> None:
        """Go to a sight's page, and do there what it asks for."""
        own = {name: self.scene[f"{name}-{language}"] for name in ("draft", "sku")}
        names = {**self.scene, **own, "language": language}
        answer = page.goto(self.galley.address + sight.path.format(**names))
        assert answer.status == sight.status, sight.name
        if sight.act:
            sight.act(page)

    @contextmanager
    def _window(self, who: str, language: str, **window: object) -> Iterator[Page]:
        state = self._sign_in(who, language) if who else None
        context = self._context(language, storage_state=state, **window)
        yield context.new_page()
        context.close()

    def _context(self, language: str, **window: object) -> BrowserContext:
        context = self.chromium.new_context(locale=LOCALES[language], **window)
        context.set_default_timeout(30_000)
        return context

    def _sign_in(self, who: str, language: str) -> StorageState:
        if (who, language) not in self.signed_in:
            context = self._context(language)
            page = context.new_page()
            page.goto(f"{self.galley.address}/accounts/login/")
            page.locator("#id_username").fill(who)
            page.locator("#id_password").fill(PASSWORD)
            page.locator("#id_password").press("Enter")
            page.wait_for_url("**/review/")
            self.signed_in[who, language] = context.storage_state()
            context.close()
        return self.signed_in[who, language]


@pytest.fixture(scope="package")
def gallery(showroom, chromium, scene) -> Gallery:
    """Where everything can be looked at."""
    return Gallery(showroom, chromium, scene)


@pytest.fixture
def page(chromium, galley):
    """A page of a new visitor, at the sign-in."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(f"{galley.address}/accounts/login/")
    yield page
    context.close()
