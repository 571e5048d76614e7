"""A decision has the key of its wish, and may be taken back by a second row.

Publications come to belong to a decision, so that the text of one that was taken back stays apart
from the text that the draft is approved with later. Decisions are final for the database too, so
its guards are lifted while the table is changed; SQLite makes that table anew and would lose them.
"""

import uuid
from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

_GUARDS = import_module("review.migrations.0002_decisions_are_append_only")


def give_keys(apps, schema_editor):
    """Give each decision a key of its own."""
    decisions = apps.get_model("review", "Decision").objects.using(schema_editor.connection.alias)
    for pk in decisions.values_list("pk", flat=True).iterator():
        decisions.filter(pk=pk).update(key=uuid.uuid4())


def name_decisions(apps, schema_editor):
    """Name the one decision that each publication came of."""
    alias = schema_editor.connection.alias
    decisions = apps.get_model("review", "Decision").objects.using(alias)
    publications = apps.get_model("review", "Publication").objects.using(alias)
    of_draft = decisions.filter(draft=models.OuterRef("draft")).values("pk")
    publications.update(decision=models.Subquery(of_draft[:1]))


class Migration(migrations.Migration):
    dependencies = [("review", "0002_decisions_are_append_only")]

    operations = [
        migrations.RunPython(_GUARDS.unguard, _GUARDS.guard),
        migrations.AlterModelOptions(
            name="decision",
            options={
                "ordering": ["-created_at", "-pk"],
                "permissions": [("undo_any_decision", "Can take back anybody's decision")],
                "verbose_name": "decision",
                "verbose_name_plural": "decisions",
            },
        ),
        migrations.AlterField(
            model_name="decision",
            name="verdict",
            field=models.CharField(
                choices=[
                    ("approved", "Approved"),
                    ("edited", "Edited"),
                    ("rejected", "Rejected"),
                    ("undone", "Taken back"),
                ],
                max_length=16,
                verbose_name="verdict",
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="key",
            field=models.UUIDField(editable=False, null=True, verbose_name="key"),
        ),
        migrations.RunPython(give_keys, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="decision",
            name="key",
            field=models.UUIDField(
                default=uuid.uuid4, editable=False, unique=True, verbose_name="key"
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="undoes",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="undone_by",
                to="review.decision",
                verbose_name="takes back",
            ),
        ),
        migrations.RemoveConstraint(model_name="decision", name="decision_one_per_draft"),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                fields=("draft", "draft_version"), name="decision_one_per_version"
            ),
        ),
        migrations.RemoveConstraint(model_name="decision", name="decision_text_or_reason"),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=(
                    models.Q(verdict="rejected", final_text="") & ~models.Q(reason="")
                    | models.Q(verdict__in=["approved", "edited"], reason="")
                    & ~models.Q(final_text="")
                    | models.Q(verdict="undone", final_text="", reason="")
                ),
                name="decision_text_or_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(verdict="undone", undoes__isnull=False)
                | ~models.Q(verdict="undone") & models.Q(undoes__isnull=True),
                name="decision_undone_names_which",
            ),
        ),
        migrations.AddField(
            model_name="publication",
            name="decision",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="publications",
                to="review.decision",
                verbose_name="decision",
            ),
        ),
        migrations.RunPython(name_decisions, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="publication",
            name="decision",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="publications",
                to="review.decision",
                verbose_name="decision",
            ),
        ),
        migrations.RemoveConstraint(
            model_name="publication", name="publication_one_per_draft_and_channel"
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.UniqueConstraint(
                fields=("decision", "channel"), name="publication_one_per_decision_and_channel"
            ),
        ),
        migrations.RunPython(_GUARDS.guard, _GUARDS.unguard),
    ]
