"""The queue is read in the order of its runs' turns, and no two runs have the same."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generation', '0018_place_runs_by_due_dates'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='draft',
            options={'ordering': ['-turn', '-rank', 'pk'], 'verbose_name': 'draft', 'verbose_name_plural': 'drafts'},
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.UniqueConstraint(fields=('turn',), name='run_one_in_each_turn'),
        ),
        migrations.RemoveIndex(
            model_name='draft',
            name='draft_in_queue',
        ),
        migrations.AddIndex(
            model_name='draft',
            index=models.Index(fields=['status', '-turn', '-rank', 'id', 'kind', 'language', 'checkpoint', 'product', 'score'], name='draft_in_queue'),
        ),
    ]
