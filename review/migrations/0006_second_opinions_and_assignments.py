"""A verdict may need a second opinion, a draft may be put off or be one editor's to decide.

Decisions are final for the database too, so its guards are lifted while the table is changed. A new
one refuses a second opinion on one's own verdict.
"""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


_GUARDS = import_module("review.migrations.0002_decisions_are_append_only")

# What refuses an opinion on one's own verdict. SQLite makes a table anew when it is changed, and
# loses this with it: a later migration that does has to add it again.
_OWN = "(SELECT editor_id FROM review_decision WHERE id = NEW.seconds_id) = NEW.editor_id"
FOUR_EYES = {
    "sqlite": [
        "CREATE TRIGGER decision_four_eyes BEFORE INSERT ON review_decision "
        f"WHEN NEW.seconds_id IS NOT NULL AND {_OWN} "
        "BEGIN SELECT RAISE(ABORT, 'a second opinion is somebody else''s'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION review_decision_four_eyes() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF NEW.seconds_id IS NOT NULL AND {_OWN} THEN "
        "RAISE EXCEPTION 'a second opinion is somebody else''s' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER decision_four_eyes BEFORE INSERT ON review_decision "
        "FOR EACH ROW EXECUTE FUNCTION review_decision_four_eyes()",
    ],
}
ANY_EYES = {
    "sqlite": ["DROP TRIGGER decision_four_eyes"],
    "postgresql": [
        "DROP TRIGGER decision_four_eyes ON review_decision",
        "DROP FUNCTION review_decision_four_eyes()",
    ],
}


