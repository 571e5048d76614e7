"""A new text is compared with what editors refused of its kind and language."""

from __future__ import annotations

import pytest

from generation import rejections
from generation.models import Example
from generation.rejections import Rejections
from review import services


@pytest.fixture
def refuse(drafts, editor):
    """Refuse one of the run's drafts: English is 0, Chinese is 1."""

    def refuse(number: int, reason: str = "dull"):
        services.reject_draft(drafts[number], editor=editor, reason=reason)
        return drafts[number]

    return refuse


def near(draft, text=None):
    return Rejections().nearest(
        draft.text if text is None else text, kind_id=draft.kind_id, language=draft.language
    )


def test_the_refused_text_is_found_with_its_reason(refuse):
    for number in (0, 1):
        draft = refuse(number, "wrong_fact")

        assert near(draft) == [{"draft": draft.pk, "reason": "wrong_fact", "similarity": 1.0}]


def test_another_language_another_kind_and_another_text_are_not_found(refuse):
    english = refuse(0)
    kept = Rejections()

    assert kept.nearest(english.text, kind_id=english.kind_id, language="zh-hans") == []
    assert kept.nearest(english.text, kind_id=english.kind_id + 1, language="en") == []
    assert near(english, "Completely other words about a garden hose.") == []


def test_what_was_approved_or_not_needed_is_no_rejection(refuse, drafts, editor):
    refuse(0, "not_needed")
    services.approve_draft(drafts[1], editor=editor)

    assert near(drafts[0]) == near(drafts[1]) == []


def test_english_is_compared_by_words_and_chinese_by_pairs_of_characters():
    assert rejections.terms("Brushing with warm water, brush dry", "en") == [
        "brushing",
        "with",
        "warm",
        "water",
        "brush",
        "dry",
    ]
    assert rejections.terms("铸铁，一体", "zh-hans") == ["铸铁", "铁一", "一体"]


def test_rejections_are_read_once_and_only_the_newest(
    refuse, monkeypatch, django_assert_num_queries
):
    draft = refuse(0)
    old = Example.objects.get()
    Example.objects.create(draft=draft, label="rejected", text="Newer words.", reason="dull")
    monkeypatch.setattr(rejections, "REMEMBERED", 1)
    kept = Rejections()

    with django_assert_num_queries(1):
        found = [
            kept.nearest(text, kind_id=draft.kind_id, language="en")
            for text in (old.text, "Newer words.")
        ]

    assert [len(near) for near in found] == [0, 1]
