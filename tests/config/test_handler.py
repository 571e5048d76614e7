"""What answers pages keeps its threads, and in each its connection."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.signals import request_finished, request_started
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from config import env
from config.handler import PagesHandler
from generation import live

SCOPE = {
    "type": "http",
    "http_version": "1.1",
    "method": "GET",
    "headers": [(b"host", b"localhost")],
    "query_string": b"",
}


async def answered(path: str) -> list[dict]:
    """All that is sent in answer to a page's request."""
    asked = ApplicationCommunicator(PagesHandler(), {**SCOPE, "path": path})
    await asked.send_input({"type": "http.request", "body": b"", "more_body": False})
    sent = [await asked.receive_output(5), await asked.receive_output(5)]
    await asked.wait(5)
    return sent


async def test_a_page_is_answered_with_all_that_middleware_adds():
    start, body = await answered("/healthz")

    assert start["status"] == 200
    assert b"content-security-policy" in {name.lower() for name, _ in start["headers"]}
    assert body["body"]


async def test_threads_are_a_few_that_stay(monkeypatch):
    names: list[str] = []

    def look(_: PagesHandler, request: HttpRequest) -> HttpResponse:
        names.append(threading.current_thread().name)
        return HttpResponse(request.path)

    monkeypatch.setattr(PagesHandler, "get_response", look)

    for _ in range(40):
        await answered("/")

    assert len(names) == 40
    assert all(name.startswith("pages") for name in names)
    assert len(set(names)) < 40


async def test_a_request_takes_one_thread_from_its_beginning_to_its_end(monkeypatch):
    names: list[str] = []

    def look(*_: object, **__: object) -> HttpResponse:
        names.append(threading.current_thread().name)
        return HttpResponse("here")

    monkeypatch.setattr(PagesHandler, "get_response", look)
    request_started.connect(look)
    request_finished.connect(look)
    try:
        await answered("/")
    finally:
        request_started.disconnect(look)
        request_finished.disconnect(look)

    assert len(names) == 3
    assert len(set(names)) == 1


async def test_what_pages_hear_of_goes_out_after_the_answer(monkeypatch):
    happened: list[str] = []

    def decide(*_: object) -> HttpResponse:
        live.announce_decided([1])
        live.announce_held([2], 3)
        return HttpResponse("decided")

    async def hear(group: str, message: dict) -> None:
        happened.append(message["type"])

    async def send(message: dict) -> None:
        happened.append(message["type"])

    async def receive() -> dict:
        return {"type": "http.request", "body": b"", "more_body": False}

    monkeypatch.setattr(PagesHandler, "get_response", decide)
    monkeypatch.setattr(live, "_group_send", hear)

    await PagesHandler()({**SCOPE, "path": "/"}, receive, send)

    answer = ["http.response.start", "http.response.body"]
    assert happened == [*answer, "drafts.decided", "drafts.held"]


@pytest.fixture
def streamed(monkeypatch):
    """A page that comes piece by piece for ever, and what was closed of it."""
    closed: list[str] = []

    async def pieces() -> AsyncIterator[bytes]:
        while True:
            yield b"one more"
            await asyncio.sleep(0.01)

    def stream(*_: object) -> StreamingHttpResponse:
        response = StreamingHttpResponse(pieces())
        response._resource_closers.append(lambda: closed.append("closed"))  # noqa: SLF001
        return response

    monkeypatch.setattr(PagesHandler, "get_response", stream)
    return closed


async def test_what_comes_piece_by_piece_ends_when_nobody_listens(streamed):
    asked = ApplicationCommunicator(PagesHandler(), {**SCOPE, "path": "/"})
    await asked.send_input({"type": "http.request", "body": b"", "more_body": False})
    for _ in range(3):
        await asked.receive_output(5)
    assert not streamed

    await asked.send_input({"type": "http.disconnect"})
    await asked.wait(5)

    assert streamed == ["closed"]


async def test_a_page_that_is_left_before_it_was_asked_for_is_not_made(monkeypatch):
    monkeypatch.setattr(PagesHandler, "get_response", lambda *_: pytest.fail("it was made"))
    asked = ApplicationCommunicator(PagesHandler(), {**SCOPE, "path": "/"})

    await asked.send_input({"type": "http.disconnect"})

    await asked.wait(5)


def test_a_file_that_is_open_stays_open(monkeypatch, tmp_path):
    monkeypatch.delenv("DATABASE_URL", raising=False)

    assert env.database(tmp_path)["CONN_MAX_AGE"] is None
