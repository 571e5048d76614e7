"""Drawings beside words: all are in one file, which a browser fetches once."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
@lru_cache
def icon(name: str, style: str = "") -> SafeString:
    """Draw a symbol of `static/img/icons.svg` in the colour and size of the words beside it.

    Args:
        name: its id there.
        style: a class more.
    """
    drawn = '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"/></svg>'
    return format_html(drawn, f" {style}" if style else "", static("img/icons.svg"), name)
