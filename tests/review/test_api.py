"""The API: the same services, truthful status codes, and a schema without warnings."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Campaign
from generation.models import Draft, Run
from review.models import Decision


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr("review.tasks.deliver.delay", lambda pk: None)
    monkeypatch.setattr("generation.tasks.fill_run.delay", lambda pk: None)


@pytest.fixture
def api(editor):
    client = APIClient()
    client.force_authenticate(editor)
    return client


def test_it_asks_who_is_there(db):
    assert APIClient().get("/api/v1/drafts/").status_code in {401, 403}


@pytest.mark.parametrize("method", ["get", "head", "options"])
@pytest.mark.parametrize(
    "rows",
    ["products", "campaigns", "runs", "checkpoints", "drafts", "decisions", "publications"],
)
def test_reading_asks_the_permission_that_the_pages_ask(
    api, draft, rows, method, django_user_model
):
    guest = APIClient()
    guest.force_authenticate(django_user_model.objects.create_user("guest"))

    assert getattr(guest, method)(f"/api/v1/{rows}/").status_code == 403
    assert getattr(api, method)(f"/api/v1/{rows}/").status_code == 200


def test_drafts_are_decided_once(api, draft):
    first = api.post(f"/api/v1/drafts/{draft.pk}/approve/", {"version": 1})
    second = api.post(f"/api/v1/drafts/{draft.pk}/approve/", {"version": 1})

    assert (first.status_code, first.data["verdict"]) == (200, "approved")
    assert second.status_code == 409
    assert Decision.objects.count() == 1


def test_lists_are_narrowed_and_a_draft_asked_by_its_key_is_not(api, draft):
    asked = "?status=approved"

    assert api.get(f"/api/v1/drafts/{asked}").data["count"] == 0
    assert api.get(f"/api/v1/drafts/{draft.pk}/{asked}").data["id"] == draft.pk


@pytest.mark.parametrize("key", ["0", "none", "99999999999999999999"])
def test_a_draft_that_is_not_there_is_not_found(api, draft, key):
    assert api.get(f"/api/v1/drafts/{key}/").status_code == 404


def test_a_draft_is_read_in_one_query(api, draft, django_assert_num_queries):
    with django_assert_num_queries(2):  # the editor's permissions are the other
        api.get(f"/api/v1/drafts/{draft.pk}/")


def test_a_draft_is_given_with_its_explanation(api, draft):
    told = api.get(f"/api/v1/drafts/{draft.pk}/").data["explanation"]

    assert told == draft.explanation
    assert set(told) == {
        "logit",
        "baseline",
        "pulls",
        "elsewhere",
        "gap",
        "phrases",
        "rejections",
    }


def test_a_rejection_says_how_grave_the_fault_is_and_where(api, draft):
    sent = {"reason": "garbled", "severity": 3, "spans": [[0, 4]], "note": "odd"}

    answer = api.post(f"/api/v1/drafts/{draft.pk}/reject/", sent, format="json")

    told = answer.json()
    assert (answer.status_code, told["verdict"]) == (200, "rejected")
    assert (told["severity"], told["spans"], told["note"]) == (3, [[0, 4]], "odd")


def test_a_draft_is_put_off_until_a_time(api, draft):
    until = (timezone.now() + timedelta(hours=3)).isoformat()
    answer = api.post(f"/api/v1/drafts/{draft.pk}/defer/", {"until": until}, format="json")
    refused = api.post(
        f"/api/v1/drafts/{draft.pk}/defer/",
        {"until": "2001-01-01T00:00Z"},
        format="json",
    )

    assert (answer.status_code, answer.json()["verdict"]) == (200, "deferred")
    assert refused.status_code == 422


def test_a_rejection_needs_a_reason(api, draft):
    answer = api.post(f"/api/v1/drafts/{draft.pk}/reject/", {})

    assert answer.status_code == 400
    assert answer.data["errors"][0]["attr"] == "reason"
    assert Draft.objects.get(pk=draft.pk).status == "proposed"


def test_an_invented_number_is_refused(api, draft):
    answer = api.post(f"/api/v1/drafts/{draft.pk}/edit/", {"text": draft.text + " 99 years."})

    assert answer.status_code == 422


def test_a_campaign_is_opened_and_run(api, product, checkpoint):
    wish = {
        "name": "Summer",
        "kinds": ["description"],
        "languages": ["en"],
        "products": [product.sku],
        "channels": ["storefront"],
    }
    opened = api.post("/api/v1/campaigns/", wish, format="json")

    started = api.post("/api/v1/runs/", {"campaign": opened.data["slug"], "seed": 4}, format="json")

    assert (opened.status_code, started.status_code) == (201, 201)
    assert (started.data["slot_count"], started.data["seed"]) == (1, 4)
    assert Run.objects.get().requested_by.username == "lin"


def test_an_empty_campaign_is_refused(api, db):
    wish = {"name": "Nothing", "kinds": ["description"], "languages": ["en"], "products": []}

    answer = api.post("/api/v1/campaigns/", wish, format="json")

    assert answer.status_code == 400


def test_a_language_named_twice_is_refused_and_nothing_is_written(api, product):
    wish = {
        "name": "Twice",
        "kinds": ["description"],
        "languages": ["en", "en"],
        "products": [product.sku],
    }

    answer = api.post("/api/v1/campaigns/", wish, format="json")

    assert answer.status_code == 400
    assert (answer.data["errors"][0]["attr"], answer.data["errors"][0]["detail"]) == (
        "languages",
        "A list of languages, each once, out of: zh-hans, en.",
    )
    assert Campaign.objects.count() == 0


def test_closing_a_campaign_asks_for_its_change(api, publisher, drafts):
    refused = api.post("/api/v1/campaigns/spring/close/")
    assert refused.status_code == 403
    assert Draft.objects.awaiting_review().count() == 2
    api.force_authenticate(publisher)

    answers = [api.post("/api/v1/campaigns/spring/close/") for _time in range(2)]

    assert [(answer.status_code, answer.data["status"]) for answer in answers] == [
        (200, "closed"),
        (200, "closed"),
    ]
    assert not Draft.objects.awaiting_review().exists()


def test_lists_ask_a_fixed_number_of_questions(api, drafts, django_assert_num_queries):
    api.get("/api/v1/drafts/")
    with django_assert_num_queries(2):
        assert api.get("/api/v1/drafts/").data["count"] == 2


def test_the_schema_is_valid(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "s.yaml"))
