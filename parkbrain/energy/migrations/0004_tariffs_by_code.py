"""Several tariffs of a kind at a time, each under a code; one of each code at a time, held by the database as before."""

from importlib import import_module

from django.db import migrations, models

BEFORE = import_module("parkbrain.energy.migrations.0001_meters_and_use")
NAME = "energy_tariff_one_at_a_time"
TABLE, COLUMNS, START, END = "energy_energytariff", ("park_id", "energy_kind", "code"), "starts_on", "ends_on"


def release(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE {TABLE} DROP CONSTRAINT {NAME}")
        return
    for suffix in ("insert", "update"):
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {NAME}_{suffix}")


def hold_by(columns):
    def hold(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            same = ", ".join(f"{c} WITH =" for c in columns)
            span = f"daterange({START}, {END}, '[)') WITH &&"
            rule = f"ALTER TABLE {TABLE} ADD CONSTRAINT {NAME} EXCLUDE USING gist ({same}, {span})"
            schema_editor.execute(rule, params=None)
            return
        for statement in BEFORE.triggers(NAME, TABLE, columns, START, END):
            schema_editor.execute(statement, params=None)

    return hold


class Migration(migrations.Migration):
    dependencies = [("energy", "0003_performance")]

    operations = [
        migrations.AlterModelOptions(
            name="energytariff",
            options={"ordering": ["park", "energy_kind", "code", "-starts_on"], "verbose_name": "energy tariff"},
        ),
        # SQLite makes the table anew for a column, which drops its triggers.
        migrations.RunPython(release, hold_by(COLUMNS[:2])),
        migrations.AddField(
            model_name="energytariff",
            name="code",
            field=models.CharField(blank=True, default="", max_length=40, verbose_name="tariff code"),
        ),
        migrations.RunPython(hold_by(COLUMNS), release),
    ]
