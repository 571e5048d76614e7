"""Nearly the same texts are found again; texts that only sound alike are not."""

from __future__ import annotations

from generation.gan.likeness import Likenesses

WORDS = "tray bowl lamp chair scarf mug shelf stool bench clock".split()  # noqa: SIM905
LONG = " ".join(f"{WORDS[at % 10]} number {at} stands on its own" for at in range(12))


def test_a_text_of_which_a_word_was_changed_is_nearly_the_same():
    likenesses = Likenesses()

    assert likenesses.like("Something else altogether, made of cork and felt.", "en") is None
    assert likenesses.like(LONG, "en") is None
    assert likenesses.like(LONG.replace("number 7", "number 99"), "en") == 1


def test_a_text_that_shares_a_third_is_another_one():
    likenesses = Likenesses()
    half = LONG[: len(LONG) // 2]

    likenesses.like(LONG, "en")

    assert likenesses.like(f"{half} {half.upper()[::-1]}", "en") is None


def test_chinese_is_compared_by_its_characters():
    likenesses = Likenesses()
    text = "榉木做的托盘，宽二十四厘米，放得下早餐和一本书，边沿磨得圆润，端起来很稳。"

    likenesses.like(text, "zh")

    assert likenesses.like(text.replace("很稳", "稳当"), "zh") == 0
    assert likenesses.like("亚麻桌布，吸水，洗过以后更软，颜色像雾里的蓝。", "zh") is None


def test_words_may_be_cut_elsewhere():
    def stems(text, language):
        return [word.rstrip("s") for word in text.lower().split()]

    likenesses = Likenesses(words=stems)
    text = "lamps and chairs and trays and bowls and mugs"

    likenesses.like(text, "en")

    assert likenesses.like(text.replace("s", ""), "en") == 0
    assert Likenesses().like(text.replace("s", ""), "en") is None
