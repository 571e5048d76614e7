"""What is said of a draft stays, tells whom it names, and is refused where it cannot stand."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from catalog.models import AuditEntry
from generation.models import Draft
from review.errors import (
    CommentArrived,
    CommentLength,
    CommentStays,
    NotAThread,
    NotYourComment,
    PlaceNotInText,
    ThreadClosed,
)
from review.models import Comment, Notification
from review.services import (
    comment_on,
    names_like,
    remove_comment,
    resolve_comment,
    threads_of,
)
from tests.conftest import EDITOR, make_user


@pytest.fixture
def heard(monkeypatch):
    """The drafts of which the desks were told that somebody commented on them."""
    told: list[int] = []
    monkeypatch.setattr("generation.live.announce_commented", told.append)
    return told


@pytest.fixture
def lin2(db) -> User:
    """An editor with a Chinese name."""
    return make_user("小林", EDITOR)


def notes(user: User) -> list[str]:
    return list(Notification.objects.to(user).values_list("kind", flat=True))


def test_who_is_named_is_told(draft, editor, other_editor, lin2):
    said = comment_on(draft, author=editor, text="@小林，看一下 @zhou @nobody @lin")

    assert said.unknown == ["nobody"]
    assert [said.comment.text[start:end] for start, end in said.comment.mentions] == [
        "@小林",
        "@zhou",
        "@lin",
    ]
    assert notes(lin2) == notes(other_editor) == ["mentioned"]
    assert notes(editor) == []  # nobody is told of what they did
    note = Notification.objects.to(lin2).get()
    assert (note.draft, note.actor) == (draft, editor)


@pytest.mark.parametrize("copies", [1, 20])
def test_names_are_asked_for_once(draft, editor, copies, django_assert_num_queries):
    people = [make_user(f"reader{number}", ()) for number in range(copies)]
    text = " ".join(f"@{user.username}" for user in people)

    with django_assert_num_queries(8):  # two savepoints, names, the comment, and two to tell them
        comment_on(draft, author=editor, text=text)

    assert Notification.objects.count() == copies


def test_who_may_not_see_drafts_is_not_told(draft, editor):
    stranger = User.objects.create_user("stranger")
    gone = make_user("gone", ())
    User.objects.filter(pk=gone.pk).update(is_active=False)

    said = comment_on(draft, author=editor, text="@stranger @gone")

    assert (said.unknown, said.comment.mentions) == (["stranger", "gone"], [])
    assert notes(stranger) == notes(gone) == []
    assert names_like("stran") == names_like("gon") == []


def test_names_that_begin_so_are_offered_whatever_their_case(editor, lin2, other_editor):
    assert names_like("Li") == ["lin"]
    assert names_like("小") == ["小林"]
    assert names_like("") == ["lin", "zhou", "小林"]
    assert names_like("", most=1) == ["lin"]


def test_a_reply_is_told_to_all_in_the_thread_but_its_author(draft, editor, other_editor, lin2):
    first = comment_on(draft, author=editor, text="Is it iron?").comment
    comment_on(draft, author=other_editor, text="It is.", parent=first)

    comment_on(draft, author=lin2, text="@lin 是的", parent=first)

    assert notes(editor) == ["mentioned", "replied"]  # the first reply, and the name in the second
    assert notes(other_editor) == ["replied"]
    assert notes(lin2) == []
    (thread,) = threads_of(draft)
    assert [reply.text for reply in thread.replies] == ["It is.", "@lin 是的"]


def test_a_comment_is_about_words_of_the_draft(draft, editor):
    comment_on(draft, author=editor, text=" Which?\r\nSay. ", place=(0, 6))

    (thread,) = threads_of(draft)
    assert thread.quote == draft.text[:6]
    assert thread.comment.text == "Which?\nSay."


@pytest.mark.parametrize("place", [(0, 10**6), (3, 3), (4, 2), (-1, 2)])
def test_a_place_that_is_not_in_the_text_is_refused(draft, editor, place):
    with pytest.raises(PlaceNotInText):
        comment_on(draft, author=editor, text="Here.", place=place)

    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    ("text", "is_fit"), [("", 0), (" \n ", 0), ("好" * 2000, 1), ("好" * 2001, 0)]
)
def test_a_comment_has_some_words_and_not_too_many(draft, editor, text, is_fit):
    if is_fit:
        comment_on(draft, author=editor, text=text)
    else:
        with pytest.raises(CommentLength, match="between 1 and 2000"):
            comment_on(draft, author=editor, text=text)

    assert Comment.objects.count() == is_fit


def test_replies_are_one_level_deep_and_on_the_same_draft(drafts, editor):
    first = comment_on(drafts[0], author=editor, text="A").comment
    reply = comment_on(drafts[0], author=editor, text="B", parent=first).comment

    for draft, parent, place in [
        (drafts[0], reply, None),
        (drafts[1], first, None),
        (drafts[0], first, (0, 2)),
    ]:
        with pytest.raises(NotAThread):
            comment_on(draft, author=editor, text="C", parent=parent, place=place)
    with pytest.raises(NotAThread):
        resolve_comment(reply, user=editor)

    assert Comment.objects.count() == 2


def test_the_same_wish_twice_is_one_comment(draft, editor, other_editor):
    key = uuid4()
    first = comment_on(draft, author=editor, text="@zhou", key=key)

    again = comment_on(draft, author=editor, text="@zhou", key=key)

    assert again == first
    assert Comment.objects.count() == Notification.objects.count() == 1
    with pytest.raises(CommentArrived):
        comment_on(draft, author=editor, text="@zhou, and more", key=key)
    with pytest.raises(CommentArrived):
        comment_on(draft, author=other_editor, text="@zhou", key=key)


def test_a_comment_is_resolved_once_and_closed_then(
    draft, editor, other_editor, heard, django_capture_on_commit_callbacks
):
    first = comment_on(draft, author=editor, text="Is it iron?").comment

    with django_capture_on_commit_callbacks(execute=True):
        resolve_comment(first, user=other_editor)

    first.refresh_from_db()
    assert first.resolved_by == other_editor
    assert heard == [draft.pk]
    for refused in (
        lambda: resolve_comment(first, user=editor),
        lambda: comment_on(draft, author=editor, text="Yes.", parent=first),
    ):
        with pytest.raises(ThreadClosed):
            refused()
    assert Comment.objects.get().resolved_by == other_editor


def test_only_its_author_removes_a_comment_and_the_row_stays(draft, editor, other_editor):
    first = comment_on(draft, author=editor, text="@zhou is wrong.", place=(0, 4)).comment
    reply = comment_on(draft, author=other_editor, text="No.", parent=first).comment
    with pytest.raises(NotYourComment, match="lin wrote this comment: only lin"):
        remove_comment(first, user=other_editor)
    assert Comment.objects.get(pk=first.pk).text

    remove_comment(first, user=editor)

    first.refresh_from_db()
    assert (first.text, first.mentions, first.removed_at is None) == ("", [], False)
    assert AuditEntry.objects.values_list("action", "user").get() == ("comment.remove", editor.pk)
    with pytest.raises(ThreadClosed):
        remove_comment(first, user=editor)
    (thread,) = threads_of(draft)
    assert thread.replies == [reply]


def test_all_of_a_draft_is_read_in_one_query(draft, editor, django_assert_num_queries):
    for number in range(5):
        first = comment_on(draft, author=editor, text=f"{number}").comment
        comment_on(draft, author=editor, text="Yes.", parent=first)

    with django_assert_num_queries(1):
        threads = threads_of(draft)
        names = {comment.author.username for thread in threads for comment in thread.replies}

    assert (len(threads), names) == (5, {"lin"})


def test_open_comments_of_a_draft_are_counted(drafts, editor):
    first = comment_on(drafts[0], author=editor, text="A").comment
    comment_on(drafts[0], author=editor, text="B", parent=first)
    resolve_comment(comment_on(drafts[0], author=editor, text="C").comment, user=editor)
    remove_comment(comment_on(drafts[0], author=editor, text="D").comment, user=editor)

    found = Draft.objects.annotate(
        number=Comment.objects.number_open(), is_discussed=Comment.objects.on_draft()
    )

    assert dict(found.values_list("pk", "number")) == {drafts[0].pk: 1, drafts[1].pk: 0}
    assert found.get(is_discussed=True) == drafts[0]


def test_a_comment_is_not_deleted(draft, editor):
    comment = comment_on(draft, author=editor, text="A").comment

    for delete in (comment.delete, Comment.objects.all().delete):
        with pytest.raises(CommentStays):
            delete()

    assert Comment.objects.exists()


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("comment_has_text_until_removed", {"text": ""}),
        ("comment_is_not_too_long", {"text": "x" * 2001}),
        ("comment_place_is_a_stretch", {"start": 2, "end": None}),
        ("comment_place_is_a_stretch", {"start": 2, "end": 2}),
        ("comment_resolved_by_somebody", {"resolved_at": timezone.now()}),
    ],
)
def test_the_database_holds_what_a_comment_is(draft, editor, name, changes):
    row = {"draft": draft, "author": editor, "text": "A"} | changes

    # Of a text that is too long PostgreSQL complains before it looks at the constraint.
    is_long = len(row["text"]) > 2000 and connection.vendor == "postgresql"
    refusal = pytest.raises(DatabaseError, match="too long" if is_long else name)
    with refusal, transaction.atomic():
        Comment.objects.bulk_create([Comment(**row)])

    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM review_comment",
        "UPDATE review_comment SET text = 'other'",
        "UPDATE review_comment SET created_at = '2020-01-01 00:00:00'",
        "UPDATE review_comment SET author_id = author_id + 1",
        "UPDATE review_comment SET resolved_at = NULL, resolved_by_id = NULL",
    ],
)
def test_the_database_itself_keeps_what_was_said(draft, editor, statement):
    comment = comment_on(draft, author=editor, text="A").comment
    resolve_comment(comment, user=editor)

    with (
        pytest.raises(DatabaseError, match="a comment stays"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    comment.refresh_from_db()
    assert (comment.text, comment.resolved_by) == ("A", editor)
