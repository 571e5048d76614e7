"""Comments on the desk: for htmx and for a plain browser, and for nobody who may not see drafts."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from generation.models import Draft
from review.models import Comment
from review.services import comment_on, end_tour, remove_comment, resolve_comment
from tests.conftest import make_user

HTMX = {"HX-Request": "true", "HX-Target": "comments"}
LIST = {"HX-Request": "true", "HX-Target": "comment-list"}


@pytest.fixture
def desk(client, editor):
    """A signed-in editor's browser."""
    client.force_login(editor)
    return client


def place(draft: Draft) -> str:
    return reverse("review:draft-comments", args=[draft.pk])


def test_a_comment_is_kept_and_the_form_is_empty_again(desk, draft, other_editor):
    key = uuid4()

    answer = desk.post(
        place(draft),
        {"text": "@zhou Which iron?", "start": 0, "end": 6, "key": key},
        headers=HTMX,
    )

    page = answer.content.decode()
    comment = Comment.objects.get()
    assert answer.status_code == 200
    assert page.lstrip().startswith("<section")
    assert f'id="comment-{comment.pk}"' in page
    assert '<b class="mention">@zhou</b> Which iron?' in page
    assert f'<q lang="en">{draft.text[:6]}</q>' in page
    assert (comment.start, comment.end, comment.key) == (0, 6, key)
    assert "</textarea>" in page
    assert 'aria-describedby="text-names"></textarea>' not in page
    assert re.search(r'name="text"[^>]*></textarea>', page)
    assert str(key) not in page  # the next one goes under another


def test_a_name_of_nobody_is_said_and_stays_as_plain_text(desk, draft):
    told = desk.post(place(draft), {"text": "@nobody"}, headers=HTMX).content.decode()
    both = desk.post(place(draft), {"text": "@a @b"}, follow=True).content.decode()

    assert "Nobody who may see drafts is called @nobody: it stays as plain text." in told
    assert "called @a, @b: they stay as plain text." in both
    assert 'class="mention"' not in both


def test_a_plain_browser_is_sent_back_to_the_comments(desk, draft):
    answer = desk.post(f"{place(draft)}?language=en", {"text": "Which iron?"})

    detail = reverse("review:draft-detail", args=[draft.pk])
    assert (answer.status_code, answer["Location"]) == (302, f"{detail}?language=en#comments")
    assert "Which iron?" in desk.get(detail).content.decode()


@pytest.mark.parametrize("headers", [HTMX, {}])
@pytest.mark.parametrize(
    ("sent", "status", "sentence"),
    [
        ({"text": "  "}, 422, "Write between 1 and 2000 characters."),
        ({"text": "x" * 2001}, 422, "Write between 1 and 2000 characters."),
        ({"text": "Kept", "start": 1, "end": 99_999}, 422, "A marked place is not in the text"),
        ({"text": "Kept", "parent": 77}, 422, "There is no such comment."),
        ({"text": "Kept", "parent": "done"}, 409, "This comment is resolved or removed already"),
    ],
)
def test_a_refused_comment_stays_in_the_form(desk, draft, editor, headers, sent, status, sentence):
    done = comment_on(draft, author=editor, text="Done.").comment
    resolve_comment(done, user=editor)
    sent = sent | ({"parent": done.pk} if sent.get("parent") == "done" else {})

    answer = desk.post(place(draft), sent, headers=headers)

    page = answer.content.decode()
    assert answer.status_code == status
    assert sentence in page
    assert re.search(rf'aria-invalid="true"[^>]*>{sent["text"]}</textarea>', page)
    assert Comment.objects.count() == 1


def test_a_reply_names_whom_it_answers(desk, draft, other_editor):
    first = comment_on(draft, author=other_editor, text="Which iron?").comment

    for headers in (HTMX, {}):
        form = desk.get(f"{place(draft)}?reply={first.pk}", headers=headers).content.decode()
        assert "Reply to zhou" in form
        assert f'name="parent" value="{first.pk}"' in form
    desk.post(place(draft), {"text": "Cast iron.", "parent": first.pk}, headers=HTMX)

    assert Comment.objects.get(parent=first).text == "Cast iron."


def test_a_reply_to_what_is_not_there_is_a_new_comment(desk, draft):
    for number in ("x", "0", "9" * 30):
        form = desk.get(f"{place(draft)}?reply={number}", headers=HTMX).content.decode()
        assert 'name="parent"' not in form


def test_a_comment_is_resolved_and_removed_from_the_list(desk, draft, editor, other_editor):
    mine = comment_on(draft, author=editor, text="Mine.").comment
    theirs = comment_on(draft, author=other_editor, text="Theirs.").comment
    resolve = reverse("review:comment-resolve", args=[theirs.pk])
    remove = [reverse("review:comment-remove", args=[comment.pk]) for comment in (mine, theirs)]

    done = desk.post(resolve, headers=LIST).content.decode()
    late = desk.post(resolve, headers=LIST)
    removed = desk.post(remove[0], headers=LIST).content.decode()
    refused = desk.post(remove[1], headers=LIST)

    assert "Resolved by lin, " in done
    assert "1 resolved or removed" in done
    assert (late.status_code, refused.status_code) == (409, 409)
    assert "This comment is resolved or removed already" in late.content.decode()
    assert "zhou wrote this comment: only zhou can remove it." in refused.content.decode()
    assert "Removed by its author" in removed
    assert "Mine." not in removed
    assert Comment.objects.get(pk=theirs.pk).text == "Theirs."


