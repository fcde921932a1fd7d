"""One lease at a time: the database itself refuses to let the same premises twice for the same day.

PostgreSQL gets an exclusion constraint over half-open date ranges. SQLite has none, so two triggers hold the rule; a
later migration that rebuilds the table must make them again (a test looks for them).
"""

from django.db import migrations

TABLE = "leasing_let"
NAME = "let_one_at_a_time"

POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    f"ALTER TABLE {TABLE} ADD CONSTRAINT {NAME} "
    "EXCLUDE USING gist (premises_id WITH =, daterange(starts_on, ends_on, '[)') WITH &&)",
)


def trigger(event: str, name: str, other: str) -> str:
    return f"""
        CREATE TRIGGER {name} BEFORE {event} ON {TABLE}
        BEGIN
            SELECT RAISE(ABORT, '{NAME}') WHERE EXISTS (
                SELECT 1 FROM {TABLE} AS o
                WHERE o.premises_id = NEW.premises_id {other}
                  AND o.starts_on < NEW.ends_on
                  AND NEW.starts_on < o.ends_on
            );
        END
    """


SQLITE = (
    trigger("INSERT", f"{NAME}_insert", ""),
    trigger("UPDATE OF premises_id, starts_on, ends_on", f"{NAME}_update", "AND o.id <> OLD.id"),
)


def hold(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement, params=None)


def release(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE {TABLE} DROP CONSTRAINT {NAME}")
        return
    for event in ("insert", "update"):
        schema_editor.execute(f"DROP TRIGGER {NAME}_{event}")


class Migration(migrations.Migration):
    dependencies = [("leasing", "0001_leases")]

    operations = [migrations.RunPython(hold, release)]
