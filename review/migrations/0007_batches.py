"""A lot of like drafts, and the sample of it by which it is judged."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generation', '0010_drafts_are_ranked_and_put_off'),
        ('review', '0006_second_opinions_and_assignments'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('open', 'Being read'), ('passed', 'Passed'), ('failed', 'Not passed')], default='open', max_length=8, verbose_name='state')),
                ('group', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='group')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('editor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='batches', to=settings.AUTH_USER_MODEL, verbose_name='editor')),
            ],
            options={
                'verbose_name': 'batch',
                'verbose_name_plural': 'batches',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='BatchDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_sampled', models.BooleanField(default=False, verbose_name='of the sample')),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='review.batch', verbose_name='batch')),
                ('draft', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='batches', to='generation.draft', verbose_name='draft')),
            ],
            options={
                'verbose_name': 'draft of a batch',
                'verbose_name_plural': 'drafts of batches',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('batch', 'draft'), name='batch_draft_once')],
            },
        ),
    ]
