"""What a brief may hold: a third language is told, and names in one are not taken for it."""

from __future__ import annotations

import json

import pytest
from django.conf import settings

from generation.gan.briefing import is_in_third_language

SHOP = settings.BASE_DIR / "catalog" / "starter_shop"


@pytest.mark.parametrize(
    ("title", "values"),
    [
        ("Чайник из стали", ["сталь", "1,5 л"]),
        ("Kettle", ["нержавеющая сталь", "для чая и кофе"]),
        ("Чайник", ["1.5", "24 × 16"]),
        ("ステンレスケトル", ["ステンレス鋼", "1.5L"]),
        ("電気ケトル", ["ステンレス鋼", "保温"]),
        ("스테인리스 주전자", ["스테인리스"]),
        ("Bouilloire en acier inoxydable", ["1,5 l", "pour le thé et le café"]),
        ("Wasserkocher aus Edelstahl", ["Edelstahl", "für Tee und Kaffee"]),
        ("Chaleira de aço inoxidável", ["aço inoxidável", "para chá e café"]),
    ],
)
def test_a_brief_in_a_third_language_is_told(title, values):
    assert is_in_third_language(title, values)


@pytest.mark.parametrize(
    ("title", "values"),
    [
        ("ANNA SUI Women La Vie De Boheme EDT 75ml", ["ANNA SUI", "Women"]),
        ("La Vie De Boheme", ["75"]),
        ("Crème de la Mer moisturizing cream", ["60 ml", "dry skin"]),
        ("L'Oréal Crème", ["50ml"]),
        ("UNIQLO ユニクロ tee", ["cotton", "white"]),
        ("SHISEIDO 资生堂", ["ザ・コラーゲン", "片剂"]),
        ("Nescafé 胶囊机", ["Dolce Gusto Crème", "红色"]),
        ("WH-1000XM5", ["Sony", "黑色"]),
        ("Ω", ["5 Ω"]),
        ("24", []),
    ],
)
def test_a_name_in_a_third_language_is_not_taken_for_a_brief_in_it(title, values):
    assert not is_in_third_language(title, values)


def test_no_product_of_the_bundled_shop_is_taken_for_one():
    told = [
        (product["sku"], language)
        for path in sorted(SHOP.glob("*.jsonl"))
        for product in map(json.loads, path.read_text(encoding="utf-8").splitlines())
        for language in ("zh", "en")
        if is_in_third_language(
            product["title"][language],
            [
                *(value for _, value in product["attributes"][language]),
                product["audience"][language],
            ],
        )
    ]

    assert told == []
