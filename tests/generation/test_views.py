"""The campaigns' pages: what they take, what they refuse and in which words."""

from __future__ import annotations

import pytest
from django.urls import reverse

from catalog.models import Campaign
from generation.models import Draft, Run


@pytest.fixture
def shop(client, editor):
    """A signed-in editor's browser."""
    client.force_login(editor)
    return client


@pytest.fixture
def wish(product) -> dict[str, object]:
    """What an editor types to open a campaign."""
    return {
        "name": "Spring 🌱 春",
        "kinds": ["1"],
        "languages": ["en"],
        "variants": "2",
        "skus": product.sku,
    }


def test_a_campaign_is_opened_for_the_products_named(shop, wish, product):
    answer = shop.post("/campaigns/new/", wish | {"skus": f"{product.sku}，\n{product.sku}"})

    assert answer.status_code == 302
    assert [item.sku for item in Campaign.objects.get().products.all()] == [product.sku]


@pytest.mark.parametrize(
    ("unknown", "sentence"),
    [
        ("NOT-A-SKU", "There is no product with these SKUs: NOT-A-SKU."),
        ("A,B,C,D,E", "There is no product with these SKUs: A, B, C, D, E."),
        ("F\nE\nD\nC\nB\nA", "There is no product with these SKUs: F, E, D, C, B and 1 more."),
    ],
)
def test_unknown_products_are_named_and_nothing_typed_is_lost(shop, wish, unknown, sentence):
    answer = shop.post("/campaigns/new/", wish | {"skus": f"{wish['skus']}, {unknown}"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert f"{wish['skus']}, {unknown}</textarea>" in page
    assert 'value="Spring 🌱 春"' in page
    assert '<input type="number" name="variants" value="2"' in page
    assert page.count(" checked>") == 2
    assert Campaign.objects.count() == 0


def test_a_second_press_of_the_button_is_refused_in_one_sentence(shop, run, campaign):
    page = shop.post(f"/campaigns/{campaign.slug}/runs/", follow=True).content.decode()

    assert "A run of this campaign is under way; wait until it has ended." in page
    assert Run.objects.count() == 1


def test_a_campaign_started_early_still_shows_its_hour(shop, run, campaign):
    Campaign.objects.update(starts_at="2099-05-04T03:02Z")

    page = shop.get("/campaigns/spring/").content.decode()
    assert "starts by itself at 2099-05-04 03:02</p>" in page
    assert "<td>2099-05-04 03:02</td>" in shop.get("/campaigns/").content.decode()

    Campaign.objects.update(starts_at="2020-05-04T03:02Z")

    assert "starts by itself" not in shop.get("/campaigns/spring/").content.decode()
    assert "<td>started " in shop.get("/campaigns/").content.decode()


def test_a_publisher_closes_a_campaign_on_its_page(client, publisher, drafts, campaign):
    client.force_login(publisher)
    path = reverse("generation:campaign-close", args=[campaign.slug])
    assert f'action="{path}"' in client.get("/campaigns/spring/").content.decode()

    page = client.post(path, follow=True).content.decode()

    assert "The campaign is closed; its undecided drafts have left the desk." in page
    assert path not in page
    assert not Draft.objects.awaiting_review().exists()


def test_who_may_not_close_a_campaign_has_no_button(shop, drafts, campaign):
    path = reverse("generation:campaign-close", args=[campaign.slug])

    assert path not in shop.get("/campaigns/spring/").content.decode()
    assert shop.post(path).status_code == 403
    assert Draft.objects.awaiting_review().count() == 2
