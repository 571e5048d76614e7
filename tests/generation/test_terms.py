"""What a full-text index keeps of a text, and what is searched for in it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from generation.terms import Phrase, phrases, spelt, terms


def test_each_chinese_character_is_a_term_and_so_is_each_word():
    assert terms("铸铁锅 24cm, Cast-iron") == [
        "xe993b8",
        "xe99381",
        "xe99485",
        "24cm",
        "cast",
        "iron",
    ]


def test_a_phrase_may_go_on_where_a_word_is_being_typed():
    assert phrases("linen 铸铁 a") == [
        Phrase(["linen"], goes_on=True),
        Phrase(["xe993b8", "xe99381"], goes_on=False),
        Phrase(["a"], goes_on=False),
    ]
    assert phrases("LM-KIT-001") == [Phrase(["lm", "kit", "001"], goes_on=True)]
    assert phrases(' 。 "" ') == []


@given(st.text(), st.text())
def test_no_term_is_anything_but_letters_and_digits_of_ascii(one, other):
    kept = spelt(one, other)

    assert kept.isascii()
    assert kept.replace(" ", "").isalnum()
    assert kept.split().count("0x") >= 1
    assert all(term.isalnum() for phrase in phrases(one) for term in phrase.terms)
