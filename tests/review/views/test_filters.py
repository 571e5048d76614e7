"""What a view or a filter costs does not grow with the drafts that it leaves out."""

from __future__ import annotations

import pytest
from django.db import connection
from django.http import QueryDict

from review.views.filters import waiting

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_sqlite():
    if connection.vendor != "sqlite":
        pytest.skip("plans are SQLite's here")


@pytest.mark.parametrize("asked", ["campaign=spring", "channel=storefront"])
def test_a_campaigns_drafts_are_read_by_its_runs(editor, drafts, asked):
    plan = waiting(QueryDict(asked), editor)[:50].explain()

    assert "draft_in_queue (status=? AND run_id=?)" in plan


def test_what_is_somebodys_by_name_is_read_from_the_assignments(editor, drafts):
    plan = waiting(QueryDict("view=mine"), editor)[:50].explain()

    assert "SEARCH review_assignment USING INDEX" in plan.splitlines()[0]


def test_what_is_searched_for_is_counted_from_the_index_of_words(
    client, editor, drafts, django_assert_max_num_queries
):
    client.force_login(editor)

    with django_assert_max_num_queries(30) as asked:
        client.get("/review/?q=skillet")

    statements = [each["sql"] for each in asked]
    (counts,) = [sql for sql in statements if "COUNT(*)" in sql and "MATCH" in sql]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {counts}")
        steps = [row[3] for row in cursor.fetchall()]
    assert "VIRTUAL TABLE" in steps[1]  # the first one says that it is a subquery
