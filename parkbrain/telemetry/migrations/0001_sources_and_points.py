"""Sources, points and what comes with them; of one point, one factor at a time: the database itself holds it.

PostgreSQL gets an exclusion constraint over half-open ranges. SQLite has none, so two triggers hold the rule; a later
migration that rebuilds the table must make them again (a test looks for them).
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TABLE = "telemetry_pointfactor"
NAME = "point_factor_one_at_a_time"
FOREVER = "9999-12-31"

POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    f"ALTER TABLE {TABLE} ADD CONSTRAINT {NAME} "
    "EXCLUDE USING gist (point_id WITH =, tstzrange(start_at, end_at, '[)') WITH &&)",
)


def trigger(event: str, name: str, other: str) -> str:
    return f"""
        CREATE TRIGGER {name} BEFORE {event} ON {TABLE}
        BEGIN
            SELECT RAISE(ABORT, '{NAME}') WHERE EXISTS (
                SELECT 1 FROM {TABLE} AS o
                WHERE o.point_id = NEW.point_id {other}
                  AND o.start_at < COALESCE(NEW.end_at, '{FOREVER}')
                  AND NEW.start_at < COALESCE(o.end_at, '{FOREVER}')
            );
        END
    """


SQLITE = (
    trigger("INSERT", f"{NAME}_insert", ""),
    trigger("UPDATE OF point_id, start_at, end_at", f"{NAME}_update", "AND o.id <> OLD.id"),
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

    initial = True

    dependencies = [
        ('kernel', '0003_saved_views'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReadingsBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('batch_id', models.CharField(max_length=120, unique=True)),
                ('rows', models.PositiveBigIntegerField(verbose_name='readings')),
                ('first_at', models.DateTimeField(verbose_name='from')),
                ('last_at', models.DateTimeField(verbose_name='up to')),
                ('taken_at', models.DateTimeField(verbose_name='taken at')),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.document')),
                ('park', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='readings_batches', to='kernel.park')),
                ('taken_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'readings from a file',
                'ordering': ['-taken_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Source',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name_zh_hans', models.CharField(blank=True, max_length=160, verbose_name='name (Simplified Chinese)')),
                ('name_zh_hant', models.CharField(blank=True, max_length=160, verbose_name='name (Traditional Chinese)')),
                ('name_en', models.CharField(blank=True, max_length=200, verbose_name='name (English)')),
                ('code', models.CharField(max_length=40, verbose_name='source code')),
                ('driver', models.CharField(max_length=40, verbose_name='driver')),
                ('settings', models.JSONField(blank=True, default=dict, verbose_name='settings')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('last_message_at', models.DateTimeField(blank=True, null=True, verbose_name='last message')),
                ('last_error', models.CharField(blank=True, max_length=300, verbose_name='last fault')),
                ('changed_at', models.DateTimeField(db_index=True)),
                ('park', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sources', to='kernel.park')),
            ],
            options={
                'verbose_name': 'source',
                'ordering': ['park', 'code'],
                'constraints': [
                    models.UniqueConstraint(fields=('park', 'code'), name='source_code_once_per_park'),
                    models.CheckConstraint(condition=models.Q(('code', ''), _negated=True), name='source_has_code'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PushReceipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64)),
                ('received_at', models.DateTimeField(db_index=True)),
                ('taken', models.PositiveIntegerField()),
                ('set_aside', models.PositiveIntegerField()),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='receipts', to='telemetry.source')),
            ],
            options={
                'verbose_name': 'receipt',
                'constraints': [
                    models.UniqueConstraint(fields=('digest', 'source'), name='receipt_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Point',
            fields=[
                ('name_zh_hans', models.CharField(blank=True, max_length=160, verbose_name='name (Simplified Chinese)')),
                ('name_zh_hant', models.CharField(blank=True, max_length=160, verbose_name='name (Traditional Chinese)')),
                ('name_en', models.CharField(blank=True, max_length=200, verbose_name='name (English)')),
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=60, verbose_name='point code')),
                ('brick_class', models.CharField(blank=True, max_length=80, verbose_name='Brick class')),
                ('unit', models.CharField(max_length=40, verbose_name='unit')),
                ('kind', models.CharField(choices=[('REGISTER', 'Register (cumulative)'), ('INTERVAL', 'Amount per interval'), ('GAUGE', 'Instantaneous value')], default='REGISTER', max_length=10, verbose_name='kind')),
                ('register_width', models.FloatField(blank=True, null=True, verbose_name='register starts again at')),
                ('max_rate_per_hour', models.FloatField(blank=True, null=True, verbose_name='highest rate per hour')),
                ('gap_hours', models.FloatField(default=2.0, verbose_name='longest time between readings (h)')),
                ('interval_s', models.PositiveIntegerField(default=900, verbose_name='interval (s)')),
                ('address', models.CharField(blank=True, max_length=200, verbose_name='address at the source')),
                ('changed_at', models.DateTimeField(db_index=True)),
                ('park', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='points', to='kernel.park')),
                ('source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='points', to='telemetry.source')),
            ],
            options={
                'verbose_name': 'point',
                'ordering': ['park', 'code'],
                'constraints': [
                    models.UniqueConstraint(fields=('park', 'code'), name='point_code_once_per_park'),
                    models.UniqueConstraint(condition=models.Q(('address', ''), _negated=True), fields=('source', 'address'), name='point_address_once_per_source'),
                    models.CheckConstraint(condition=models.Q(('code', ''), _negated=True), name='point_has_code'),
                    models.CheckConstraint(condition=models.Q(('register_width__isnull', True), ('register_width__gt', 0), _connector='OR'), name='point_width_positive'),
                    models.CheckConstraint(condition=models.Q(('max_rate_per_hour__isnull', True), ('max_rate_per_hour__gt', 0), _connector='OR'), name='point_rate_positive'),
                    models.CheckConstraint(condition=models.Q(('gap_hours__gt', 0)), name='point_gap_positive'),
                    models.CheckConstraint(condition=models.Q(('interval_s__gt', 0)), name='point_interval_positive'),
                ],
            },
        ),
        migrations.CreateModel(
            name='KeptAside',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('transport', models.CharField(max_length=20, verbose_name='way in')),
                ('reason', models.CharField(max_length=40, verbose_name='reason')),
                ('address', models.CharField(blank=True, max_length=200, verbose_name='address')),
                ('params', models.JSONField(blank=True, default=dict)),
                ('payload', models.TextField(blank=True, verbose_name='what was sent')),
                ('kept', models.PositiveIntegerField(default=0, verbose_name='kept')),
                ('times', models.PositiveBigIntegerField(default=0, verbose_name='times')),
                ('first_at', models.DateTimeField(verbose_name='first seen')),
                ('received_at', models.DateTimeField(verbose_name='last seen')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed at')),
                ('released', models.PositiveIntegerField(blank=True, null=True, verbose_name='released')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='kept_aside', to='telemetry.source')),
            ],
            options={
                'verbose_name': 'what was set aside',
                'ordering': ['-received_at', '-id'],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('source', 'reason', 'address'), name='kept_aside_open_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='DeviceToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('prefix', models.CharField(max_length=16, verbose_name='prefix')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='expires at')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='revoked at')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='device_tokens', to='telemetry.source')),
            ],
            options={
                'verbose_name': 'device token',
                'ordering': ['-created_at', '-id'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('expires_at__isnull', True), ('expires_at__gt', models.F('created_at')), _connector='OR'), name='device_token_expires_after_creation'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SourceMinute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('minute_at', models.DateTimeField()),
                ('messages', models.PositiveIntegerField(default=0)),
                ('taken', models.PositiveBigIntegerField(default=0)),
                ('set_aside', models.PositiveBigIntegerField(default=0)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='minutes', to='telemetry.source')),
            ],
            options={
                'verbose_name': 'minute of a source',
                'constraints': [
                    models.UniqueConstraint(fields=('source', 'minute_at'), name='source_minute_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='TypedReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='read at')),
                ('value', models.FloatField(verbose_name='reading')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                ('warnings', models.JSONField(blank=True, default=list)),
                ('recorded_at', models.DateTimeField()),
                ('photo', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='kernel.document')),
                ('point', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='typed_readings', to='telemetry.point')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'typed-in reading',
                'ordering': ['-at', '-id'],
                'indexes': [
                    models.Index(fields=['point', '-at'], name='typed_reading_point'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PointFactor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('multiplier', models.FloatField(default=1.0, verbose_name='multiplier')),
                ('ct_ratio', models.FloatField(default=1.0, verbose_name='current transformer ratio')),
                ('pt_ratio', models.FloatField(default=1.0, verbose_name='voltage transformer ratio')),
                ('start_at', models.DateTimeField(verbose_name='from')),
                ('end_at', models.DateTimeField(blank=True, null=True, verbose_name='up to')),
                ('point', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='factors', to='telemetry.point')),
            ],
            options={
                'verbose_name': 'factor of a point',
                'ordering': ['point', 'start_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('end_at__isnull', True), ('end_at__gt', models.F('start_at')), _connector='OR'), name='point_factor_forward'), models.CheckConstraint(condition=models.Q(models.Q(('multiplier', 0), _negated=True), ('ct_ratio__gt', 0), ('pt_ratio__gt', 0)), name='point_factor_not_zero')],
            },
        ),
        migrations.RunPython(hold, release),
    ]
