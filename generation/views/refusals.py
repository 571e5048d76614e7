"""What a page says when an order was refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.http import HttpRequest

from catalog.errors import CatalogError
from generation.errors import GenerationError


@contextmanager
def refusal_told(request: HttpRequest) -> Iterator[None]:
    """Say on the next page why an order was refused."""
    try:
        yield
    except (CatalogError, GenerationError) as refusal:
        messages.error(request, str(refusal))
