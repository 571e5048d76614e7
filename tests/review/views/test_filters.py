"""What a view or a filter costs does not grow with the drafts that it leaves out."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.http import QueryDict

from catalog.models import Category
from generation.models import Checkpoint, Draft
from review.views.filters import waiting
from tests.benchmark.crowd import fill_desk
from tests.generation.models.test_draft_words import plan_of

pytestmark = pytest.mark.django_db


def plan(asked: str, editor) -> str:
    """How the database goes about it: PostgreSQL counts its rows by itself, SQLite never does."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return plan_of(waiting(QueryDict(asked), editor)[:50])


@pytest.mark.parametrize("asked", ["campaign=spring", "channel=storefront"])
def test_a_campaigns_drafts_are_read_by_its_runs(editor, campaign, checkpoint, asked):
    fill_desk(campaign, checkpoint, 400)

    found = plan(asked, editor)

    wanted = {"sqlite": "draft_in_queue (status=? AND turn=?)", "postgresql": "draft_in_queue"}
    assert wanted[connection.vendor] in found


@pytest.mark.parametrize(
    "asked",
    ["kind=ad&alike=each", "checkpoint=2", "category=none", "score=high", "finding=no_ending"],
)
def test_what_hardly_any_draft_passes_is_asked_of_the_index_alone(
    editor, campaign, checkpoint, asked
):
    Checkpoint.objects.create(pk=2, name="other", digest="d2", path="other")
    Category.objects.create(slug="none", name_en="None", name_zh="无")
    fill_desk(campaign, checkpoint, 400)
    Draft.objects.update(score=0.5)
    drafts = waiting(QueryDict(asked), editor)
    assert not drafts.exists()

    found = plan_of(drafts.values("pk")[:1])

    wanted = {"sqlite": "COVERING INDEX draft_in_queue", "postgresql": "draft_in_queue"}
    assert wanted[connection.vendor] in found


def test_a_categorys_products_are_looked_up_once(editor, campaign, checkpoint):
    Category.objects.create(slug="none", name_en="None", name_zh="无")
    fill_desk(campaign, checkpoint, 400)

    found = plan("category=none", editor)

    wanted = {"sqlite": "LIST SUBQUERY", "postgresql": "catalog_product"}
    assert wanted[connection.vendor] in found


def test_what_is_somebodys_by_name_is_joined_to_the_assignments(editor, campaign, checkpoint):
    fill_desk(campaign, checkpoint, 400)

    found = plan("view=mine", editor)

    assert not re.search("CORRELATED|SubPlan", found)  # of no draft it is asked whose it is


def test_what_is_searched_for_is_counted_in_its_order(
    client, editor, drafts, django_assert_max_num_queries
):
    client.force_login(editor)

    with django_assert_max_num_queries(30) as asked:
        client.get("/review/?q=skillet")

    # Not the tabs' numbers, which nobody searched.
    (counts,) = [
        sql for sql in (each["sql"] for each in asked) if "COUNT(*)" in sql and "skillet" in sql
    ]
    assert "ORDER BY" in counts  # in which an index of words gives the drafts out, as far as asked


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("", {"Product description", "English", "中文"}),
        ("kind=description", {"English", "中文"}),
        ("kind=description&language=en", set()),
        ("kind=nothing&language=en", {"Product description"}),
    ],
)
def test_a_row_does_not_say_what_all_of_them_share(client, editor, draft, asked, said):
    client.force_login(editor)

    row = client.get(f"/review/rows/?{asked}").content.decode()

    words = re.findall(r"<p[^>]*>([^<]*)<(?:span|small)", row)
    assert {word for said_here in words for word in said_here.split(" · ") if word} == said
