"""The database itself refuses to change or remove a decision."""

from django.db import migrations

SQLITE = [
    (
        "CREATE TRIGGER decision_no_{verb} BEFORE {VERB} ON review_decision "
        "BEGIN SELECT RAISE(ABORT, 'a decision is final'); END"
    ).format(verb=verb, VERB=verb.upper())
    for verb in ("update", "delete")
]
POSTGRESQL = [
    "CREATE FUNCTION review_decision_is_final() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'a decision is final' "
    "USING ERRCODE = 'integrity_constraint_violation'; END $$",
    "CREATE TRIGGER decision_is_final BEFORE UPDATE OR DELETE ON review_decision "
    "FOR EACH ROW EXECUTE FUNCTION review_decision_is_final()",
]
DROP = {
    "sqlite": ["DROP TRIGGER decision_no_update", "DROP TRIGGER decision_no_delete"],
    "postgresql": [
        "DROP TRIGGER decision_is_final ON review_decision",
        "DROP FUNCTION review_decision_is_final()",
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
    dependencies = [("review", "0001_initial")]
    operations = [migrations.RunPython(guard, unguard)]
