"""Pages by HTTP: a request stays in one thread, of a few that keep their database connections.

Django by itself takes a new thread for each request, which opens a connection of its own, and
hands the request from the event loop to that thread and back for every middleware. No view or
middleware here is asynchronous, so one handover is enough.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponseBase

# One more than there are processors: they share one interpreter, and the more of them there are,
# the longer each waits for the others after each question to the database.
_THREADS = ThreadPoolExecutor(max(3, (os.cpu_count() or 1) + 1), thread_name_prefix="pages")


class PagesHandler(ASGIHandler):
    """Django's handler with a chain of middleware that is synchronous from end to end."""

    def load_middleware(self, is_async: bool = False) -> None:
        """Load it as a synchronous server does, whatever is asked for."""
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request in one of the threads."""
        respond = sync_to_async(self._respond, thread_sensitive=False, executor=_THREADS)
        return await respond(request)

    def _respond(self, request: HttpRequest) -> HttpResponseBase:
        """Answer it with connections that are fit to use, and give back those that are not kept.

        Django's own signals do that in a thread that has none.
        """
        close_old_connections()
        try:
            return self.get_response(request)
        finally:
            close_old_connections()
