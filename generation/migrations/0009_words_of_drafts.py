"""Drafts are found by their words: FTS5 on SQLite, a GIN index on PostgreSQL."""

from itertools import islice

import django.db.models.deletion
from django.db import migrations, models

import generation.models.draft_words
from generation.terms import spelt

_TABLE = {
    "sqlite": [
        "CREATE VIRTUAL TABLE generation_draftwords "
        "USING fts5(words, tokenize = 'unicode61', prefix = '2 3 4')"
    ],
    "postgresql": [
        "CREATE TABLE generation_draftwords (rowid bigint PRIMARY KEY, words text NOT NULL)",
        "CREATE INDEX draftwords_by_word ON generation_draftwords "
        "USING gin (to_tsvector('simple', words))",
    ],
}
_BATCH = 500


def make(apps, schema_editor):
    """Make the table, and keep the words of the drafts that are there."""
    for statement in _TABLE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)
    draft = apps.get_model("generation", "Draft")
    kept = apps.get_model("generation", "DraftWords")
    rows = draft.objects.order_by("pk").values_list("pk", "text", "brief", "product__sku")
    found = rows.iterator(_BATCH)
    while some := list(islice(found, _BATCH)):
        kept.objects.bulk_create(
            kept(draft_id=pk, words=spelt(text, brief.get("title", ""), sku))
            for pk, text, brief, sku in some
        )


def drop(apps, schema_editor):
    """Take the table away again."""
    schema_editor.execute("DROP TABLE generation_draftwords")


class Migration(migrations.Migration):
    dependencies = [("generation", "0008_queue_order")]

    operations = [
        migrations.CreateModel(
            name="DraftWords",
            fields=[
                (
                    "draft",
                    models.OneToOneField(
                        db_column="rowid",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="words",
                        serialize=False,
                        to="generation.draft",
                        verbose_name="draft",
                    ),
                ),
                ("words", generation.models.draft_words.WordsField(verbose_name="words")),
            ],
            options={
                "verbose_name": "words of a draft",
                "verbose_name_plural": "words of drafts",
                "db_table": "generation_draftwords",
                "managed": False,
            },
        ),
        migrations.RunPython(make, drop),
    ]
