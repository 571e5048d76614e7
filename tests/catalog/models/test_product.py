"""A product's SKU fits an address and its facts are pairs, whoever writes them."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from catalog.models import Product, ProductText

SENTENCE = (
    "Facts are a list of pairs of a name and a value, such as [[&quot;material&quot;, "
    "&quot;oak&quot;]]."
)


@pytest.mark.parametrize("sku", ["A 1", "A/1", "100%"])
def test_a_sku_that_fits_no_address_is_refused_in_one_sentence(db, sku):
    with pytest.raises(ValidationError) as refusal:
        Product(sku=sku).full_clean()

    assert refusal.value.message_dict == {"sku": ["A SKU has no spaces and none of / \\ ? # %."]}


@pytest.mark.parametrize(
    "facts",
    [
        ["steel", "iron"],
        [["material"]],
        [["material", "oak", "oiled"]],
        [["material", " "]],
        [["weight", 2]],
        {"material": "oak"},
        "material: oak",
        7,
    ],
)
def test_facts_that_are_no_pairs_are_refused_in_one_sentence(product, facts):
    text = product.text("en")
    text.attributes = facts

    with pytest.raises(ValidationError) as refusal:
        text.full_clean()

    assert refusal.value.message_dict == {
        "attributes": [
            'Facts are a list of pairs of a name and a value, such as [["material", "oak"]].'
        ]
    }


@pytest.mark.parametrize("nothing", [[], {}, "", None])
def test_whatever_is_empty_is_no_facts(product, nothing):
    text = product.text("en")
    text.attributes = nothing

    text.full_clean()

    assert text.attributes == []


def test_the_admin_refuses_them_and_changes_nothing(admin_client, product):
    text = product.text("en")
    before = text.attributes
    form = {
        "sku": product.sku,
        "texts-TOTAL_FORMS": 1,
        "texts-INITIAL_FORMS": 1,
        "texts-0-id": text.pk,
        "texts-0-product": product.pk,
        "texts-0-language": "en",
        "texts-0-title": text.title,
        "texts-0-attributes": '["steel", "iron"]',
    }

    page = admin_client.post(f"/admin/catalog/product/{product.pk}/change/", form)

    assert SENTENCE in page.content.decode()
    assert ProductText.objects.get(pk=text.pk).attributes == before
