"""A training in a real browser: started, watched live, stopped, and taken up again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Galley
from tests.browser.test_day import WORDS, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

# An untrained writer of a few thousand weights takes the starter's place; one draft is approved.
TINY = """
import torch
from django.conf import settings
from generation.gan import checkpoint as checkpoints
from generation.gan.config import DiscriminatorConfig, GeneratorConfig, SamplingConfig
from generation.gan.vocabulary import Vocabulary
from generation.models import Checkpoint, Example
from generation.writers import gan
torch.manual_seed(0)
records = list(gan._bundled_practice().texts)
vocabulary = Vocabulary.train(records[::8], size=420)
sizes = GeneratorConfig(
    vocab_size=vocabulary.size, width=16, heads=2, encoder_layers=1, decoder_layers=1,
    feedforward=32, noise_width=4, max_source=192, max_target=48,
    copied=tuple(vocabulary.copied_ids),
)
tiny = checkpoints.build(vocabulary, sizes, DiscriminatorConfig.like(sizes))
tiny.sampling = SamplingConfig(oversample=1)
checkpoints.save(tiny, settings.GALLEY_CHECKPOINT_DIR / "tiny")
Checkpoint.objects.active().retire()
Checkpoint.objects.create(name="tiny", path="tiny", digest=tiny.digest, status="active")
brief = dict(product_ref="B-1", kind="description", language="en", title="Oak tray", brand="",
             category="", attributes=[["material", "oak"]], audience="", tone="", min_chars=10,
             max_chars=200)
Example.objects.create(label="approved", text="A tray of oak for slow mornings.", brief=brief)
"""
STARTER_AGAIN = """
from generation.models import Checkpoint
Checkpoint.objects.active().retire()
Checkpoint.objects.filter(name="starter").activate()
"""


@pytest.fixture
def tiny(galley: Galley):
    galley.manage("shell", "-v0", "-c", TINY)
    yield
    galley.manage("shell", "-v0", "-c", STARTER_AGAIN)


def points(page: Page) -> int:
    return int(page.locator("#training-progress").get_attribute("data-points"))


@pytest.mark.usefixtures("tiny")
def test_a_training_is_watched_stopped_and_taken_up_again(page: Page, galley: Galley):
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    sign_in(page, WORDS["en"])

    # Started with settings of its own; nothing is loaded anew from here to the stop.
    page.goto(f"{galley.address}/training/runs/")
    page.locator(".form-grid summary").click()
    page.locator("#id_minutes").fill("600")
    page.locator("#id_discriminator_steps").fill("5000")
    page.get_by_role("button", name="Start the training").click()
    progress = page.locator("#training-progress")
    expect(page.locator("[data-live]")).to_have_text("Live")
    page.evaluate("document.body.dataset.unloaded = 'no'")

    # Points arrive through the socket, and from the second one on curves are drawn.
    expect(progress).to_have_attribute("data-points", "1", timeout=240_000)
    expect(page.locator("#training-progress .uplot").first).to_be_visible(timeout=240_000)
    page.locator("#numbers-losses summary").click()
    before = points(page)
    expect(progress).not_to_have_attribute("data-points", str(before), timeout=120_000)
    expect(page.locator("#numbers-losses")).to_have_attribute("open", "")
    expect(page.locator("body")).to_have_attribute("data-unloaded", "no")

    # Stopped: its place is kept, and the page says what it takes.
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("h1")).to_have_text("It was stopped")
    expect(page.locator(".page-head__deck")).to_contain_text("publisher stopped it.")
    expect(page.locator(".page-head__deck")).to_contain_text("of the disk")
    stopped = points(page)

    # Taken up again it goes on where it was: no step comes twice, more come.
    page.get_by_role("button", name="Resume").click()
    expect(progress).to_have_attribute("data-points", str(stopped + 1), timeout=240_000)
    steps = page.locator("#numbers-losses tbody th").all_text_contents()
    assert len(steps) == len(set(steps)) >= stopped
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("h1")).to_have_text("It was stopped")
    page.get_by_role("button", name="Delete its place").click()
    expect(page.locator(".toast").first).to_contain_text("free again")
    assert errors == []
