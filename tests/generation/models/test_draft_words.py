"""Drafts are found by their words, in both languages, on every database."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.db.models import QuerySet

from generation.models import Draft, DraftWords
from generation.terms import phrases, spelt
from tests.benchmark.crowd import fill_desk


@pytest.fixture
def say(drafts):
    """Let a draft say something else."""

    def change(draft: Draft, text: str) -> None:
        DraftWords.objects.filter(draft=draft).update(words=spelt(text))

    return change


def found(words: str) -> list[int]:
    return list(Draft.objects.holding(words).values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("words", "text", "is_found"),
    [
        ("面料", "这款裙子面料柔软", True),
        ("面软", "这款裙子面料柔软", False),
        ("柔", "这款裙子面料柔软", True),
        ("裙子 柔软", "这款裙子面料柔软", True),
        ("裙子 结实", "这款裙子面料柔软", False),
        ("iro", "Cast iron, 24 cm", True),
        ("cast-ir", "Cast iron, 24 cm", True),
        ("iron cast", "Cast iron, 24 cm", True),
        ("iron-cast", "Cast iron, 24 cm", False),
        ("CAST", "Cast iron, 24 cm", True),
        ("i", "Cast iron, 24 cm", False),
        ('"NEAR( OR cast*', "Cast iron near or", True),
        ("'; DROP TABLE", "Cast iron", False),
        ("。。", "Cast iron。", False),
        ("café", "A café table", True),
    ],
)
def test_what_a_draft_says_is_found(drafts, say, words, text, is_found):
    say(drafts[0], text)
    say(drafts[1], "other")

    assert found(words) == ([drafts[0].pk] if is_found else [])


def test_a_draft_is_found_by_its_products_name_and_number_too(drafts):
    english, chinese = drafts

    assert found("晨炉铸铁煎锅") == [chinese.pk]
    assert found("hearth") == [english.pk]
    assert found("LM-TST") == [chinese.pk, english.pk]  # the newest first


def test_no_phrase_is_found_across_a_text_and_a_name(drafts):
    kept = spelt("ends with iron", "Hearth skillet")
    DraftWords.objects.filter(draft=drafts[0]).update(words=kept)

    assert found("iron-hearth") == []


def test_a_draft_that_goes_takes_its_words_along(drafts):
    drafts[0].delete()

    assert list(DraftWords.objects.values_list("draft", flat=True)) == [drafts[1].pk]


def plan_of(rows: QuerySet) -> str:
    """How the database goes about it where there are so many that an index is worth it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    return rows.explain()


def test_words_are_looked_for_in_their_index(drafts):
    plan = plan_of(DraftWords.objects.filter(words__match=phrases("cast")))

    wanted = {"sqlite": "VIRTUAL TABLE INDEX", "postgresql": "draftwords_by_word"}
    assert wanted[connection.vendor] in plan


def test_the_index_leads_and_the_newest_come_out_of_it_first(drafts):
    """On PostgreSQL statistics say what leads: few drafts wait, or few hold the word."""
    plan = plan_of(Draft.objects.awaiting_review().holding("cast")[:50])

    assert "Seq Scan" not in plan
    if connection.vendor == "sqlite":
        assert "VIRTUAL TABLE" in plan.splitlines()[0]
        assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("filters", [{}, {"language": "en"}])
def test_an_index_holds_the_queue_in_its_order(campaign, checkpoint, filters):
    fill_desk(campaign, checkpoint, 400)  # of two, every index is as good
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    plan = plan_of(Draft.objects.awaiting_review().filter(**filters).in_order().for_queue()[:50])

    (reads,) = re.findall(r"(?im)^.*(?:scan|search)\b.*\bgeneration_draft\b.*$", plan)
    assert "draft_in_queue" in reads
    assert not re.search(r"TEMP B-TREE|\bSort\b", plan)
