"""A run has a turn in the queue, and so has each of its drafts."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generation', '0016_findings_by_code'),
    ]

    operations = [
        migrations.AddField(
            model_name='run',
            name='turn',
            field=models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='turn'),
        ),
        migrations.AddField(
            model_name='draft',
            name='turn',
            field=models.BigIntegerField(default=0, editable=False, verbose_name='turn'),
        ),
    ]
