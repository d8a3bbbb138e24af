"""
The database itself refuses to change or delete entries of the audit log.

A later migration that makes SQLite build the table anew drops its triggers with it, and must call
`create` again; a test watches over that.
"""

from django.db import migrations

TABLE = "core_auditentry"
WORDS = "entries of the audit log are neither changed nor deleted"

SQLITE = {
    "update": f"BEFORE UPDATE ON {TABLE}",
    "delete": f"BEFORE DELETE ON {TABLE}",
    # INSERT OR REPLACE deletes what stands in its way without asking the trigger for DELETE.
    "replace": f"BEFORE INSERT ON {TABLE} WHEN EXISTS"
    f" (SELECT 1 FROM {TABLE} WHERE id = NEW.id OR opens_id = NEW.opens_id)",
}
POSTGRESQL = (
    "CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN RAISE EXCEPTION '{WORDS}'; END $$",
    f"CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON {TABLE}"
    " FOR EACH ROW EXECUTE FUNCTION audit_stays()",
)


def create(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in POSTGRESQL:
            schema_editor.execute(statement)
    else:
        for what, when in SQLITE.items():
            schema_editor.execute(
                f"CREATE TRIGGER audit_no_{what} {when} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
            )


def drop(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER IF EXISTS audit_stays ON {TABLE}")
        schema_editor.execute("DROP FUNCTION IF EXISTS audit_stays()")
    else:
        for what in SQLITE:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS audit_no_{what}")


class Migration(migrations.Migration):
    dependencies = [("core", "0006_audit")]

    operations = [migrations.RunPython(create, drop)]
