"""A draft has a rank in the queue of its run, may be put off, and may await a second opinion.

Drafts from before rank by their score, as they did.
"""

from django.db import migrations, models


def rank_by_score(apps, schema_editor):
    """Keep drafts from before in the order they had."""
    drafts = apps.get_model("generation", "Draft").objects.using(schema_editor.connection.alias)
    drafts.update(rank=models.F("score"))


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0007_campaigns_have_dates'),
        ('generation', '0009_words_of_drafts'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='draft',
            options={'ordering': ['-run', '-rank', 'pk'], 'verbose_name': 'draft', 'verbose_name_plural': 'drafts'},
        ),
        migrations.RemoveConstraint(
            model_name='draft',
            name='draft_proposed_is_undecided',
        ),
        migrations.RemoveIndex(
            model_name='draft',
            name='draft_in_queue',
        ),
        migrations.AddField(
            model_name='draft',
            name='is_random',
            field=models.BooleanField(default=False, verbose_name='placed at random'),
        ),
        migrations.AddField(
            model_name='draft',
            name='rank',
            field=models.FloatField(default=0.0, verbose_name='rank'),
        ),
        migrations.RunPython(rank_by_score, migrations.RunPython.noop),
        migrations.AddField(
            model_name='draft',
            name='waits_until',
            field=models.DateTimeField(blank=True, null=True, verbose_name='put off until'),
        ),
        migrations.AlterField(
            model_name='draft',
            name='status',
            field=models.CharField(choices=[('proposed', 'Proposed'), ('deferred', 'Put off'), ('second', 'Awaits a second opinion'), ('approved', 'Approved'), ('rejected', 'Rejected'), ('expired', 'Expired'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='proposed', max_length=10, verbose_name='status'),
        ),
        migrations.AddIndex(
            model_name='draft',
            index=models.Index(fields=['status', '-run', '-rank', 'id'], name='draft_in_queue'),
        ),
        migrations.AddIndex(
            model_name='draft',
            index=models.Index(condition=models.Q(('status', 'deferred')), fields=['waits_until'], name='draft_put_off'),
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['proposed', 'second', 'deferred']), _negated=True), ('decided_at__isnull', True), _connector='OR'), name='draft_open_is_undecided'),
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'deferred'), ('waits_until__isnull', False)), models.Q(models.Q(('status', 'deferred'), _negated=True), ('waits_until__isnull', True)), _connector='OR'), name='draft_deferred_has_a_time'),
        ),
    ]