def require_four_eyes(apps, schema_editor):
    """Add the guard of this database."""
    for statement in FOUR_EYES[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def allow_any_eyes(apps, schema_editor):
    """Take it away again."""
    for statement in ANY_EYES[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0007_campaigns_have_dates'),
        ('generation', '0010_drafts_are_ranked_and_put_off'),
        ('review', '0005_decisions_say_what_they_were_made_on'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(_GUARDS.unguard, _GUARDS.guard),
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True, verbose_name='assigned at')),
            ],
            options={
                'verbose_name': 'assignment',
                'verbose_name_plural': 'assignments',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='AssignmentRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('language', models.CharField(blank=True, choices=[('zh-hans', 'Chinese'), ('en', 'English')], help_text='Empty: every language.', max_length=10, verbose_name='language')),
                ('is_active', models.BooleanField(default=True, verbose_name='in force')),
            ],
            options={
                'verbose_name': 'rule for assignments',
                'verbose_name_plural': 'rules for assignments',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='QueueView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, verbose_name='name')),
                ('filters', models.CharField(max_length=500, verbose_name='filters')),
                ('is_shared', models.BooleanField(default=False, verbose_name='for everybody')),
            ],
            options={
                'verbose_name': 'view of the queue',
                'verbose_name_plural': 'views of the queue',
                'ordering': ['name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='SecondOpinionRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('language', models.CharField(blank=True, choices=[('zh-hans', 'Chinese'), ('en', 'English')], help_text='Empty: every language.', max_length=10, verbose_name='language')),
                ('of_edits', models.BooleanField(default=False, help_text='Nobody publishes their own words alone.', verbose_name='texts that an editor wrote')),
                ('of_queried', models.BooleanField(default=False, verbose_name='drafts that a check has a query about')),
                ('below_score', models.FloatField(blank=True, help_text='Of the discriminator, from 0 to 1.', null=True, verbose_name='drafts with a score below')),
                ('share', models.PositiveSmallIntegerField(default=0, help_text='100: every draft. A small share measures how well editors agree.', verbose_name='share of all, in per cent')),
                ('is_active', models.BooleanField(default=True, verbose_name='in force')),
            ],
            options={
                'verbose_name': 'rule for second opinions',
                'verbose_name_plural': 'rules for second opinions',
                'ordering': ['pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='decision',
            name='decision_text_or_reason',
        ),
        migrations.AddField(
            model_name='decision',
            name='is_provisional',
            field=models.BooleanField(default=False, verbose_name='awaits a second opinion'),
        ),
        migrations.AddField(
            model_name='decision',
            name='seconds',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='seconded_by', to='review.decision', verbose_name='second opinion on'),
        ),
        migrations.AddField(
            model_name='decision',
            name='until',
            field=models.DateTimeField(blank=True, null=True, verbose_name='put off until'),
        ),
        migrations.AddField(
            model_name='publication',
            name='publish_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='not published before'),
        ),
        migrations.AlterField(
            model_name='decision',
            name='verdict',
            field=models.CharField(choices=[('approved', 'Approved'), ('edited', 'Edited'), ('rejected', 'Rejected'), ('deferred', 'Put off'), ('undone', 'Taken back')], max_length=16, verbose_name='verdict'),
        ),
        migrations.AlterField(
            model_name='decision',
            name='source',
            field=models.CharField(blank=True, choices=[('desk', 'Desk'), ('bulk', 'Desk, many at once'), ('admin', 'Admin'), ('api', 'API')], max_length=8, verbose_name='made in'),
        ),
        migrations.AlterField(
            model_name='publication',
            name='status',
            field=models.CharField(choices=[('scheduled', 'Scheduled'), ('queued', 'Queued'), ('sending', 'Sending'), ('published', 'Published'), ('failed', 'Failed'), ('withdrawn', 'Withdrawn')], default='queued', max_length=16, verbose_name='status'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('final_text', ''), ('verdict', 'rejected'), models.Q(('reason', ''), _negated=True)), models.Q(('reason', ''), ('verdict__in', ['approved', 'edited']), models.Q(('final_text', ''), _negated=True)), models.Q(('final_text', ''), ('reason', ''), ('verdict__in', ['undone', 'deferred'])), _connector='OR'), name='decision_text_or_reason'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('until__isnull', False), ('verdict', 'deferred')), models.Q(models.Q(('verdict', 'deferred'), _negated=True), ('until__isnull', True)), _connector='OR'), name='decision_deferral_has_a_time'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('is_provisional', False), ('verdict__in', ['approved', 'edited']), _connector='OR'), name='decision_provisional_accepts'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('seconds__isnull', True), ('verdict__in', ['approved', 'edited', 'rejected']), _connector='OR'), name='decision_second_is_a_verdict'),
        ),
        migrations.AddConstraint(
            model_name='publication',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'scheduled'), _negated=True), ('publish_at__isnull', False), _connector='OR'), name='publication_scheduled_has_a_time'),
        ),
        migrations.AddField(
            model_name='assignment',
            name='by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='assigned by'),
        ),
        migrations.AddField(
            model_name='assignment',
            name='draft',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='assignment', to='generation.draft', verbose_name='draft'),
        ),
        migrations.AddField(
            model_name='assignment',
            name='editor',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='assignments', to=settings.AUTH_USER_MODEL, verbose_name='editor'),
        ),
        migrations.AddField(
            model_name='assignmentrule',
            name='editors',
            field=models.ManyToManyField(related_name='assignment_rules', to=settings.AUTH_USER_MODEL, verbose_name='editors'),
        ),
        migrations.AddField(
            model_name='assignmentrule',
            name='kind',
            field=models.ForeignKey(blank=True, help_text='Empty: every kind.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.contentkind', verbose_name='kind'),
        ),
        migrations.AddField(
            model_name='queueview',
            name='owner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='queue_views', to=settings.AUTH_USER_MODEL, verbose_name='owner'),
        ),
        migrations.AddField(
            model_name='secondopinionrule',
            name='kind',
            field=models.ForeignKey(blank=True, help_text='Empty: every kind.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.contentkind', verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='queueview',
            constraint=models.UniqueConstraint(fields=('owner', 'name'), name='queue_view_one_of_a_name'),
        ),
        migrations.AddConstraint(
            model_name='queueview',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('filters', ''), _negated=True)), name='queue_view_says_something'),
        ),
        migrations.AddConstraint(
            model_name='secondopinionrule',
            constraint=models.CheckConstraint(condition=models.Q(('share__range', (0, 100))), name='second_opinion_share_is_a_percentage'),
        ),
        migrations.AddConstraint(
            model_name='secondopinionrule',
            constraint=models.CheckConstraint(condition=models.Q(('below_score__isnull', True), models.Q(('below_score__gt', 0), ('below_score__lte', 1)), _connector='OR'), name='second_opinion_score_is_a_probability'),
        ),
        migrations.AddConstraint(
            model_name='secondopinionrule',
            constraint=models.CheckConstraint(condition=models.Q(('of_edits', True), ('of_queried', True), ('below_score__isnull', False), ('share__gt', 0), _connector='OR'), name='second_opinion_has_a_condition', violation_error_message='Choose at least one condition, or a share of all.'),
        ),
        migrations.RunPython(_GUARDS.guard, _GUARDS.unguard),
        migrations.RunPython(require_four_eyes, allow_any_eyes),
    ]
