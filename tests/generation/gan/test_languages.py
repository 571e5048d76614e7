"""Chinese and English are known, everything else is a third language."""

from __future__ import annotations

import pytest

from generation.gan.languages import THIRD, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("榉木做的托盘，宽24厘米。", "zh"),
        ("這款橡木托盤寬24厘米，適合在床上享用早餐。", "zh"),
        ("两个USB-C加一个USB-A，总功率65 W。单口USB-C跑满65 W，USB-A 22.5 W。", "zh"),
        ("An oak tray, 24 cm wide.", "en"),
        ("GUESS Indigo Pour Homme Eau De Toilette", "en"),
        ("Whirlpool washer, 24' built-in: care plus, 4.5 cu. ft., du1055bk", "en"),
        ("Ein leichter Rucksack aus recyceltem Nylon mit drei Fächern.", THIRD),
        ("Un plateau en chêne huilé pour le petit déjeuner au lit.", THIRD),
        ("Bandeja de roble aceitado, de 24 cm de ancho, para desayunar en la cama.", THIRD),
        ("Khay gỗ sồi rộng 24 cm dùng cho bữa sáng.", THIRD),
        ("オーク材のトレイ、幅24センチ。ベッドでの朝食に。", THIRD),
        ("참나무로 만든 24cm 쟁반입니다.", THIRD),
        ("Поднос из дуба шириной 24 см.", THIRD),
        ("صينية من خشب البلوط", THIRD),
        ("24 × 16, 100 % !", ""),
    ],
)
def test_a_language_is_told_by_script_and_common_words(text, language):
    assert language_of(text) == language
