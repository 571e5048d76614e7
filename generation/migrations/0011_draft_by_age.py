"""Drafts that wait are counted by their age, of each run, without a look at any text."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generation", "0010_drafts_are_ranked_and_put_off")]

    operations = [
        migrations.AddIndex(
            model_name="draft",
            index=models.Index(fields=["status", "created_at", "run"], name="draft_by_age"),
        ),
    ]
