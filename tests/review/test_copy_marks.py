"""Marks lie on the copy without changing it, and say what the stored explanation says."""

from __future__ import annotations

import re
from html import unescape

import pytest

from generation.models import Draft
from review.templatetags.copy_marks import marked, signed

TEXT = "Oak tray, 40 cm wide. It holds <two> cups & a lot."


def explained(**parts) -> dict:
    return {
        "logit": 0.0,
        "baseline": 0.405,
        "pulls": [],
        "elsewhere": 0.0,
        "gap": 0.0,
        "phrases": [],
        "rejections": [],
    } | parts


def phrase(words: str, key: str, value: str, field: str = "attributes") -> dict:
    start = TEXT.index(words)
    return {
        "start": start,
        "end": start + len(words),
        "field": field,
        "key": key,
        "value": value,
        "is_exact": True,
    }


def pull(words: str, value: float) -> dict:
    start = TEXT.index(words)
    return {"start": start, "end": start + len(words), "pull": value}


def draft(explanation: dict, **fields) -> Draft:
    attributes = [["material", "oak"], ["width", "40 cm"], ["colour", "fog blue"]]
    made = {"text": TEXT, "score": 0.5, "brief": {"attributes": attributes}, "language": "en"}
    return Draft(**made | {"explanation": explanation} | fields)


def bare(html: str) -> str:
    """The copy without marks and their notes."""
    return unescape(re.sub(r"<[^>]+>", "", re.sub(r"<sup.*?</sup>", "", html)))


def test_each_phrase_has_the_letter_of_its_fact():
    phrases = [phrase("Oak tray", "material", "oak"), phrase("40 cm wide", "width", "40 cm")]

    copy = marked(draft(explained(phrases=phrases)))

    assert [(fact.label, fact.letter) for fact in copy.facts] == [
        ("material", "a"),
        ("width", "b"),
        ("colour", ""),
    ]
    assert (copy.used, copy.total) == (2, 3)
    assert (
        '<a class="claim" id="phrase-b" href="#fact-b" aria-describedby="fact-b" data-letter="b">'
        "40 cm wide<sup>b</sup></a>"
    ) in copy.html
    assert bare(copy.html) == TEXT


def test_a_fact_told_twice_has_one_letter_and_one_address():
    phrases = [phrase("Oak tray", "material", "oak"), phrase("a lot", "material", "oak")]

    copy = marked(draft(explained(phrases=phrases)))

    assert copy.html.count('data-letter="a"') == 2
    assert copy.html.count('id="phrase-a"') == 1
    assert copy.used == 1


def test_a_name_that_copy_uses_joins_the_facts():
    phrases = [phrase("Oak tray", "", "Oak tray, 40 cm", field="title")]

    copy = marked(draft(explained(phrases=phrases)))

    assert (copy.facts[-1].label, copy.facts[-1].letter) == ("Title", "a")
    assert (copy.used, copy.total) == (0, 3)


def test_a_finding_within_a_phrase_is_marked_too():
    finding = {
        "code": "number_not_in_brief",
        "severity": "hard",
        "start": TEXT.index("40"),
        "end": TEXT.index("40") + 2,
        "values": {"number": "40"},
    }
    phrases = [phrase("40 cm wide", "width", "40 cm")]

    copy = marked(draft(explained(phrases=phrases), findings=[finding]))

    inner = '<span class="flag flag--hard">40<sup class="finding-ref">1</sup></span> cm wide'
    assert f">{inner}<sup>a</sup></a>" in copy.html
    assert bare(copy.html) == TEXT


def test_a_finding_that_a_claim_cuts_has_its_number_once_at_its_end():
    finding = {"code": "repeated", "severity": "soft", "start": 0, "end": 14}
    finding["values"] = {"words": TEXT[:14]}
    phrases = [phrase("Oak tray", "material", "oak"), phrase("40 cm wide", "width", "40 cm")]

    copy = marked(draft(explained(phrases=phrases), findings=[finding]))

    assert copy.html.count('<span class="flag">') == 3
    assert copy.html.count('class="finding-ref"') == 1
    assert '<span class="flag">40 c<sup class="finding-ref">1</sup></span>m wide' in copy.html
    assert bare(copy.html) == TEXT


@pytest.mark.parametrize(
    ("value", "mark"),
    [
        (0.5, "4"),  # of a score of .5, without it .3775: .1225
        (-0.25, "-3"),  # .5 less .5622: .0622
        (-0.15, "-2"),  # .5 less .5374: .0374
        (0.05, "1"),  # .5 less .4875: .0125
        (0.03, None),  # .5 less .4925: .0075
    ],
)
def test_heat_is_what_a_stretch_is_worth_in_the_score(value, mark):
    copy = marked(draft(explained(pulls=[pull("tray", value)])))

    found = re.findall(r'<span class="heat" data-heat="(-?\d)">tray<', copy.html)
    assert found == ([mark] if mark else [])
    assert bare(copy.html) == TEXT


def test_what_pulled_most_is_said_in_words_and_how_it_is_by_itself():
    pulls = [pull("Oak", 0.4), pull(",", -0.9), pull("cups", -0.3), pull("lot", -0.01)]
    start = TEXT.index("cups")
    spans = [
        {"start": start, "end": start + 4, "score": 0.03},
        {"start": 0, "end": 3, "score": 0.7},
    ]

    copy = marked(draft(explained(pulls=pulls), spans=spans))

    [down], [up] = copy.down, copy.up
    assert (down.words, signed(down.effect), down.less_like) == ("cups", "\u2212.07", 97)
    assert (up.words, signed(up.effect), up.less_like) == ("Oak", "+.10", None)
    assert copy.baseline == pytest.approx(0.6, abs=0.001)


def test_heat_that_a_claim_cuts_is_there_in_pieces():
    phrases = [phrase("40 cm", "width", "40 cm")]

    copy = marked(draft(explained(phrases=phrases, pulls=[pull("tray, 40 cm wide", -1.0)])))

    assert copy.html.count('data-heat="-4"') == 3
    assert bare(copy.html) == TEXT


def test_a_draft_that_is_older_than_explanations_shows_doubts_and_what_it_finds_itself():
    start = TEXT.index("cups")

    copy = marked(draft({}, spans=[{"start": start, "end": start + 4, "score": 0.03}]))

    assert [fact.letter for fact in copy.facts] == ["a", "b", ""]
    assert '<span class="heat" data-heat="-3">cups</span>' in copy.html
    assert (copy.baseline, copy.down, copy.up) == (None, [], [])
    assert bare(copy.html) == TEXT


def test_what_a_fact_says_is_escaped():
    phrases = [phrase("Oak tray", "material", 'oak" onfocus="alert(1)')]

    copy = marked(draft(explained(phrases=phrases)))

    assert 'onfocus="' not in copy.html
    assert "&lt;two&gt; cups &amp; a lot" in copy.html
