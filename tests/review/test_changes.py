"""Changes are shown in the pieces in which a language is read, and lose nothing."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.changes import changes_of

TEXTS = st.text(alphabet="材质棉麻，。柔软！\n ab4厘米；", max_size=40)


@given(TEXTS, TEXTS, st.sampled_from(["zh-hans", "en"]))
def test_both_texts_can_be_read_off_the_changes(before, after, language):
    changes = changes_of(before, after, language)

    assert "".join(part for kind, part in changes if kind <= 0) == before
    assert "".join(part for kind, part in changes if kind >= 0) == after
    assert all(part for _, part in changes)
    kinds = [kind for kind, _ in changes]
    assert all(one != other for one, other in pairwise(kinds))


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        (  # a word in a clause that stays
            "用亚麻做成，触感柔软。",
            "用亚麻做成，触感凉爽。",
            [(0, "用亚麻做成，触感"), (-1, "柔软"), (1, "凉爽"), (0, "。")],
        ),
        (  # a clause that is another one, though two characters happen to stay
            "通勤路上，轻到忘了它的存在。重165克。",
            "通勤路上，放在包里不占地方。重165克。",
            [
                (0, "通勤路上，"),
                (-1, "轻到忘了它的存在。"),
                (1, "放在包里不占地方。"),
                (0, "重165克。"),
            ],
        ),
        (  # a clause that came, and none that went
            "用亚麻做成。重165克。",
            "用亚麻做成。手洗即可。重165克。",
            [(0, "用亚麻做成。"), (1, "手洗即可。"), (0, "重165克。")],
        ),
        (  # two that stand together, each changed by itself
            "颜色有雾蓝，尺寸为40厘米。",
            "颜色有深蓝，尺寸约40厘米。",
            [
                (0, "颜色有"),
                (-1, "雾"),
                (1, "深"),
                (0, "蓝，尺寸"),
                (-1, "为"),
                (1, "约"),
                (0, "40厘米。"),
            ],
        ),
    ],
)
def test_chinese_is_read_clause_by_clause(before, after, wanted):
    assert changes_of(before, after, "zh-hans") == wanted


def test_english_is_read_word_by_word():
    changes = changes_of("It weighs 820 g.", "It weighs only 820 g, dry.", "en")

    assert changes == [(0, "It weighs "), (1, "only "), (0, "820 g"), (1, ", dry"), (0, ".")]
