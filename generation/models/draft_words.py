"""The words by which drafts are found: a full-text index of SQLite (FTS5) or PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Lookup
from django.utils.translation import gettext_lazy as _

from generation.models.draft import Draft
from generation.terms import Phrase, spelt


class WordsField(models.TextField):
    """A text that a full-text index stands on; see `WordsMatch`."""


@WordsField.register_lookup
class WordsMatch(Lookup):
    """`words__match`: whether the text holds every phrase of `generation.terms.phrases`."""

    lookup_name = "match"
    prepare_rhs = False

    def get_db_prep_lookup(self, value: list[Phrase], connection: Any) -> tuple[str, list[str]]:
        """The phrases in the database's own language of queries."""
        if connection.vendor == "postgresql":
            words = [f"({' <-> '.join(some)}{':*' if goes_on else ''})" for some, goes_on in value]
            return "%s", [" & ".join(words)]
        words = [f'"{" ".join(some)}"{" *" if goes_on else ""}' for some, goes_on in value]
        return "%s", [" AND ".join(words)]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list]:
        """For SQLite, where the table itself is the index."""
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} MATCH {right}", [*left_params, *right_params]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list]:
        """For PostgreSQL, where an index stands on the vector."""
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        sql = f"to_tsvector('simple', {left}) @@ to_tsquery('simple', {right})"
        return sql, [*left_params, *right_params]


class DraftWordsQuerySet(models.QuerySet["DraftWords"]):
    """What is kept of drafts."""

    def keep(self, drafts: Iterable[Draft]) -> None:
        """Let drafts be found by their text, their product's name and its SKU."""
        self.bulk_create(
            DraftWords(
                draft_id=draft.pk,
                words=spelt(draft.text, draft.brief.get("title", ""), draft.product.sku),
            )
            for draft in drafts
        )


class DraftWords(models.Model):
    """A draft's words as an index keeps them. Its migration makes the table, for each database."""

    draft = models.OneToOneField(
        Draft,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="words",
        db_column="rowid",
        db_constraint=False,
        verbose_name=_("draft"),
    )
    words = WordsField(_("words"))

    objects = DraftWordsQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "generation_draftwords"
        verbose_name = _("words of a draft")
        verbose_name_plural = _("words of drafts")

    def __str__(self) -> str:
        return f"{self.draft_id}: {self.words[:40]}"
