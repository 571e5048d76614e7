"""Pages by HTTP: a request stays in one thread, of a few that keep their database connections.

Django by itself starts a thread for each request's signals and takes another one for its view, each
with a connection of its own, and hands the request from the event loop to a thread and back for
every middleware. No view or middleware here is asynchronous, so one handover is enough.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from asgiref.sync import sync_to_async
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.signals import request_started
from django.db import close_old_connections
from django.http import HttpResponseBase
from django.urls import set_script_prefix

from generation import live

# One more than there are processors: they share one interpreter, and the more of them there are,
# the longer each waits for the others after each question to the database.
_THREADS = ThreadPoolExecutor(max(3, (os.cpu_count() or 1) + 1), thread_name_prefix="pages")


class PagesHandler(ASGIHandler):
    """Django's handler with a chain of middleware that is synchronous from end to end."""

    def load_middleware(self, is_async: bool = False) -> None:
        """Load it as a synchronous server does, whatever is asked for."""
        super().load_middleware(is_async=False)

    async def handle(self, scope: dict[str, Any], receive: Callable, send: Callable) -> None:
        """Answer in one of the threads; what other pages hear of goes out after the answer."""
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        set_script_prefix(get_script_prefix(scope))
        respond = sync_to_async(self._respond, thread_sensitive=False, executor=_THREADS)
        with body, live.gathered() as news:
            response = await respond(scope, body)
            if response.streaming:
                await self._stream(response, receive, send)
            else:
                await self.send_response(response, send)
        await live.send_all(news)

    def _respond(self, scope: dict[str, Any], body: IO[bytes]) -> HttpResponseBase:
        """Answer with connections that are fit to use, and give back those that are not kept.

        Django's signals at a request's beginning and end see to that, in the thread they run in.
        """
        request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response = refusal or self.get_response(request)
        response._handler_class = self.__class__  # noqa: SLF001  # Django's own handlers set it
        if response.streaming:
            close_old_connections()
        else:
            response.close()
        return response

    async def _stream(self, response: HttpResponseBase, receive: Callable, send: Callable) -> None:
        """Send what comes piece by piece, until there is no more of it or nobody listens."""
        sending = asyncio.ensure_future(self.send_response(response, send))
        leaving = asyncio.ensure_future(receive())
        try:
            await asyncio.wait([sending, leaving], return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            if not sending.done():
                sending.cancel()
            await asyncio.wait([sending, leaving])
            await sync_to_async(response.close, thread_sensitive=False, executor=_THREADS)()
        if not sending.cancelled():
            sending.result()
