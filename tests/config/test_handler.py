"""What answers pages keeps its threads, and in each its connection."""

from __future__ import annotations

import threading

from asgiref.testing import ApplicationCommunicator
from django.http import HttpRequest, HttpResponse

from config import env
from config.handler import PagesHandler

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


def test_a_file_that_is_open_stays_open(monkeypatch, tmp_path):
    monkeypatch.delenv("DATABASE_URL", raising=False)

    assert env.database(tmp_path)["CONN_MAX_AGE"] is None
