"""Drawings beside words: all are in one file, which a browser fetches once."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from wsgiref.headers import Headers

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

_FILE = "img/icons.svg"


@register.simple_tag
@lru_cache
def icon(name: str, style: str = "") -> SafeString:
    """Draw a symbol of `static/img/icons.svg` in the colour and size of the words beside it.

    Args:
        name: its id there.
        style: a class more.
    """
    drawn = '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"/></svg>'
    return format_html(drawn, f" {style}" if style else "", _address(), name)


@lru_cache
def _address() -> str:
    """Where the file is; another one once it says something else, so that it can be kept."""
    with open(finders.find(_FILE), "rb") as file:  # noqa: PTH123 - a finder gives a name
        return f"{static(_FILE)}?{sha256(file.read()).hexdigest()[:8]}"


def keep(headers: Headers, path: str, url: str) -> None:
    """Let browsers keep the file: each draft that is shown would ask for it again."""
    if url.endswith("/icons.svg"):
        headers["Cache-Control"] = "max-age=31536000, public, immutable"
