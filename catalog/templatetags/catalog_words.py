"""Names in the right language."""

from typing import Any

from django import template
from django.utils.translation import get_language

from catalog.models import Product

register = template.Library()


@register.filter
def title_in(product: Product, language: str) -> str:
    """A product's title in a language of copy."""
    return product.title(language)


@register.filter
def name_here(thing: Any) -> str:
    """The name of a kind or a category in the reader's language."""
    return thing.name("zh-hans" if (get_language() or "").startswith("zh") else "en")
