"""Imports under /api/v1/: the same services as the page's, the same sentences."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from catalog import importing
from catalog.models import FeedImport, Product
from tests.catalog.test_imports import MIXED
from tests.conftest import make_user


@pytest.fixture
def api(editor) -> APIClient:
    client = APIClient()
    client.force_authenticate(editor)
    return client


def upload(api: APIClient, **fields: str) -> dict:
    """Send a feed; give what the API made of it."""
    feed = SimpleUploadedFile("feed.csv", MIXED.encode())
    answer = api.post("/api/v1/imports/", {"file": feed, **fields}, format="multipart")
    assert answer.status_code == 201, answer.json()
    return answer.json()


def sentences(answer) -> list[str]:
    return [error["detail"] for error in answer.json()["errors"]]


def test_a_feed_is_looked_at_and_brought_in(api):
    made = upload(api)
    path = f"/api/v1/imports/{made['id']}/"
    assert (made["stage"], made["status"], made["requested_by"]) == ("preview", "queued", "lin")

    importing.carry_out(made["id"])
    seen = api.get(path).json()
    assert (seen["created"], seen["refused"], seen["format"]) == (2, 1, "generic")
    assert seen["refusals"] == [
        {"line": 3, "column": "price", "reason": "“soon” is not a price."},
    ]
    assert not Product.objects.exists()

    assert api.post(f"{path}start/").json()["stage"] == "import"
    importing.carry_out(made["id"])
    done = api.get("/api/v1/imports/?stage=import&status=finished").json()["results"]
    assert [(one["id"], one["place"], one["rows"]) for one in done] == [(made["id"], 3, 3)]
    assert Product.objects.count() == 2


def test_an_import_is_stopped_and_resumed_and_a_refusal_is_told(api):
    path = f"/api/v1/imports/{upload(api)['id']}/"

    assert api.post(f"{path}stop/").json()["failure"] == "lin stopped it."
    for act, sentence in (
        ("stop", "This import has ended already."),
        ("start", "Only a feed that was looked at can be brought in."),
    ):
        refused = api.post(f"{path}{act}/")
        assert (refused.status_code, sentences(refused)) == (400, [sentence])
    assert api.post(f"{path}resume/").json()["status"] == "queued"


def test_bad_input_is_refused_and_keeps_nothing(api):
    feed = SimpleUploadedFile("feed.csv", MIXED.encode())

    for wish in ({}, {"file": "feed.csv"}, {"file": feed, "format": "sonnet"}):
        answer = api.post("/api/v1/imports/", wish, format="multipart")
        assert answer.status_code == 400
        assert len(sentences(answer)) == 1
    assert not FeedImport.objects.exists()


def test_who_may_not_import_may_look_and_no_more(api):
    made = upload(api)
    api.force_authenticate(make_user("guest", ()))

    assert api.get("/api/v1/imports/").json()["results"][0]["id"] == made["id"]
    assert api.post(f"/api/v1/imports/{made['id']}/stop/").status_code == 403
    assert api.post("/api/v1/imports/", {}, format="multipart").status_code == 403
