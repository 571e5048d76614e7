"""How the API narrows its lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend

if TYPE_CHECKING:  # these ask the settings for what is in here
    from rest_framework.request import Request
    from rest_framework.viewsets import ViewSetMixin


class ListFilters(DjangoFilterBackend):
    """Filters for lists alone: what is asked for by its key is found by that."""

    def filter_queryset(self, request: Request, queryset: QuerySet, view: ViewSetMixin) -> QuerySet:
        """Narrow a list by what its address asks.

        For a single row the form of the filters would be built and bound for nothing, which takes
        as long as reading the row.
        """
        return queryset if view.detail else super().filter_queryset(request, queryset, view)
