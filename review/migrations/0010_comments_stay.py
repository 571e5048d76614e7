"""The database itself refuses to forget a comment, or to change more of it than may change."""

from django.db import migrations

# What never changes, and what changes once: from nothing to who and when.
FIXED = ["draft_id", "author_id", "parent_id", "start", "end", "key", "created_at"]
ONCE = ["resolved_at", "resolved_by_id", "removed_at"]


def changed(differs):
    """Whether an update changes what stays, in the words of one database."""
    fixed = [f'NEW."{name}" {differs} OLD."{name}"' for name in FIXED]
    once = [
        f'(OLD."{name}" IS NOT NULL AND NEW."{name}" {differs} OLD."{name}")' for name in ONCE
    ]
    text = f'(NEW."text" {differs} OLD."text" AND NEW."removed_at" IS NULL)'
    return " OR ".join([*fixed, *once, text])


SQLITE = [
    "CREATE TRIGGER comment_no_delete BEFORE DELETE ON review_comment "
    "BEGIN SELECT RAISE(ABORT, 'a comment stays'); END",
    f"CREATE TRIGGER comment_no_change BEFORE UPDATE ON review_comment WHEN {changed('IS NOT')} "
    "BEGIN SELECT RAISE(ABORT, 'a comment stays'); END",
]
POSTGRESQL = [
    "CREATE FUNCTION review_comment_stays() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'a comment stays' "
    "USING ERRCODE = 'integrity_constraint_violation'; END $$",
    "CREATE TRIGGER comment_no_delete BEFORE DELETE ON review_comment "
    "FOR EACH ROW EXECUTE FUNCTION review_comment_stays()",
    "CREATE TRIGGER comment_no_change BEFORE UPDATE ON review_comment FOR EACH ROW "
    f"WHEN ({changed('IS DISTINCT FROM')}) EXECUTE FUNCTION review_comment_stays()",
]
DROP = {
    "sqlite": ["DROP TRIGGER comment_no_delete", "DROP TRIGGER comment_no_change"],
    "postgresql": [
        "DROP TRIGGER comment_no_delete ON review_comment",
        "DROP TRIGGER comment_no_change ON review_comment",
        "DROP FUNCTION review_comment_stays()",
    ],
}


def guard(apps, schema_editor):
    """Add the triggers of this database."""
    wanted = {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]
    for statement in wanted:
        schema_editor.execute(statement)


def unguard(apps, schema_editor):
    """Take them away again."""
    for statement in DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("review", "0009_comments_and_notifications")]
    operations = [migrations.RunPython(guard, unguard)]
