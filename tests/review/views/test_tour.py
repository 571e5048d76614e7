"""The tour: shown once, to who decides, and to who asks for it."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from review.forms import DeferForm
from review.models import Decision, Tour
from tests.conftest import make_user

HTMX = {"HX-Request": "true"}
SHOWN = 'id="tour"'
FETCHED = 'hx-get="/review/tour/" hx-trigger="load"'


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


def test_who_is_new_is_shown_round_until_it_is_over(desk, editor):
    assert FETCHED in desk.get("/review/").content.decode()
    assert FETCHED in desk.get("/review/").content.decode()

    answer = desk.post("/review/tour/", headers=HTMX)

    assert (answer.status_code, answer.content) == (200, b"")
    assert Tour.objects.get().user == editor
    assert FETCHED not in desk.get("/review/").content.decode()


def test_without_scripts_it_can_be_closed_and_asked_for_again(desk):
    assert desk.post("/review/tour/")["Location"] == "/review/"
    assert desk.post("/review/tour/").status_code == 302
    assert Tour.objects.count() == 1

    page = desk.get("/review/tour/").content.decode()

    assert SHOWN in page
    assert "<html" in page
    fragment = desk.get("/review/tour/", headers=HTMX).content.decode()
    assert fragment.lstrip().startswith('<section class="tour"')


def test_each_has_a_tour_of_their_own_and_who_only_reads_has_none(desk, other_editor, client):
    desk.post("/review/tour/")

    client.force_login(other_editor)
    assert FETCHED in client.get("/review/").content.decode()
    client.force_login(make_user("reader", ()))
    assert FETCHED not in client.get("/review/").content.decode()
    assert client.get("/review/tour/").status_code == 403


def test_the_help_has_the_forms_that_ask_why_for_who_decides(desk, client):
    page = desk.get("/review/help/").content.decode()

    assert '<template id="ask-r"><form' in re.sub(r"\s*\n\s*", "", page)
    assert page.count('name="reason"') == len(Decision.Reason.values)
    assert page.count('name="hours"') == len(DeferForm.DELAYS)
    assert "csrfmiddlewaretoken" not in page  # it is kept longer than one is good for
    client.force_login(make_user("reader", ("view_draft",)))
    assert "<template" not in client.get("/review/help/").content.decode()


def test_a_swap_brings_no_tour_and_neither_does_a_search(desk, draft):
    answer = desk.get("/review/", headers={**HTMX, "HX-Target": "desk"})

    assert FETCHED not in answer.content.decode()
    assert FETCHED not in desk.get("/review/?language=en").content.decode()


def test_an_empty_desk_offers_it(desk):
    assert 'href="/review/tour/"' in desk.get("/review/").content.decode().split('id="keys"')[0]


def test_an_empty_desk_whose_campaign_is_due_says_that_drafts_come(desk, campaign):
    assert "Every draft is decided" in desk.get("/review/").content.decode()
    campaign.starts_at = timezone.now()
    campaign.save(update_fields=["starts_at"])

    assert "The first drafts arrive in about a minute" in desk.get("/review/").content.decode()
