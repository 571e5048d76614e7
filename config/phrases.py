"""Django's tags for translated templates; what stands in them as it is, is translated once.

A page translates some hundred phrases, and a decision's card forty: each was looked up, marked as
safe and escaped anew by ninety calls, to the same letters. The settings put this library in the
place of `i18n`, so that templates load what they always did.
"""

from __future__ import annotations

from django import template
from django.conf import settings
from django.template.base import Parser, Token
from django.template.context import Context
from django.templatetags import i18n
from django.utils.safestring import SafeData, SafeString
from django.utils.translation import get_language

register = template.Library()
register.tags.update(i18n.register.tags)
register.filters.update(i18n.register.filters)


class Phrase(template.Node):
    """A phrase of the template itself, by the reader's language.

    Args:
        node: Django's own, which is asked once in each language.
        asvar: the name that it is kept under instead of being shown.
    """

    child_nodelists = ()

    def __init__(self, node: i18n.TranslateNode, asvar: str | None) -> None:
        self.node, self.asvar = node, asvar
        self._known: dict[str | None, SafeString] = {}

    def render(self, context: Context) -> str:
        """Give the phrase, or keep it under its name."""
        language = get_language()
        words = self._known.get(language)
        if words is None:
            words = self.node.render(context)
            # While somebody mends the translations, each is read anew.
            if isinstance(words, SafeData) and not settings.DEBUG:
                self._known[language] = words
        if self.asvar is None:
            return words
        context[self.asvar] = words
        return ""


@register.tag("translate")
@register.tag("trans")
def translate(parser: Parser, token: Token) -> template.Node:
    """Django's `translate`, whose own phrases are remembered."""
    node = i18n.do_translate(parser, token)
    words = node.filter_expression
    is_phrase = words.var.literal is not None and not words.filters
    if node.message_context or not is_phrase:
        return node
    asvar, node.asvar = node.asvar, None
    return Phrase(node, asvar)
