"""Rows by their key, through a statement that is written once."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import cached_property
from types import SimpleNamespace
from typing import Generic, TypeVar

from django.db import connections
from django.db.models import BigIntegerField, Model, QuerySet
from django.db.models.query import ModelIterable
from django.db.models.sql.compiler import SQLCompiler
from django.http import Http404

Row = TypeVar("Row", bound=Model)

_KEY = -7_402_318  # stands in the statement where the key of a row will


class Prepared(Generic[Row]):
    """One row by its key, with all that a query set gives of it.

    Of sixty columns from five tables Django takes several times as long to write the statement as
    the database to answer it, and it is the same each time but for the key. What is read is what
    the query set would give: its instances, related rows and annotations.

    Args:
        rows: gives the query set; called when the first row is asked for. Nothing of it may change
            with the time or with who asks.
    """

    def __init__(self, rows: Callable[[], QuerySet[Row]]) -> None:
        self._build = rows

    def get(self, key: int) -> Row | None:
        """The row with this key; None where there is none."""
        if key > BigIntegerField.MAX_BIGINT:  # an address may name any number
            return None
        written, sql, parameters = self._written
        compiler = copy(written)
        compiler.connection = connections[written.using]  # each thread has its own
        known = [key if parameter == _KEY else parameter for parameter in parameters]
        compiler.as_sql = lambda *_, **__: (sql, known)
        query = SimpleNamespace(get_compiler=lambda using: compiler)
        asked = SimpleNamespace(db=written.using, query=query, _known_related_objects={})
        return next(iter(ModelIterable(asked)), None)

    def get_or_404(self, key: int) -> Row:
        """The row with this key.

        Raises:
            Http404: there is none.
        """
        if (row := self.get(key)) is None:
            raise Http404
        return row

    @cached_property
    def rows(self) -> QuerySet[Row]:
        """The query set, to be narrowed: a copy of it that is narrowed reads the database anew."""
        return self._build()

    @cached_property
    def _written(self) -> tuple[SQLCompiler, str, tuple]:
        rows = self.rows.filter(pk=_KEY)
        compiler = rows.query.get_compiler(rows.db)
        return (compiler, *compiler.as_sql())
