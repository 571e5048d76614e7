"""Let the drafts that were there before be found by what their texts have in common."""

from itertools import islice

from django.db import migrations

from generation import checks

_BATCH = 500


def add(apps, schema_editor):
    draft = apps.get_model("generation", "Draft")
    band = apps.get_model("generation", "DraftBand")
    rows = draft.objects.order_by("pk").values_list("pk", "text").iterator(_BATCH)
    while some := list(islice(rows, _BATCH)):
        band.objects.bulk_create(
            band(draft_id=pk, value=value) for pk, text in some for value in checks.bands(text)
        )


def remove(apps, schema_editor):
    apps.get_model("generation", "DraftBand").objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [("generation", "0006_draft_bands")]

    operations = [migrations.RunPython(add, remove)]
