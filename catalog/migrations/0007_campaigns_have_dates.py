"""A campaign says by when its copy is wanted, and when it may go out."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0006_audit_log'),
    ]

    operations = [
        migrations.AddField(
            model_name='campaign',
            name='due_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='wanted by'),
        ),
        migrations.AddField(
            model_name='campaign',
            name='publish_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='not published before'),
        ),
    ]
