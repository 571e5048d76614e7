"""Rows by one of their columns, through a statement that is written once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from functools import cached_property
from types import SimpleNamespace
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connections
from django.db.models import BigIntegerField, Field, Model, QuerySet, UUIDField
from django.db.models.query import ModelIterable
from django.db.models.sql.compiler import SQLCompiler
from django.http import Http404

Row = TypeVar("Row", bound=Model)

# Stand in the statement where the value will; each of another kind of column.
_NUMBER = -7_402_318
_UUID = UUID(int=7_402_318)


class Prepared(Generic[Row]):
    """Rows by the value of one column, with all that a query set gives of them.

    Of sixty columns from five tables Django takes several times as long to write the statement as
    the database to answer it, and it is the same each time but for the value. What is read is what
    the query set would give: its instances, related rows and annotations, in its order.

    Args:
        rows: gives the query set; called when the first row is asked for. Nothing of it may change
            with the time or with who asks.
        by: the column: a whole number, a UUID or a foreign key.
    """

    def __init__(self, rows: Callable[[], QuerySet[Row]], *, by: str = "pk") -> None:
        self._build = rows
        self._by = by

    def all(self, value: int | UUID) -> Iterator[Row]:
        """The rows with this value."""
        if isinstance(value, int) and value > BigIntegerField.MAX_BIGINT:
            return iter(())  # an address may name any number
        written, sql, parameters, mark = self._written
        compiler = copy(written)
        compiler.connection = connections[written.using]  # each thread has its own
        sent = self._column.get_db_prep_value(value, compiler.connection)
        known = [sent if parameter == mark else parameter for parameter in parameters]
        compiler.as_sql = lambda *_, **__: (sql, known)
        query = SimpleNamespace(get_compiler=lambda using: compiler)
        asked = SimpleNamespace(db=written.using, query=query, _known_related_objects={})
        return iter(ModelIterable(asked))

    def get(self, value: int | UUID) -> Row | None:
        """The row with this value; None where there is none."""
        return next(self.all(value), None)

    def get_or_404(self, value: int | UUID) -> Row:
        """The row with this value.

        Raises:
            Http404: there is none.
        """
        if (row := self.get(value)) is None:
            raise Http404
        return row

    @cached_property
    def rows(self) -> QuerySet[Row]:
        """The query set, to be narrowed: a copy of it that is narrowed reads the database anew."""
        return self._build()

    @cached_property
    def _column(self) -> Field:
        meta = self.rows.model._meta  # noqa: SLF001 - the only way
        return meta.pk if self._by == "pk" else meta.get_field(self._by)

    @cached_property
    def _written(self) -> tuple[SQLCompiler, str, tuple, Any]:
        mark = _UUID if isinstance(self._column, UUIDField) else _NUMBER
        rows = self.rows.filter(**{self._by: mark})
        compiler = rows.query.get_compiler(rows.db)
        sent = self._column.get_db_prep_value(mark, compiler.connection)
        return (compiler, *compiler.as_sql(), sent)
