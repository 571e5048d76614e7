"""The words that a brand never uses are a list of words."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from catalog.models import Brand


@pytest.mark.parametrize("words", ["cheap", {"cheap": 1}, [1], [["cheap"]], ["cheap", " "]])
def test_anything_else_is_refused_in_one_sentence(db, words):
    brand = Brand(slug="lumen", name="Lumen & Moss", banned_words=words)

    with pytest.raises(ValidationError) as refusal:
        brand.full_clean()

    assert refusal.value.message_dict == {
        "banned_words": ['These words are a list, such as ["cheap", "miracle"].']
    }


def test_an_emptied_box_in_the_admin_is_no_words(admin_client, db):
    brand = Brand.objects.create(slug="lumen", name="Lumen & Moss", banned_words=["cheap"])
    form = {"slug": "lumen", "name": "Lumen & Moss", "banned_words": ""}

    admin_client.post(f"/admin/catalog/brand/{brand.pk}/change/", form)

    assert Brand.objects.get().banned_words == []
