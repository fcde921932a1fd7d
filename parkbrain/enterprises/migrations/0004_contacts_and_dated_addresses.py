"""Contacts, confidential details, validity of documents, and one address of a kind at a time.

The database itself refuses a second address of the same kind on the same day: PostgreSQL by an exclusion constraint over
half-open date ranges, SQLite by two triggers. A later migration that rebuilds the table must make them again (a test
looks for them). Addresses that overlap before are ended where the next one of their kind begins.
"""

import django.db.models.deletion
from django.db import migrations, models

TABLE = "enterprises_enterpriseaddress"
NAME = "address_one_of_a_kind"
FOREVER = "9999-12-31"

POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    f"ALTER TABLE {TABLE} ADD CONSTRAINT {NAME} "
    "EXCLUDE USING gist (enterprise_id WITH =, kind WITH =, daterange(starts_on, ends_on, '[)') WITH &&)",
)


def trigger(event: str, name: str, other: str) -> str:
    return f"""
        CREATE TRIGGER {name} BEFORE {event} ON {TABLE}
        BEGIN
            SELECT RAISE(ABORT, '{NAME}') WHERE EXISTS (
                SELECT 1 FROM {TABLE} AS a
                WHERE a.enterprise_id = NEW.enterprise_id AND a.kind = NEW.kind {other}
                  AND a.starts_on < COALESCE(NEW.ends_on, '{FOREVER}')
                  AND NEW.starts_on < COALESCE(a.ends_on, '{FOREVER}')
            );
        END
    """


SQLITE = (
    trigger("INSERT", f"{NAME}_insert", ""),
    trigger("UPDATE OF enterprise_id, kind, starts_on, ends_on", f"{NAME}_update", "AND a.id <> OLD.id"),
)


def end_where_the_next_begins(apps, schema_editor):
    Address = apps.get_model("enterprises", "EnterpriseAddress")
    later = None
    for row in Address.objects.order_by("enterprise_id", "kind", "-starts_on"):
        same = later is not None and (later.enterprise_id, later.kind) == (row.enterprise_id, row.kind)
        if same and (row.ends_on is None or row.ends_on > later.starts_on):
            row.ends_on = later.starts_on
            row.save(update_fields=["ends_on"])
        later = row


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

    dependencies = [
        ('enterprises', '0003_enterprise_name_index'),
        ('kernel', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='EnterpriseConfidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('legal_representative', models.CharField(blank=True, max_length=80, verbose_name='legal representative')),
                ('representative_id_number', models.CharField(blank=True, max_length=30, verbose_name='identity number of the representative')),
                ('bank_name', models.CharField(blank=True, max_length=120, verbose_name='bank')),
                ('bank_account', models.CharField(blank=True, max_length=40, verbose_name='bank account')),
            ],
            options={
                'verbose_name': 'confidential details',
                'ordering': ['enterprise', 'park'],
            },
        ),
        migrations.CreateModel(
            name='EnterpriseContact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('position', models.CharField(blank=True, max_length=80, verbose_name='position')),
                ('phone', models.CharField(blank=True, max_length=40, verbose_name='telephone')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                ('is_main', models.BooleanField(default=False, verbose_name='main contact')),
                ('starts_on', models.DateField(verbose_name='from')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='to')),
            ],
            options={
                'verbose_name': 'contact',
                'ordering': ['enterprise', '-is_main', 'name'],
            },
        ),
        migrations.AddField(
            model_name='enterpriseaddress',
            name='source',
            field=models.CharField(blank=True, choices=[('LICENCE', 'Business licence'), ('TAX', 'Tax list'), ('STATISTICS', 'Statistics platform'), ('VISIT', 'Site visit'), ('LEASE', 'Lease'), ('SELF', 'Self-report')], max_length=10, verbose_name='source'),
        ),
        migrations.AddField(
            model_name='enterprisedocument',
            name='valid_from_on',
            field=models.DateField(blank=True, null=True, verbose_name='valid from'),
        ),
        migrations.AddField(
            model_name='occupancy',
            name='continues',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='continuations', to='enterprises.occupancy'),
        ),
        migrations.AlterField(
            model_name='enterprisedocument',
            name='kind',
            field=models.CharField(choices=[('LICENCE', 'Business licence'), ('LEASE', 'Lease'), ('SAFETY', 'Safety agreement'), ('FIRE', 'Fire acceptance'), ('INSURANCE', 'Insurance policy'), ('ENVIRONMENT', 'Environmental approval'), ('CERTIFICATE', 'Certificate'), ('OTHER', 'Other')], max_length=12, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='enterprisedocument',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to_on__isnull', True), ('valid_from_on__isnull', True), ('valid_to_on__gt', models.F('valid_from_on')), _connector='OR'), name='enterprise_document_period_forward'),
        ),
        migrations.AddField(
            model_name='enterpriseconfidence',
            name='enterprise',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='confidences', to='enterprises.enterprise'),
        ),
        migrations.AddField(
            model_name='enterpriseconfidence',
            name='park',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='kernel.park'),
        ),
        migrations.AddField(
            model_name='enterprisecontact',
            name='enterprise',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contacts', to='enterprises.enterprise'),
        ),
        migrations.AddField(
            model_name='enterprisecontact',
            name='park',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='kernel.park'),
        ),
        migrations.AddConstraint(
            model_name='enterpriseconfidence',
            constraint=models.UniqueConstraint(fields=('enterprise', 'park'), name='confidence_once'),
        ),
        migrations.AddConstraint(
            model_name='enterprisecontact',
            constraint=models.UniqueConstraint(fields=('enterprise', 'park', 'name', 'starts_on'), name='contact_once'),
        ),
        migrations.AddConstraint(
            model_name='enterprisecontact',
            constraint=models.UniqueConstraint(condition=models.Q(('ends_on__isnull', True), ('is_main', True)), fields=('enterprise', 'park'), name='contact_one_main'),
        ),
        migrations.AddConstraint(
            model_name='enterprisecontact',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gt', models.F('starts_on')), _connector='OR'), name='contact_period_forward'),
        ),
        migrations.RunPython(end_where_the_next_begins, migrations.RunPython.noop),
        migrations.RunPython(hold, release),
    ]
