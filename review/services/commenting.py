"""Talking about a draft: comments, replies one level deep, and names of those who are to read them.

Nothing that was said is lost: an author may take their own words out, and anybody who may see
drafts may resolve a comment; both leave the row, with who and when.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from catalog import audit
from generation import live
from generation.models import Draft
from review import mentions
from review.errors import (
    CommentArrived,
    CommentLength,
    NotAThread,
    NotYourComment,
    PlaceNotInText,
    ThreadClosed,
)
from review.models import Comment, Notification
from review.models.comment import MOST_CHARS
from review.models.notification import readers
from review.services.notifying import notify


class Said(NamedTuple):
    """A comment, and the names in it that nobody has who may see drafts."""

    comment: Comment
    unknown: list[str]


@dataclass
class Thread:
    """A comment with its replies, and the words of the draft that it is about."""

    comment: Comment
    replies: list[Comment]
    quote: str = ""


@transaction.atomic
def comment_on(
    draft: Draft,
    *,
    author: User,
    text: str,
    place: tuple[int, int] | None = None,
    parent: Comment | None = None,
    key: UUID | None = None,
) -> Said:
    """Say something of a draft; whoever is named in it or replied to is notified.

    Args:
        draft: what it is about, decided or not.
        author: who says it.
        text: 1 to 2,000 characters.
        place: the stretch of the draft's text, in code points, that it is about.
        parent: the comment that it replies to; a reply has no place of its own.
        key: of the wish, which may come twice; a new one where nobody will send it twice.

    Raises:
        CommentRefused: one of its kinds, which says why; nothing is written.
        PlaceNotInText: the place is not in the draft's text; nothing is written.
    """
    text = text.replace("\r\n", "\n").strip()
    names = mentions.names_in(text)
    known = _known(names)
    places, unknown = mentions.resolve(names, known)
    earlier = Comment.objects.filter(key=key).first() if key else None
    if earlier:
        if (earlier.draft_id, earlier.author_id, earlier.text) != (draft.pk, author.pk, text):
            raise CommentArrived
        return Said(earlier, unknown)
    _refuse_unless_fit(draft, text, place, parent)
    start, end = place or (None, None)
    comment = Comment.objects.create(
        draft=draft,
        author=author,
        parent=parent,
        text=text,
        mentions=places,
        start=start,
        end=end,
        key=key or uuid4(),
    )
    named = [known[text[low + 1 : high]] for low, high in places]
    notify(named, kind=Notification.Kind.MENTIONED, draft=draft, actor=author)
    if parent:
        others = [user for user in _in_thread(parent) if user not in named]
        notify(others, kind=Notification.Kind.REPLIED, draft=draft, actor=author)
    _announce(draft.pk)
    return Said(comment, unknown)


@transaction.atomic
def resolve_comment(comment: Comment, *, user: User) -> None:
    """Say that what a comment asks for is done.

    Raises:
        NotAThread: it is a reply; nothing is written.
        ThreadClosed: it is resolved or removed already; nothing is written.
    """
    if comment.parent_id:
        raise NotAThread
    if not Comment.objects.filter(pk=comment.pk).resolve(user, timezone.now()):
        raise ThreadClosed
    _announce(comment.draft_id)


@transaction.atomic
def remove_comment(comment: Comment, *, user: User) -> None:
    """Take one's own words back: that there was a comment stays, and the audit log says so.

    Raises:
        NotYourComment: somebody else wrote it; nothing is written.
        ThreadClosed: it is removed already; nothing is written.
    """
    if comment.author_id != user.pk:
        raise NotYourComment(comment.author)
    if not Comment.objects.filter(pk=comment.pk).remove(timezone.now()):
        raise ThreadClosed
    audit.record("comment.remove", comment, user=user, draft=comment.draft_id)
    _announce(comment.draft_id)


def threads_of(draft: Draft) -> list[Thread]:
    """All that was said of a draft, the first first."""
    threads: dict[int, Thread] = {}
    for comment in Comment.objects.of(draft):
        if comment.parent_id:
            threads[comment.parent_id].replies.append(comment)
        else:
            quote = "" if comment.start is None else draft.text[comment.start : comment.end]
            threads[comment.pk] = Thread(comment, [], quote)
    return list(threads.values())


def names_like(beginning: str, *, most: int = 8) -> list[str]:
    """Names that begin so, of people who can be named."""
    found = readers().filter(username__istartswith=beginning).order_by("username")
    return list(found.values_list("username", flat=True)[:most])


def _known(names: Iterable[mentions.Name]) -> dict[str, User]:
    """Who can be meant, by name; asked of the database once, or not at all."""
    asked = {candidate for name in names for candidate in name.candidates}
    if not asked:
        return {}
    return {user.username: user for user in readers().filter(username__in=asked)}


def _refuse_unless_fit(
    draft: Draft, text: str, place: Sequence[int] | None, parent: Comment | None
) -> None:
    """Refuse what cannot stand on the draft."""
    if not 1 <= len(text) <= MOST_CHARS:
        raise CommentLength(MOST_CHARS)
    if place and not 0 <= place[0] < place[1] <= len(draft.text):
        raise PlaceNotInText
    if parent and (parent.parent_id or parent.draft_id != draft.pk or place):
        raise NotAThread
    if parent and not Comment.objects.open().select_for_update().filter(pk=parent.pk).exists():
        raise ThreadClosed


def _in_thread(parent: Comment) -> list[User]:
    """Who has said something in a thread."""
    replied = User.objects.filter(comments__parent=parent)
    return list((replied | User.objects.filter(comments=parent)).distinct())


def _announce(draft_id: int) -> None:
    """Tell the desks, once it is committed, that there is news in what is said of a draft."""
    transaction.on_commit(lambda: live.announce_commented(draft_id), robust=True)
