"""Rules find what they must, in both languages, and nothing else."""

from __future__ import annotations

import pytest
from django.utils import translation

from generation import checks
from generation.texts import Brief


def brief(language: str = "en", **changes) -> Brief:
    fields = {
        "product_ref": "T-1",
        "kind": "description",
        "language": language,
        "title": "Hearth skillet, 24 cm" if language == "en" else "晨炉煎锅 24厘米",
        "brand": "Lumen & Moss",
        "category": "kitchen",
        "attributes": (("size", "24 cm across, 1,200 ml"), ("weight", "1.90 kg")),
        "audience": "",
        "tone": "",
        "min_chars": 5,
        "max_chars": 90,
        "banned": ("luxurious", "奢华"),
    }
    return Brief(**{**fields, **changes})


def codes(text: str, language: str = "en", **changes) -> list[str]:
    return [finding.code for finding in checks.screen(text, brief(language, **changes))]


@pytest.mark.parametrize(
    "text",
    [
        "A pan of 24 cm that weighs 1.9 kg.",
        "It holds 1200 ml of soup.",
        "It holds 1,200 ml of soup.",
        "One pan, two lips 🍳, no noise.",
    ],
)
def test_a_true_text_passes(text):
    assert codes(text) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [("A pan of 25 cm.", (9, 11)), ("It weighs 1.95 kg.", (10, 14)), ("Since 1998.", (6, 10))],
)
def test_a_number_without_a_fact_is_found_in_its_place(text, place):
    [finding] = checks.screen(text, brief())

    assert (finding.code, finding.severity) == ("number_not_in_brief", "hard")
    assert (finding.start, finding.end) == place


def test_full_width_digits_are_digits():
    assert codes("直径２４厘米的锅。", "zh-hans") == []
    assert codes("直径２５厘米的锅。", "zh-hans") == ["number_not_in_brief"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("这是最好的一口锅。", "zh-hans"),
        ("国家级品质的锅。", "zh-hans"),
        ("The best pan you own.", "en"),
        ("Guaranteed to please.", "en"),
    ],
)
def test_superlatives_are_refused(text, language):
    assert codes(text, language) == ["superlative"]


@pytest.mark.parametrize(
    ("text", "language"),
    [("第一口热汤给自己。", "zh-hans"), ("Bestow it on a friend.", "en")],
)
def test_words_that_only_look_like_superlatives_pass(text, language):
    assert codes(text, language) == []


def test_a_brands_banned_words_are_refused():
    assert codes("A luxurious pan for all.") == ["banned_word"]
    assert codes("奢华的一口锅。", "zh-hans") == ["banned_word"]


def test_limits_count_code_points():
    assert codes("锅" * 90, "zh-hans") == ["no_ending"]
    assert codes("锅" * 91, "zh-hans") == ["too_long", "no_ending"]
    assert codes("锅。", "zh-hans") == ["too_short"]


def test_another_language_is_refused():
    assert codes("一口好锅，早晨用它煎蛋。") == ["wrong_language"]
    assert codes("A good pan for mornings.", "zh-hans") == ["wrong_language"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Чайник из стали. It is 24 см. материал: сталь.", "en"),
        ("Meet the 스테인리스 주전자.", "en"),
        ("ステンレスケトル，容量为24厘米。素材为ステンレス鋼。", "zh-hans"),
    ],
)
def test_a_text_in_the_script_of_a_third_language_is_refused(text, language):
    assert codes(text, language) == ["wrong_language"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("UNIQLO ユニクロ tee for long summers.", "en"),
        ("Ω fish oil, 24 cm of it.", "en"),
        ("Ω 24 cm.", "en"),
        ("ＳＨＩＳＥＩＤＯの手账本，日々好日。", "zh-hans"),
        ("①轻 ②稳 ③好洗，Ⅱ代。", "zh-hans"),
    ],
)
def test_a_name_or_a_sign_in_another_script_is_no_third_language(text, language):
    assert codes(text, language) == []


def test_an_empty_text_has_one_finding():
    assert codes("   ") == ["empty"]


