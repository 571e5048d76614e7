"""In whose time a page shows and reads times: in that of its reader, or else in the shop's.

A browser names its zone in a cookie that `static/js/zone.js` sets. Threads are used for one person
after another, so a zone holds for a request and is let go when it is answered.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.decorators import sync_and_async_middleware

COOKIE = "galley-zone"
_UTC = ZoneInfo("UTC")
# What is the same for everybody: programs get and give UTC, and the storefront can be kept by
# caches that do not look at cookies.
_PROGRAMS, _VISITORS = "/api/", "/shop/"


@sync_and_async_middleware
def own_zone(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Answer each request in its reader's zone, and leave none behind."""
    if iscoroutinefunction(get_response):

        async def answer(request: HttpRequest) -> HttpResponseBase:
            with timezone.override(zone_of(request)):
                return await get_response(request)

    else:

        def answer(request: HttpRequest) -> HttpResponseBase:
            with timezone.override(zone_of(request)):
                return get_response(request)

    return answer


def zone_of(request: HttpRequest) -> ZoneInfo | None:
    """The zone that a request is answered in; None is the shop's."""
    path = request.path_info
    if path.startswith(_PROGRAMS):
        return _UTC
    name = request.COOKIES.get(COOKIE)
    if not name or path.startswith(_VISITORS) or name not in _names():
        return None
    return _zone(name)


@cache
def _names() -> frozenset[str]:
    """All there are, which takes some hundredths of a second to find out."""
    return frozenset(available_timezones())


@cache
def _zone(name: str) -> ZoneInfo:
    """A zone that there is; a cookie can make no more of them than there are names."""
    return ZoneInfo(name)
