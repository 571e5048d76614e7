"""The pages of evaluations, for those who may choose the writer."""

from __future__ import annotations

import pytest

from generation.models import Checkpoint, Evaluation
from tests.generation.measured import compared, evaluated


@pytest.fixture
def measured(checkpoint) -> Evaluation:
    other = Checkpoint.objects.create(name="second", digest="e2f4", path="second")
    Evaluation.objects.create(checkpoint=other, data="kobe/dev", figures=evaluated(bleu_4=3.5))
    return Evaluation.objects.create(
        checkpoint=checkpoint, data="kobe/dev", figures=evaluated(bleu_4=4.5)
    )


@pytest.fixture
def comparison(db) -> Evaluation:
    return Evaluation.objects.create(data="corpus/dev", figures=compared())


def test_checkpoints_stand_side_by_side_with_people_beneath(
    client, publisher, measured, comparison, django_assert_num_queries
):
    client.force_login(publisher)
    client.get("/evaluations/")  # which keeps the number on the bell for some seconds

    with django_assert_num_queries(5):  # session, account, permissions, and two of ours
        page = client.get("/evaluations/").content.decode()

    assert page.index(">first</a>") < page.index(">second</a>") < page.index(">people</th>")
    assert "4.50" in page
    assert "3.50" in page
    assert f"/evaluations/{comparison.pk}/" in page


def test_where_nothing_was_measured_the_command_is_named(client, publisher):
    client.force_login(publisher)

    page = client.get("/evaluations/").content.decode()

    assert "Nothing was measured yet" in page
    assert "manage.py evaluate --data FILE.jsonl.gz" in page


def test_one_evaluation_shows_every_figure_and_texts_that_nobody_chose(client, publisher, measured):
    client.force_login(publisher)

    page = client.get(f"/evaluations/{measured.pk}/").content.decode()

    assert "first on kobe/dev" in page
    assert "Chinese descriptions: BLEU-4 went from 3.50 to 4.50" in page
    assert "parts of facts told" in page
    assert 'lang="zh-hans"' in page
    assert "&lt;b&gt;很轻&lt;/b&gt;" in page


def test_a_comparison_shows_curves_differences_and_every_cell(client, publisher, comparison):
    client.force_login(publisher)

    page = client.get(f"/evaluations/{comparison.pk}/").content.decode()

    assert "judged does better than plain" in page
    assert 'id="chart-zh-description-bleu_4"' in page
    assert "+0.30 … +1.20" in page
    assert page.count("tag--green") == 1
    assert page.count("tag--red") == 1
    assert "people, held out" in page


def test_the_definitions_are_those_of_the_document(client, publisher):
    client.force_login(publisher)

    page = client.get("/evaluations/definitions/").content.decode()

    assert "<code>self_bleu_4</code>" in page
    assert "Systems compared" in page


@pytest.mark.parametrize("place", ["", "definitions/", "1/"])
def test_an_editor_sees_neither_the_pages_nor_the_way_there(client, editor, measured, place):
    client.force_login(editor)

    assert client.get(f"/evaluations/{place}").status_code == 403
    assert "/evaluations/" not in client.get("/training/").content.decode()


def test_the_way_there_stands_in_the_head_of_every_page(client, publisher):
    client.force_login(publisher)

    assert 'href="/evaluations/"' in client.get("/training/").content.decode()


def test_what_was_never_measured_is_not_found(client, publisher):
    client.force_login(publisher)

    assert client.get("/evaluations/77/").status_code == 404


def test_boards_of_the_same_kind_are_told_apart_by_their_texts(client, publisher, measured):
    """For who hears the page: a region's name is its heading and the texts that it is of."""
    Evaluation.objects.create(
        checkpoint=measured.checkpoint, data="kobe/dev (calm)", figures=evaluated()
    )
    client.force_login(publisher)

    page = client.get("/evaluations/").content.decode()

    for number, data in ((1, "kobe/dev"), (2, "kobe/dev (calm)")):
        assert (
            f'<section class="sheet panel" aria-labelledby="board-{number} data-{number}">' in page
        )
        assert f'<p class="mono" id="data-{number}">{data}</p>' in page