def test_a_plain_browser_resolves_and_removes_too(desk, draft, editor):
    comment = comment_on(draft, author=editor, text="Mine.").comment

    for name in ("comment-resolve", "comment-remove"):
        answer = desk.post(reverse(f"review:{name}", args=[comment.pk]))
        assert answer["Location"].endswith(f"/drafts/{draft.pk}/#comments")
    late = desk.post(reverse("review:comment-remove", args=[comment.pk]), follow=True)

    comment.refresh_from_db()
    assert (comment.text, comment.resolved_by) == ("", editor)
    assert "This comment is resolved or removed already" in late.content.decode()


def test_what_people_write_is_escaped(desk, draft, editor):
    evil = "<script>alert(1)</script> @lin&<img src=x onerror=alert(2)>"

    told = desk.post(place(draft), {"text": evil}, headers=HTMX).content.decode()
    page = desk.get(reverse("review:draft-detail", args=[draft.pk])).content.decode()
    refused = desk.post(place(draft), {"text": evil * 40}, headers=HTMX).content.decode()
    unknown = desk.post(place(draft), {"text": "@ev<b>il</b>"}, headers=HTMX).content.decode()

    for html in (told, page, refused, unknown):
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "<b>il" not in html
    for html in (told, page):
        assert (
            '&lt;script&gt;alert(1)&lt;/script&gt; <b class="mention">@lin</b>&amp;&lt;img' in html
        )


def test_who_may_not_see_drafts_sees_and_says_nothing(client, draft, editor):
    comment = comment_on(draft, author=editor, text="Secret.").comment
    client.force_login(User.objects.create_user("stranger"))

    answers = [
        client.get(place(draft)),
        client.post(place(draft), {"text": "Me too."}),
        client.post(reverse("review:comment-resolve", args=[comment.pk])),
        client.post(reverse("review:comment-remove", args=[comment.pk])),
        client.get(reverse("review:names"), {"q": "l"}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 5
    assert not any(b"Secret" in answer.content for answer in answers)
    comment.refresh_from_db()
    assert (Comment.objects.count(), comment.is_open) == (1, True)
    client.logout()
    assert client.get(place(draft)).status_code == 302


def test_who_only_reads_drafts_may_comment(client, draft):
    client.force_login(make_user("reader", ()))

    client.post(place(draft), {"text": "Nice."})

    assert Comment.objects.get().author.username == "reader"


def test_names_are_offered(desk, editor, other_editor):
    make_user("小林", ())
    User.objects.create_user("stranger")

    def offered(beginning: str) -> list[str]:
        return desk.get(reverse("review:names"), {"q": beginning}).json()["names"]

    assert offered("z") == ["zhou"]
    assert offered("小") == ["小林"]
    assert offered("") == ["lin", "zhou", "小林"]


def test_a_place_is_marked_in_the_copy_while_its_comment_is_open(desk, draft, editor):
    detail = reverse("review:draft-detail", args=[draft.pk])
    end = len("Hearth")
    first = comment_on(draft, author=editor, text="A", place=(0, end)).comment
    mark = f'<span class="remark" data-letter="c{first.pk}">Hearth</span>'

    assert draft.text.startswith("Hearth")
    assert mark in desk.get(detail).content.decode()
    assert mark not in desk.get(place(draft), headers=LIST).content.decode()
    live = desk.get(place(draft), {"copy": "yes"}, headers=LIST).content.decode()
    assert re.search(rf'id="draft-text"[^>]* hx-swap-oob="morph">.*{mark}', live)
    resolve_comment(first, user=editor)
    assert mark not in desk.get(detail).content.decode()


def test_places_that_cross_are_both_marked(desk, draft, editor):
    for stretch in [(0, 8), (7, 16)]:
        comment_on(draft, author=editor, text="A", place=stretch)
    first, second = Comment.objects.values_list("pk", flat=True)

    page = desk.get(reverse("review:draft-detail", args=[draft.pk])).content.decode()

    copy = page.partition('id="draft-text"')[2].partition("</p>")[0]
    assert copy.count(f'data-letter="c{first}"') == 1
    assert copy.count(f'data-letter="c{second}"') == 2  # in it, and behind it


def test_a_row_of_the_queue_tells_how_many_comments_are_open(desk, drafts, editor):
    first, second = drafts
    for text in ("A", "B"):
        comment_on(first, author=editor, text=text)
    remove_comment(comment_on(second, author=editor, text="C").comment, user=editor)

    rows = desk.get("/review/rows/").content.decode()

    told = {
        row: re.findall(r">(\d comments?)<", rest)
        for row, rest in re.findall(r'id="row-(\d+)"(.*?)</li>', rows, re.DOTALL)
    }
    assert told == {str(first.pk): ["2 comments"], str(second.pk): []}


@pytest.mark.parametrize("number", [1, 12])
def test_the_desk_asks_one_question_more_for_all_that_was_said(
    desk, draft, editor, number, django_assert_num_queries
):
    for _ in range(number):
        first = comment_on(draft, author=editor, text="A", place=(0, 4)).comment
        comment_on(draft, author=editor, text="B", parent=first)
    detail = reverse("review:draft-detail", args=[draft.pk])
    end_tour(editor)
    desk.get(detail)

    with django_assert_num_queries(9):  # eight without a comment
        desk.get(detail)
    with django_assert_num_queries(
        5
    ):  # session, account, permissions, the draft, and what was said
        desk.get(place(draft), headers=LIST)
