"""Each person sees times in their own zone, which a cookie names; nobody sees another's."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from config.zones import COOKIE, own_zone

ODD_NAMES = ["Asia", "Mars/Base", "../../etc/passwd", "/etc/localtime", "a\0b", "é", "", "x" * 4000]


def show(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(timezone.get_current_timezone_name())


async def show_later(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(timezone.get_current_timezone_name())


def asked(path: str = "/review/", zone: str | None = None) -> HttpRequest:
    request = RequestFactory().get(path)
    if zone is not None:
        request.COOKIES[COOKIE] = zone
    return request


def told(path: str = "/review/", zone: str | None = None) -> str:
    """The zone that a view finds."""
    return own_zone(show)(asked(path, zone)).content.decode()


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "UTC"])
def test_a_request_is_answered_in_the_zone_that_its_cookie_names(zone):
    assert told(zone=zone) == zone


async def test_so_it_is_where_the_server_is_asynchronous():
    answer = await own_zone(show_later)(asked(zone="Asia/Shanghai"))

    assert answer.content == b"Asia/Shanghai"
    assert timezone.get_current_timezone_name() == "UTC"


@pytest.mark.parametrize("zone", [None, *ODD_NAMES])
def test_without_a_name_or_with_one_of_nowhere_it_is_the_shops(settings, zone):
    settings.TIME_ZONE = "Europe/Berlin"

    assert told(zone=zone) == "Europe/Berlin"


def test_a_thread_keeps_nothing_of_a_request():
    told(zone="Asia/Shanghai")

    assert timezone.get_current_timezone_name() == "UTC"
    assert told() == "UTC"


def test_a_thread_keeps_nothing_of_a_request_that_failed():
    def fail(_request: HttpRequest) -> HttpResponse:
        raise LookupError

    with pytest.raises(LookupError):
        own_zone(fail)(asked(zone="Asia/Shanghai"))

    assert timezone.get_current_timezone_name() == "UTC"


def test_a_program_speaks_utc_wherever_it_and_the_shop_are(settings):
    settings.TIME_ZONE = "Europe/Berlin"

    assert told("/api/v1/drafts/", zone="Asia/Shanghai") == "UTC"


def test_the_storefront_is_the_same_wherever_its_visitor_is(client, db, product):
    assert told("/shop/en/", zone="Asia/Shanghai") == "UTC"
    for path in ("/shop/en/", f"/shop/en/{product.sku}/"):
        answer = client.get(path)

        assert answer.status_code == 200
        assert "js/zone.js" not in answer.content.decode()


def test_the_first_page_finds_out_the_zone(client, db):
    assert "js/zone.js" in client.get("/accounts/login/").content.decode()


def test_what_runs_behind_the_pages_is_in_the_shops_zone_and_its_clock_stays(tmp_path):
    code = (
        "import django; django.setup(); from django.utils import timezone; "
        "from config.celery import app; print(timezone.get_current_timezone_name(), app.timezone)"
    )
    ours = {
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "GALLEY_HOME": str(tmp_path),
        "GALLEY_TIME_ZONE": "Asia/Shanghai",
    }

    answer = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=settings.BASE_DIR,
        env={**os.environ, **ours},
        capture_output=True,
        text=True,
        check=True,
    )

    assert answer.stdout == "Asia/Shanghai UTC\n"
