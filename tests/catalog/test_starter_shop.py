"""The starter shop keeps its own rules, and loads once."""

from __future__ import annotations

import json
import re

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from catalog.management.commands.load_starter_shop import FOLDER
from catalog.models import BuyerReview, Campaign, Product, ProductText

ITEMS = [
    json.loads(line)
    for path in sorted(FOLDER.glob("*.jsonl"))
    for line in path.read_text(encoding="utf-8").splitlines()
]
CLAIMS = re.compile(
    r"最[好佳优高大]|第一名|顶级|唯一|国家级|\b(?:the best|perfect|No\. 1)\b", re.IGNORECASE
)


def test_it_holds_240_products_in_twelve_categories():
    assert len({item["sku"] for item in ITEMS}) == len(ITEMS) == 240
    assert len({item["category"] for item in ITEMS}) == 12


def test_the_split_is_by_product_and_leaves_nobody_out():
    split = json.loads((FOLDER / "split.json").read_text())

    assert [len(split[part]) for part in ("train", "dev", "test")] == [168, 24, 48]
    assert sorted(sku for part in split.values() for sku in part) == sorted(
        item["sku"] for item in ITEMS
    )


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item["sku"])
def test_a_products_copy_keeps_the_rules(item):
    for language, ad_limit in (("zh", 30), ("en", 60)):
        texts = item["descriptions"][language] + item["ads"][language]
        assert not any(CLAIMS.search(text) for text in texts)
        assert all(len(text) <= ad_limit for text in item["ads"][language])
        assert 5 <= len(item["attributes"][language]) <= 9
    assert (settings.BASE_DIR / "static" / "shop" / f"{item['sku']}.svg").is_file()


def test_it_loads_once(db):
    call_command("load_starter_shop")
    call_command("load_starter_shop")

    assert Product.objects.count() == 240
    assert ProductText.objects.count() == 480
    assert BuyerReview.objects.count() == 1200
    assert Campaign.objects.count() == 3
    assert Campaign.objects.exclude(starts_at=None).count() == 2


def test_a_new_shop_has_drafts_written_at_once(db):
    call_command("load_starter_shop")

    assert Campaign.objects.due(timezone.now()).get().slug == "kitchen-refresh"
