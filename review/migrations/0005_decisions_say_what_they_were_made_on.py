"""A decision says what it was made on: where, with which others, how grave the fault is and where.

Decisions are final for the database too, so its guards are lifted while the table is changed.
"""

from importlib import import_module

from django.conf import settings
from django.db import migrations, models

_GUARDS = import_module("review.migrations.0002_decisions_are_append_only")


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0009_words_of_drafts"),
        ("review", "0004_claims"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(_GUARDS.unguard, _GUARDS.guard),
        migrations.AddField(
            model_name="decision",
            name="edit_ratio",
            field=models.FloatField(blank=True, null=True, verbose_name="share that was changed"),
        ),
        migrations.AddField(
            model_name="decision",
            name="group",
            field=models.UUIDField(blank=True, db_index=True, null=True, verbose_name="made together"),
        ),
        migrations.AddField(
            model_name="decision",
            name="score",
            field=models.FloatField(blank=True, null=True, verbose_name="score that was shown"),
        ),
        migrations.AddField(
            model_name="decision",
            name="severity",
            field=models.PositiveSmallIntegerField(blank=True, choices=[(1, "Slight"), (2, "Plain"), (3, "Grave")], null=True, verbose_name="severity"),
        ),
        migrations.AddField(
            model_name="decision",
            name="shown_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="shown since"),
        ),
        migrations.AddField(
            model_name="decision",
            name="source",
            field=models.CharField(blank=True, choices=[("desk", "Desk"), ("admin", "Admin"), ("api", "API")], max_length=8, verbose_name="made in"),
        ),
        migrations.AddField(
            model_name="decision",
            name="spans",
            field=models.JSONField(blank=True, default=list, verbose_name="marked places"),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("severity__in", [1, 2, 3]), ("verdict", "rejected")), ("severity__isnull", True), _connector="OR"), name="decision_severity_of_a_rejection"),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("edit_ratio__gte", 0), ("edit_ratio__lte", 1), ("verdict", "edited")), ("edit_ratio__isnull", True), _connector="OR"), name="decision_edit_ratio_of_an_edit"),
        ),
        migrations.RunPython(_GUARDS.guard, _GUARDS.unguard),
    ]
