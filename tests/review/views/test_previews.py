"""A draft as its places show it: for htmx, for a plain browser, and while it is edited."""

from __future__ import annotations

import pytest
from django.urls import reverse

from generation.models import Draft
from review.services import edit_draft
from tests.conftest import make_user

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr("review.tasks.deliver.delay", lambda pk: None)


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


def url(name: str, draft: Draft) -> str:
    return reverse(f"review:{name}", args=[draft.pk])


def test_a_card_offers_its_places_and_shows_none(desk, draft):
    page = desk.get(url("draft-detail", draft)).content.decode()

    assert 'id="preview"' in page
    assert 'class="preview ' not in page
    assert 'name="place" value="search"' in page
    assert 'name="place" value="ad"' not in page


@pytest.mark.parametrize("place", ["page", "search", "phone"])
def test_a_place_is_a_fragment_for_htmx_and_a_page_without(desk, draft, place):
    fragment = desk.post(url("draft-preview", draft), {"place": place}, headers=HTMX)
    page = desk.get(url("draft-preview", draft), {"place": place})

    assert fragment.content.decode().lstrip().startswith(f'<div class="preview preview--{place}"')
    assert "<html" in page.content.decode()
    assert f'value="{place}" checked' in page.content.decode()
    assert f"preview--{place}" in page.content.decode()


@pytest.mark.parametrize("place", ["", "moon"])
def test_a_place_that_is_none_shows_nothing(desk, draft, place):
    answer = desk.post(url("draft-preview", draft), {"place": place}, headers=HTMX)

    assert answer.content.decode().strip() == ""


def test_what_an_editor_made_of_it_is_shown(desk, draft, editor):
    edit_draft(draft, editor=editor, text=f"{draft.text} Truly good.")

    answer = desk.post(url("draft-preview", draft), {"place": "page"}, headers=HTMX)

    assert "Truly good." in answer.content.decode()


def test_a_text_that_is_typed_is_escaped(desk, draft):
    sent = {"place": "page", "text": "<script>alert(1)</script>"}

    page = desk.post(url("draft-preview", draft), sent, headers=HTMX).content.decode()

    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_the_difference_brings_the_preview_that_is_open(desk, draft, django_assert_max_num_queries):
    typed = {"text": f"{draft.text} More."}
    alone = desk.post(url("draft-diff", draft), typed, headers=HTMX).content.decode()

    with django_assert_max_num_queries(4):  # session, user, permissions, draft
        both = desk.post(url("draft-diff", draft), {**typed, "place": "page"}, headers=HTMX)

    assert 'id="preview"' not in alone
    assert "<ins> More.</ins>" in both.content.decode()
    assert '<div id="preview" hx-swap-oob="innerHTML">' in both.content.decode()
    assert f"<b>{len(typed['text'])}</b> of" in both.content.decode()


def test_who_only_reads_may_look_and_a_guest_may_not(client, draft, django_user_model):
    client.force_login(make_user("reader", ()))
    assert client.get(url("draft-preview", draft)).status_code == 200
    client.force_login(django_user_model.objects.create_user("guest"))
    assert client.get(url("draft-preview", draft)).status_code == 403


@pytest.mark.parametrize(("source", "is_sample"), [("starter", True), ("", False)])
def test_a_draft_for_a_product_of_the_sample_shop_says_so(desk, draft, source, is_sample):
    draft.product.source = source
    draft.product.save(update_fields=["source"])

    page = desk.get(url("draft-detail", draft)).content.decode()

    assert (">Sample</span>" in page) is is_sample