def test_a_clause_said_twice_is_a_query():
    [finding] = checks.screen("滤油更彻底，倒油方便，滤油更彻底。", brief("zh-hans"))

    assert (finding.code, finding.severity, finding.start) == ("repeated", "soft", 11)


@pytest.mark.parametrize(
    ("text", "other", "is_found"),
    [
        (
            "A plain lamp of oak for a desk, a shelf or the quiet end of a long and busy sofa.",
            "A plain lamp of elm for a desk, a shelf or the quiet end of a long and busy sofa.",
            True,
        ),
        (
            "榉木做的托盘，宽24厘米，放得下早餐和一本书，边沿磨得圆润，端起来很稳。",
            "橡木做的托盘，宽24厘米，放得下早餐和一本书，边沿磨得圆润，端起来很稳。",
            True,
        ),
        ("好", "好", True),
        (
            "A plain lamp of oak for a desk, a shelf or the quiet end of a long and busy sofa.",
            "A wool scarf, long enough for two turns, woven by hand in a town on a river.",
            False,
        ),
    ],
)
def test_texts_that_are_nearly_the_same_have_a_band_in_common(text, other, is_found):
    assert len(checks.bands(text)) == 12
    assert bool(set(checks.bands(text)) & set(checks.bands(other))) == is_found


def test_bands_are_what_the_database_keeps():
    """Another value here means that every stored text must be given its bands anew."""
    assert checks.bands("Oak tray")[:2] == [954621680, 8139945482]


def test_near_duplicates_share_most_trigrams():
    assert checks.is_near_duplicate("Made of cast iron for eggs.", "Made of cast iron for egg.")
    assert not checks.is_near_duplicate("Made of cast iron.", "Comes in charcoal.")


def test_a_kept_finding_is_said_in_the_readers_language():
    kept = [finding.to_dict() for finding in checks.screen("A pan of 25 cm.", brief())]

    with translation.override("en"):
        [english] = checks.told(kept)
    with translation.override("zh-hans"):
        [chinese] = checks.told(kept)

    assert english["message"] == "The number 25 stands in no fact of this product."
    assert "25" in chinese["message"]
    assert chinese["message"] != english["message"]


def test_every_kind_of_finding_has_a_sentence():
    texts = [
        ("", {}),
        ("Pan.", {"max_chars": 3, "min_chars": 1}),
        ("Pan.", {"min_chars": 50}),
        ("A pan of 25 cm.", {}),
        ("The best pan, a luxurious one.", {}),
        ("这是一口锅，非常好用。", {}),
        ("A quiet pan without end", {}),
        ("Hearth skillet, 24 cm.", {}),
        ("It fits well, it fits well.", {}),
    ]
    found = [
        finding for text, changes in texts for finding in checks.screen(text, brief(**changes))
    ]

    sentences = {checks.sentence(finding.code, finding.values) for finding in found}
    assert {finding.code for finding in found} == {
        "empty",
        "too_long",
        "too_short",
        "number_not_in_brief",
        "superlative",
        "banned_word",
        "wrong_language",
        "no_ending",
        "like_title",
        "repeated",
    }
    assert all("%(" not in words for words in sentences)


@pytest.mark.parametrize(
    ("text", "language", "required", "untold"),
    [
        ("A pan, 24 cm across.", "en", ("size",), []),  # the first of what the fact lists
        ("It holds 1,200 ml of soup.", "en", ("size",), []),
        ("A pan of 24 cm.", "en", ("size",), ["size"]),
        ("It weighs 1.90 kg.", "en", ("size", "weight", "colour"), ["size"]),  # no colour is known
        ("A pan of 1.9 kg.", "en", (), []),
        ("锅重1.90 KG。", "zh-hans", ("weight",), []),
    ],
)
def test_a_fact_that_has_to_be_told_is_missed(text, language, required, untold):
    found = checks.check_edit(text, brief(language, required=required))

    missed = [finding for finding in found if finding.code == "untold"]
    assert [finding.values["fact"] for finding in missed] == untold
    assert {finding.severity for finding in missed} <= {"hard"}


def test_a_brief_that_an_older_version_kept_has_left_nothing_out():
    kept = brief().to_dict()
    del kept["left_out"]

    assert Brief.from_dict(kept) == brief()
