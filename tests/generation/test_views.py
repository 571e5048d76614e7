"""The campaigns' pages: what they take, what they refuse and in which words."""

from __future__ import annotations

import pytest

from catalog.models import Campaign


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
