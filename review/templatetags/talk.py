"""What people say to each other, and how much of it waits for the reader."""

from __future__ import annotations

from collections.abc import Iterator

from django import template
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from review.models import Comment
from review.services import Thread, unread_number

register = template.Library()


@register.simple_tag
def said(comment: Comment) -> SafeString:
    """A comment's text with the names of those who were told of it marked."""
    return format_html_join("", "{}", ((piece,) for piece in _pieces(comment)))


@register.simple_tag(takes_context=True)
def unread_notifications(context: Context) -> int:
    """How many notifications the signed-in reader of a page has not read."""
    return unread_number(context["user"])


@register.filter
def open_threads(threads: list[Thread]) -> list[Thread]:
    """Those that wait for somebody."""
    return [thread for thread in threads if thread.comment.is_open]


@register.filter
def closed_threads(threads: list[Thread]) -> list[Thread]:
    """Those that are resolved or removed."""
    return [thread for thread in threads if not thread.comment.is_open]


def _pieces(comment: Comment) -> Iterator[SafeString | str]:
    at = 0
    for start, end in comment.mentions:
        yield comment.text[at:start]
        yield format_html('<b class="mention">{}</b>', comment.text[start:end])
        at = end
    yield comment.text[at:]
