"""Who may see how the desk does is said by a permission of its own."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("review", "0007_batches")]

    operations = [
        migrations.AlterModelOptions(
            name="decision",
            options={
                "ordering": ["-created_at", "-pk"],
                "permissions": [
                    ("undo_any_decision", "Can take back anybody's decision"),
                    ("see_dashboard", "Can see how the desk and its editors do"),
                ],
                "verbose_name": "decision",
                "verbose_name_plural": "decisions",
            },
        ),
    ]
