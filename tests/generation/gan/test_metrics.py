"""Figures against arithmetic done by hand, and against the libraries that published tables used."""

from __future__ import annotations

import random
import warnings

import pytest

from generation.gan import metrics

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the oracles' own business
    from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu
    from rouge_chinese import Rouge
    from sacrebleu.metrics import BLEU

LETTERS = "托盘用榉木做成，边沿磨得圆润。"


def scribble(seed: int, size: int, letters: str = LETTERS) -> str:
    """A text of few letters, so that long n-grams do match now and then."""
    return "".join(random.Random(seed).choices(letters[:6], k=size))


def corpus(texts: int = 20) -> tuple[list[str], list[list[str]]]:
    """Texts with one to three references each, of several lengths."""
    written = [scribble(at, 5 + at) for at in range(texts)]
    others = [
        [scribble(100 * at + n, max(2, 6 + at - 3 * n)) for n in range(1 + at % 3)]
        for at in range(texts)
    ]
    return written, others


def test_distinct_counts_each_n_gram_once():
    # Bigrams: ab, bc; ab, bd: three of four are different.
    assert metrics.distinct([list("abc"), list("abd")], 2) == 0.75


def test_identical_texts_have_a_self_bleu_of_one():
    assert metrics.self_bleu([list("abcdef")] * 3) == pytest.approx(1.0)


def test_texts_with_nothing_in_common_have_a_self_bleu_of_nought():
    assert metrics.self_bleu([list("abcd"), list("efgh")]) == 0.0


def test_corpus_bleu_is_sacrebleus():
    written, others = corpus()
    padded = [[*some, *([None] * (3 - len(some)))] for some in others]
    spaced = [[None if t is None else " ".join(t) for t in row] for row in zip(*padded)]  # noqa: B905
    oracle = BLEU(tokenize="none", force=True, smooth_method="none")
    told = oracle.corpus_score([" ".join(text) for text in written], spaced)

    assert 10 < told.score < 80
    assert metrics.corpus_bleu(written, others) == pytest.approx(told.score)


def test_corpus_bleu_of_a_size_that_never_matches_is_nought():
    assert metrics.corpus_bleu(["abcd"], [["abdc"]]) == 0.0
    assert metrics.corpus_bleu([], []) == 0.0


def test_a_short_corpus_pays_for_its_brevity():
    # All n-grams match; exp(1 - 8 / 4) of 100. Against the reference of 5 letters: exp(1 - 5 / 4).
    assert metrics.corpus_bleu(["abcd"], [["abcdefgh"]]) == pytest.approx(36.787944)
    assert metrics.corpus_bleu(["abcd"], [["abcdefgh", "abcde"]]) == pytest.approx(77.880078)


def test_chatglms_bleu_is_nltks_with_its_third_smoothing():
    written, others = corpus()
    written += ["xyz", "", "托", "木托用盘"]  # nothing alike, nothing at all, too short, no 4-gram
    references = [*(some[0] for some in others), "托盘", "托盘", "托盘", "托盘用木"]
    third = SmoothingFunction().method3
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        told = [
            sentence_bleu([list(reference)], list(text), smoothing_function=third)
            for text, reference in zip(written, references, strict=True)
        ]

    assert metrics.chatglm_bleu(written, references) == pytest.approx(100 * sum(told) / len(told))
    assert metrics.chatglm_bleu(written[-1:], references[-1:]) == pytest.approx(100 * told[-1])


def test_rouge_l_is_rouge_chineses():
    written, others = corpus()
    for text, some in zip(written, others, strict=True):
        told = [Rouge().get_scores(" ".join(text), " ".join(other))[0] for other in some]

        assert metrics.rouge_l(text, some) == pytest.approx(
            100 * max(score["rouge-l"]["f"] for score in told), abs=1e-5
        )


def test_rouge_l_of_nothing_is_nought():
    assert metrics.rouge_l("", ["abc"]) == metrics.rouge_l("abc", [""]) == 0.0


def test_self_bleu_is_nltks_with_its_second_smoothing():
    texts = [list(scribble(at, 5 + at)) for at in range(12)]
    second = SmoothingFunction().method2
    told = [
        sentence_bleu([*texts[:at], *texts[at + 1 :]], text, smoothing_function=second)
        for at, text in enumerate(texts)
    ]

    assert metrics.self_bleu(texts) == pytest.approx(sum(told) / len(told))


def test_self_bleu_of_so_many_texts_is_that_of_a_seeded_choice():
    texts = [list(scribble(at, 9)) for at in range(40)]

    chosen = metrics.self_bleu(texts, size=10, seed=1)

    assert chosen == metrics.self_bleu(random.Random(1).sample(texts, 10))
    assert chosen != metrics.self_bleu(texts, size=10, seed=2)
    assert metrics.self_bleu(texts, size=99) == metrics.self_bleu(texts)


def test_repetition_is_the_share_of_texts_that_say_a_4_gram_twice():
    assert metrics.repetition(["abcdabcd", "abcdefgh", "aaaaa", "abc"]) == 0.5
    assert metrics.repetition([]) == 0.0


def test_tokens_are_characters_in_chinese_and_words_and_marks_in_english():
    assert metrics.tokens("宽 24厘米。", "zh") == ["宽", "2", "4", "厘", "米", "。"]
    assert metrics.tokens("It's 4.5 cm wide.", "en") == ["it's", "4.5", "cm", "wide", "."]


def test_the_area_under_the_curve_counts_ties_half():
    # Pairs: 3>1, 3>2, 2>1 win, 2=2 is half: 3.5 of 4.
    assert metrics.auc([3.0, 2.0], [1.0, 2.0]) == 0.875


def test_a_clause_said_twice_is_found():
    assert metrics.repeats(list("滤油更彻底，滤油更彻底"))
    assert not metrics.repeats(list("滤油更彻底，倒油不挂壶"))


def test_texts_that_became_alike_raise_the_alarm():
    varied = [list("abcdefgh"), list("ijklmnop")]

    assert metrics.collapsed([list("abababab")] * 4, metrics.distinct(varied, 2))
    assert not metrics.collapsed(varied, metrics.distinct(varied, 2))


@pytest.mark.parametrize(
    ("text", "is_stutter"),
    [
        ("Care is simple is simple: wipe dry.", True),
        ("Hand wash cold, cold.", True),
        ("打理打理很简单。", True),
        ("日常打理：日常打理很简单。", True),
        ("Care is simple: wipe dry.", False),
        ("Size 40 cm, depth 40 cm.", False),
        ("好好睡一觉。", False),
    ],
)
def test_a_stutter_is_a_stretch_said_twice_in_a_row(text, is_stutter):
    assert metrics.stutters(text) == is_stutter


def test_what_a_text_says_again_is_counted_by_its_ngrams_whatever_its_length():
    once, twice = list("abcdefg"), list("abcdXabcd")  # 4 4-grams, and 6 of which abcd is one again

    assert metrics.repeated([once, twice]) == pytest.approx(1 / 10)
    assert metrics.repeated([twice]) == pytest.approx(1 / 6)
    assert metrics.repeated([["a"]]) == 0.0
