"""Place the runs that are there already, and their drafts, by when their campaigns want them."""

from django.db import migrations

from generation.ranking import urgency



def place(apps, schema_editor):
    using = schema_editor.connection.alias
    runs = apps.get_model("generation", "Run").objects.using(using)
    drafts = apps.get_model("generation", "Draft").objects.using(using)
    for pk, due_at in list(runs.values_list("pk", "campaign__due_at")):
        turn = pk + urgency(due_at)
        runs.filter(pk=pk).update(turn=turn)
        drafts.filter(run=pk).update(turn=turn)


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0007_campaigns_have_dates'),
        ('generation', '0017_turns_of_runs'),
    ]

    operations = [migrations.RunPython(place, migrations.RunPython.noop)]
