"""Meters, what they mean, and use that follows; of dated things one at a time: the database itself holds it.

PostgreSQL gets exclusion constraints over half-open ranges. SQLite has none, so triggers hold the rules; a later
migration that rebuilds a table must make them again (a test looks for them).
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


FOREVER = "9999-12-31"
#: Name → table, what may have only one at a time, and the columns of the period.
ONE_AT_A_TIME = {
    "meter_point_one_at_a_time": ("energy_meterpoint", ("meter_id",), "start_at", "end_at"),
    "point_meter_one_at_a_time": ("energy_meterpoint", ("point_id",), "start_at", "end_at"),
    "meter_parent_one_at_a_time": ("energy_meterparent", ("meter_id",), "starts_on", "ends_on"),
    "energy_tariff_one_at_a_time": ("energy_energytariff", ("park_id", "energy_kind"), "starts_on", "ends_on"),
    "allocation_rule_one_at_a_time": ("energy_allocationrule", ("park_id", "energy_kind"), "starts_on", "ends_on"),
    "meter_use_one_at_a_time": (
        "energy_meteruse",
        ("meter_id", "kind", "building_id", "storey_id", "space_id", "premises_id", "enterprise_id", "equipment"),
        "starts_on",
        "ends_on",
    ),
}


def exclusion(name, table, columns, start, end):
    span = "tstzrange" if start.endswith("_at") else "daterange"
    same = ", ".join(
        f"{c} WITH =" if c in {"meter_id", "point_id", "park_id", "kind", "energy_kind", "equipment"}
        else f"COALESCE({c}, 0) WITH ="
        for c in columns
    )
    return f"ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist ({same}, {span}({start}, {end}, '[)') WITH &&)"


def triggers(name, table, columns, start, end):
    same = " AND ".join(f"o.{c} IS NEW.{c}" for c in columns)
    for event, suffix, other in (("INSERT", "insert", ""), ("UPDATE", "update", "AND o.id <> OLD.id")):
        yield f"""
            CREATE TRIGGER {name}_{suffix} BEFORE {event} ON {table}
            BEGIN
                SELECT RAISE(ABORT, '{name}') WHERE EXISTS (
                    SELECT 1 FROM {table} AS o
                    WHERE {same} {other}
                      AND o.{start} < COALESCE(NEW.{end}, '{FOREVER}')
                      AND NEW.{start} < COALESCE(o.{end}, '{FOREVER}')
                );
            END
        """


def hold(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist", params=None)
        for name, rule in ONE_AT_A_TIME.items():
            schema_editor.execute(exclusion(name, *rule), params=None)
        return
    for name, rule in ONE_AT_A_TIME.items():
        for statement in triggers(name, *rule):
            schema_editor.execute(statement, params=None)


def release(apps, schema_editor):
    for name, (table, *_rest) in ONE_AT_A_TIME.items():
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            continue
        for suffix in ("insert", "update"):
            schema_editor.execute(f"DROP TRIGGER {name}_{suffix}")


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('enterprises', '0004_contacts_and_dated_addresses'),
        ('kernel', '0003_saved_views'),
        ('space', '0005_premises_area_index'),
        ('telemetry', '0001_sources_and_points'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReadMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('marker', models.BigIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'mark in the arrivals',
            },
        ),
        migrations.CreateModel(
            name='Meter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name_zh_hans', models.CharField(blank=True, max_length=160, verbose_name='name (Simplified Chinese)')),
                ('name_zh_hant', models.CharField(blank=True, max_length=160, verbose_name='name (Traditional Chinese)')),
                ('name_en', models.CharField(blank=True, max_length=200, verbose_name='name (English)')),
                ('code', models.CharField(max_length=60, verbose_name='meter code')),
                ('energy_kind', models.CharField(choices=[('ELECTRICITY', 'Electricity'), ('GAS', 'Natural gas'), ('WATER', 'Water'), ('RECYCLED_WATER', 'Recycled water'), ('HEAT', 'Heat'), ('COOLING', 'Cooling'), ('STEAM', 'Steam')], max_length=16, verbose_name='energy kind')),
                ('level', models.PositiveSmallIntegerField(choices=[(1, '1 · supply of the park'), (2, '2 · building, storey or tenant'), (3, '3 · end use')], default=2, verbose_name='level')),
                ('flow', models.CharField(choices=[('IN', 'taken in or used'), ('GENERATED', 'generated in the park'), ('OUT', 'given away')], default='IN', max_length=10, verbose_name='direction')),
                ('unit', models.CharField(max_length=40, verbose_name='unit')),
                ('formula', models.CharField(blank=True, max_length=2000, verbose_name='formula')),
                ('serial_number', models.CharField(blank=True, max_length=60, verbose_name='serial number')),
                ('accuracy_class', models.CharField(blank=True, max_length=6, verbose_name='accuracy class')),
                ('installed_on', models.DateField(blank=True, null=True, verbose_name='installed on')),
                ('removed_on', models.DateField(blank=True, null=True, verbose_name='taken out on')),
                ('calibrated_on', models.DateField(blank=True, null=True, verbose_name='calibrated on')),
                ('calibration_due_on', models.DateField(blank=True, null=True, verbose_name='calibration due on')),
                ('changed_at', models.DateTimeField()),
                ('building', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='space.building')),
                ('park', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='meters', to='kernel.park')),
            ],
            options={
                'verbose_name': 'meter',
                'ordering': ['park', 'code'],
                'indexes': [
                    models.Index(fields=['park', 'energy_kind', 'level'], name='meter_kind_level'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('park', 'code'), name='meter_code_once_per_park'),
                    models.CheckConstraint(condition=models.Q(('code', ''), _negated=True), name='meter_has_code'),
                    models.CheckConstraint(condition=models.Q(('level__gte', 1), ('level__lte', 3)), name='meter_level_known'),
                    models.CheckConstraint(condition=models.Q(('removed_on__isnull', True), ('installed_on__isnull', True), ('removed_on__gt', models.F('installed_on')), _connector='OR'), name='meter_period_forward'),
                ],
            },
        ),
        migrations.CreateModel(
            name='DayUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day')),
                ('use', models.FloatField(null=True, verbose_name='use')),
                ('known', models.FloatField(default=0.0, verbose_name='known')),
                ('measured', models.FloatField(default=0.0, verbose_name='measured')),
                ('flags', models.PositiveSmallIntegerField(default=0)),
                ('hours', models.BinaryField()),
                ('meter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='days', to='energy.meter')),
            ],
            options={
                'verbose_name': 'use of a day',
                'ordering': ['meter', 'day'],
                'indexes': [
                    models.Index(fields=['day', 'meter'], name='day_use_day'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('meter', 'day'), name='day_use_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Calibration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('done_on', models.DateField(verbose_name='done on')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='next due on')),
                ('certificate', models.CharField(blank=True, max_length=60, verbose_name='certificate number')),
                ('result', models.CharField(choices=[('PASSED', 'passed'), ('FAILED', 'failed')], default='PASSED', max_length=8, verbose_name='result')),
                ('meter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='calibrations', to='energy.meter')),
            ],
            options={
                'verbose_name': 'calibration',
                'ordering': ['meter', '-done_on'],
                'constraints': [
                    models.UniqueConstraint(fields=('meter', 'done_on'), name='calibration_once_a_day'),
                    models.CheckConstraint(condition=models.Q(('due_on__isnull', True), ('due_on__gt', models.F('done_on')), _connector='OR'), name='calibration_due_later'),
                ],
            },
        ),
        migrations.CreateModel(
            name='MeterBasis',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content', models.JSONField(default=list)),
                ('worked_out_at', models.DateTimeField()),
                ('meter', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='basis', to='energy.meter')),
            ],
            options={
                'verbose_name': "basis of a meter's use",
            },
        ),
        migrations.CreateModel(
            name='MeteringNeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name_zh_hans', models.CharField(blank=True, max_length=160, verbose_name='name (Simplified Chinese)')),
                ('name_zh_hant', models.CharField(blank=True, max_length=160, verbose_name='name (Traditional Chinese)')),
                ('name_en', models.CharField(blank=True, max_length=200, verbose_name='name (English)')),
                ('code', models.CharField(max_length=60, verbose_name='place code')),
                ('energy_kind', models.CharField(choices=[('ELECTRICITY', 'Electricity'), ('GAS', 'Natural gas'), ('WATER', 'Water'), ('RECYCLED_WATER', 'Recycled water'), ('HEAT', 'Heat'), ('COOLING', 'Cooling'), ('STEAM', 'Steam')], max_length=16, verbose_name='energy kind')),
                ('level', models.PositiveSmallIntegerField(choices=[(1, '1 · supply of the park'), (2, '2 · building, storey or tenant'), (3, '3 · end use')], verbose_name='level')),
                ('rated_load', models.FloatField(blank=True, null=True, verbose_name='rated load')),
                ('meter', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='needs', to='energy.meter')),
                ('park', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='metering_needs', to='kernel.park')),
            ],
            options={
                'verbose_name': 'place to be metered',
                'ordering': ['park', 'energy_kind', 'level', 'code'],
                'constraints': [
                    models.UniqueConstraint(fields=('park', 'code'), name='metering_need_once'),
                    models.CheckConstraint(condition=models.Q(('level__gte', 1), ('level__lte', 3)), name='metering_need_level_known'),
                    models.CheckConstraint(condition=models.Q(('rated_load__isnull', True), ('rated_load__gt', 0), _connector='OR'), name='metering_need_load_positive'),
                ],
            },
        ),
        migrations.CreateModel(
            name='MeterParent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_on', models.DateField(verbose_name='from')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='up to')),
                ('meter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parents', to='energy.meter')),
                ('parent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='children', to='energy.meter')),
            ],
            options={
                'verbose_name': 'place in the tree',
                'ordering': ['meter', 'starts_on'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gt', models.F('starts_on')), _connector='OR'), name='meter_parent_forward'),
                    models.CheckConstraint(condition=models.Q(('meter', models.F('parent')), _negated=True), name='meter_parent_is_another'),
                ],
            },
        ),
        migrations.CreateModel(
            name='MeterPoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('start_at', models.DateTimeField(verbose_name='from')),
                ('end_at', models.DateTimeField(blank=True, null=True, verbose_name='up to')),
                ('meter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='points', to='energy.meter')),
                ('point', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='telemetry.point')),
            ],
            options={
                'verbose_name': 'point of a meter',
                'ordering': ['meter', 'start_at'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('end_at__isnull', True), ('end_at__gt', models.F('start_at')), _connector='OR'), name='meter_point_forward'),
                ],
            },
        ),
        migrations.CreateModel(
            name='MeterSwap',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='exchanged at')),
                ('end_reading', models.FloatField(verbose_name='last reading of the old one')),
                ('start_reading', models.FloatField(verbose_name='first reading of the new one')),
                ('old_serial_number', models.CharField(blank=True, max_length=60, verbose_name='old serial number')),
                ('new_serial_number', models.CharField(blank=True, max_length=60, verbose_name='new serial number')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('recorded_at', models.DateTimeField()),
                ('meter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='swaps', to='energy.meter')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'exchange of a meter',
                'ordering': ['meter', 'at'],
                'constraints': [
                    models.UniqueConstraint(fields=('meter', 'at'), name='meter_swap_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='MeterUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('BUILDING', 'Building'), ('STOREY', 'Storey'), ('SPACE', 'Space'), ('PREMISES', 'Premises'), ('ENTERPRISE', 'Enterprise'), ('EQUIPMENT', 'Equipment or common use')], max_length=10, verbose_name='serves')),
                ('equipment', models.CharField(blank=True, max_length=80, verbose_name='equipment or use')),
                ('share', models.DecimalField(decimal_places=5, default=1, max_digits=6, verbose_name='share')),
                ('starts_on', models.DateField(verbose_name='from')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='up to')),
                ('building', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='space.building')),
                ('enterprise', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='enterprises.enterprise')),
                ('meter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='uses', to='energy.meter')),
                ('premises', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='space.premises')),
                ('space', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='space.space')),
                ('storey', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='space.storey')),
            ],
            options={
                'verbose_name': 'what a meter serves',
                'ordering': ['meter', 'starts_on', 'id'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gt', models.F('starts_on')), _connector='OR'), name='meter_use_forward'),
                    models.CheckConstraint(condition=models.Q(('share__gt', 0), ('share__lte', 1)), name='meter_use_share'),
                    models.CheckConstraint(condition=models.Q(models.Q(('building__isnull', False), ('kind', 'BUILDING')), models.Q(('kind', 'STOREY'), ('storey__isnull', False)), models.Q(('kind', 'SPACE'), ('space__isnull', False)), models.Q(('kind', 'PREMISES'), ('premises__isnull', False)), models.Q(('enterprise__isnull', False), ('kind', 'ENTERPRISE')), models.Q(('kind', 'EQUIPMENT'), models.Q(('equipment', ''), _negated=True)), _connector='OR'), name='meter_use_names_its_thing'),
                ],
            },
        ),
        migrations.CreateModel(
            name='MonthStatement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('energy_kind', models.CharField(choices=[('ELECTRICITY', 'Electricity'), ('GAS', 'Natural gas'), ('WATER', 'Water'), ('RECYCLED_WATER', 'Recycled water'), ('HEAT', 'Heat'), ('COOLING', 'Cooling'), ('STEAM', 'Steam')], max_length=16, verbose_name='energy kind')),
                ('month_on', models.DateField(verbose_name='month')),
                ('supply', models.FloatField(null=True, verbose_name='supply')),
                ('metered', models.FloatField(null=True, verbose_name='metered at enterprises')),
                ('public', models.FloatField(null=True, verbose_name='common use')),
                ('loss', models.FloatField(null=True, verbose_name='loss')),
                ('amount_yuan', models.DecimalField(decimal_places=2, max_digits=16, null=True, verbose_name='amount (yuan)')),
                ('inputs', models.JSONField(default=dict)),
                ('digest', models.CharField(max_length=64)),
                ('worked_out_at', models.DateTimeField(verbose_name='worked out at')),
                ('park', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='energy_statements', to='kernel.park')),
            ],
            options={
                'verbose_name': 'month of an energy kind',
                'ordering': ['park', '-month_on', 'energy_kind'],
                'constraints': [
                    models.UniqueConstraint(fields=('park', 'energy_kind', 'month_on'), name='month_statement_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ReadingRepair',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='time of the reading')),
                ('original_value', models.FloatField(null=True, verbose_name='as it was read')),
                ('original_quality', models.SmallIntegerField(null=True)),
                ('value', models.FloatField(blank=True, null=True, verbose_name='what counts instead')),
                ('reason', models.CharField(max_length=200, verbose_name='reason')),
                ('recorded_at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='taken back at')),
                ('point', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='telemetry.point')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'repaired reading',
                'ordering': ['-at', '-id'],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('undone_at', None)), fields=('point', 'at'), name='reading_repair_in_force_once'),
                    models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='reading_repair_has_reason'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Recomputed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(max_length=120, verbose_name='what')),
                ('why', models.CharField(choices=[('READINGS', 'late or repaired readings'), ('BASIS', 'another binding, factor, exchange or register'), ('FORMULA', 'a meter of the formula changed'), ('STATEMENT', 'use, a tariff, a sharing rule or who was there')], max_length=10, verbose_name='why')),
                ('starts_on', models.DateField(verbose_name='from')),
                ('ends_on', models.DateField(verbose_name='up to')),
                ('days_changed', models.PositiveIntegerField(verbose_name='days changed')),
                ('before', models.FloatField(null=True, verbose_name='before')),
                ('after', models.FloatField(null=True, verbose_name='after')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('meter', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='recomputed', to='energy.meter')),
                ('park', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='kernel.park')),
            ],
            options={
                'verbose_name': 'what was worked out anew',
                'ordering': ['-at', '-id'],
                'indexes': [
                    models.Index(fields=['park', '-at'], name='recomputed_park'),
                ],
            },
        ),
        migrations.CreateModel(
            name='StatementLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('metered', models.DecimalField(decimal_places=2, max_digits=16, null=True, verbose_name='metered')),
                ('public_share', models.DecimalField(decimal_places=2, max_digits=16, null=True, verbose_name='share of common use')),
                ('loss_share', models.DecimalField(decimal_places=2, max_digits=16, null=True, verbose_name='share of loss')),
                ('charges', models.JSONField(default=list)),
                ('meters', models.JSONField(default=list)),
                ('amount_yuan', models.DecimalField(decimal_places=2, max_digits=16, null=True, verbose_name='amount (yuan)')),
                ('tax_yuan', models.DecimalField(decimal_places=2, max_digits=16, null=True, verbose_name='of which tax (yuan)')),
                ('measured', models.FloatField(default=0.0, verbose_name='measured')),
                ('enterprise', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='enterprises.enterprise')),
                ('statement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='energy.monthstatement')),
            ],
            options={
                'verbose_name': 'line of a month',
                'ordering': ['statement', 'enterprise'],
                'constraints': [
                    models.UniqueConstraint(fields=('statement', 'enterprise'), name='statement_line_once'),
                    models.CheckConstraint(condition=models.Q(('tax_yuan__isnull', True), ('amount_yuan__isnull', True), ('tax_yuan__lte', models.F('amount_yuan')), _connector='OR'), name='statement_line_tax_within'),
                ],
            },
        ),
        migrations.CreateModel(
            name='AllocationRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('energy_kind', models.CharField(choices=[('ELECTRICITY', 'Electricity'), ('GAS', 'Natural gas'), ('WATER', 'Water'), ('RECYCLED_WATER', 'Recycled water'), ('HEAT', 'Heat'), ('COOLING', 'Cooling'), ('STEAM', 'Steam')], max_length=16, verbose_name='energy kind')),
                ('public_by', models.CharField(choices=[('NONE', 'not shared out'), ('USE', 'by metered use'), ('AREA', 'by area'), ('HEADS', 'by staff'), ('FIXED', 'by fixed shares')], default='AREA', max_length=6, verbose_name='common use')),
                ('loss_by', models.CharField(choices=[('NONE', 'not shared out'), ('USE', 'by metered use'), ('AREA', 'by area'), ('HEADS', 'by staff'), ('FIXED', 'by fixed shares')], default='USE', max_length=6, verbose_name='loss')),
                ('fixed_shares', models.JSONField(blank=True, default=dict, verbose_name='fixed shares')),
                ('starts_on', models.DateField(verbose_name='from')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='up to')),
                ('park', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='allocation_rules', to='kernel.park')),
            ],
            options={
                'verbose_name': 'sharing rule',
                'ordering': ['park', 'energy_kind', '-starts_on'],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gt', models.F('starts_on')), _connector='OR'), name='allocation_rule_forward')],
            },
        ),
        migrations.CreateModel(
            name='EnergyTariff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name_zh_hans', models.CharField(blank=True, max_length=160, verbose_name='name (Simplified Chinese)')),
                ('name_zh_hant', models.CharField(blank=True, max_length=160, verbose_name='name (Traditional Chinese)')),
                ('name_en', models.CharField(blank=True, max_length=200, verbose_name='name (English)')),
                ('energy_kind', models.CharField(choices=[('ELECTRICITY', 'Electricity'), ('GAS', 'Natural gas'), ('WATER', 'Water'), ('RECYCLED_WATER', 'Recycled water'), ('HEAT', 'Heat'), ('COOLING', 'Cooling'), ('STEAM', 'Steam')], max_length=16, verbose_name='energy kind')),
                ('starts_on', models.DateField(verbose_name='from')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='up to')),
                ('rates', models.JSONField(verbose_name='rates')),
                ('tax_rate', models.DecimalField(decimal_places=4, default=0, max_digits=5, verbose_name='tax rate')),
                ('source', models.CharField(blank=True, max_length=200, verbose_name='source')),
                ('park', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='energy_tariffs', to='kernel.park')),
            ],
            options={
                'verbose_name': 'energy tariff',
                'ordering': ['park', 'energy_kind', '-starts_on'],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gt', models.F('starts_on')), _connector='OR'), name='energy_tariff_forward'), models.CheckConstraint(condition=models.Q(('tax_rate__gte', 0), ('tax_rate__lt', 1)), name='energy_tariff_tax')],
            },
        ),
        migrations.RunPython(hold, release),
    ]
