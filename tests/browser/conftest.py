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
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PASSWORD = "the-browser-tests-own"
_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, _NAMES)), "")


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


@pytest.fixture(scope="package")
def galley(tmp_path_factory):
    """Galley with the starter shop, started as a person starts it."""
    home = tmp_path_factory.mktemp("galley-home")
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
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is one

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, galley):
    """A page of a new visitor, at the sign-in."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(f"{galley.address}/accounts/login/")
    yield page
    context.close()
