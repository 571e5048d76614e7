"""`make bench`: ratios side by side in one run, interleaved, medians; never a bare time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory

from generation.texts import Brief
from tests.benchmark.crowd import fill_desk

pytestmark = pytest.mark.benchmark


def ratio(first: Callable, second: Callable, *, rounds: int) -> tuple[float, float, float]:
    """Medians of both in milliseconds, and how many times the second the first takes."""
    times: tuple[list[float], list[float]] = ([], [])
    first(), second()
    for _ in range(rounds):
        for kept, act in zip(times, (first, second), strict=True):
            start = time.perf_counter()
            act()
            kept.append((time.perf_counter() - start) * 1000)
    a, b = (statistics.median(kept) for kept in times)
    return a, b, a / b


def show(name: str, against: str, figures: tuple[float, float, float]) -> None:
    print(f"\n{name:<34}{against:<34}{figures[0]:9.1f} {figures[1]:9.1f} {figures[2]:8.2f}x")


def test_the_desk_against_an_empty_view(client, editor, drafts):
    client.force_login(editor)
    request = RequestFactory().get("/")

    figures = ratio(lambda: client.get("/review/"), lambda: HttpResponse(request.path), rounds=20)

    show("desk page, ms", "an empty answer, ms", figures)
    page = ratio(lambda: client.get("/review/"), lambda: client.get("/healthz"), rounds=20)
    show("desk page, ms", "health page, ms", page)


def test_the_desk_at_ten_times_as_many_drafts(client, editor, campaign, checkpoint):
    client.force_login(editor)
    pages = {
        "desk": "/review/",
        "queue, filtered": "/review/rows/?language=en",
        "queue, by category": "/review/?category=kitchen",
        "queue, by score": "/review/?score=low",
        "queue, with a query": "/review/?finding=like_title",
        "queue, late": "/review/?view=late",
        "queue, refused twice": "/review/?view=again",
        "search, Chinese": "/review/rows/?q=面料",
        "search, English": "/review/rows/?q=cast+iron",
    }
    fill_desk(campaign, checkpoint, 1_000)
    few = {name: cost(lambda path=path: client.get(path)) for name, path in pages.items()}

    fill_desk(campaign, checkpoint, 9_000, seed=2)

    for name, path in pages.items():
        many = cost(lambda path=path: client.get(path))
        figures = many, few[name], many / few[name]
        show(f"{name}, 10,000 drafts, CPU ms", "1,000 drafts, CPU ms", figures)


def cost(act: Callable) -> float:
    """Processor milliseconds of a call, the median of fifteen."""
    act()
    times = []
    for _ in range(15):
        start = time.process_time()
        act()
        times.append((time.process_time() - start) * 1000)
    return statistics.median(times)


def test_best_of_eight_against_one(db):
    pytest.importorskip("torch")
    from generation.writers.gan import GanWriter  # noqa: PLC0415

    writer = GanWriter.from_checkpoint(settings.GALLEY_STARTER_CHECKPOINT)
    brief = Brief(
        product_ref="B-1",
        kind="description",
        language="en",
        title="Pebble Oak Tray",
        brand="",
        category="tableware",
        attributes=(("material", "oak"), ("size", "40 cm across"), ("weight", "820 g")),
        audience="people who read in bed",
        tone="",
        min_chars=60,
        max_chars=400,
    )
    many, one = [brief] * 16, [brief] * 2

    figures = ratio(
        lambda: writer.write(many, variants=4, seeds=range(16)),
        lambda: writer.write(one, variants=4, seeds=range(2)),
        rounds=5,
    )

    show("16 drafts in one batch, ms", "2 drafts in one batch, ms", figures)
