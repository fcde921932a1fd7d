"""Chain the events that exist already, and make room for requests that a second person decides on."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def chain_events(apps, schema_editor):
    """Give every event its place in the chain, in the order in which they were written."""
    from parkbrain.kernel.audit import GENESIS, hash_event

    events = apps.get_model("kernel", "AuditEvent").objects
    position, previous, batch = 0, GENESIS, []
    fields = ["actor_name", "park_code", "position", "previous_hash", "hash"]
    for event in events.select_related("actor", "park").order_by("pk").iterator(chunk_size=1000):
        event.actor_name = event.actor.username if event.actor else ""
        event.park_code = event.park.code if event.park else ""
        event.position, event.previous_hash = position + 1, previous
        event.hash = hash_event(event)
        position, previous = event.position, event.hash
        batch.append(event)
        if len(batch) == 500:
            events.bulk_update(batch, fields)
            batch = []
    events.bulk_update(batch, fields)
    apps.get_model("kernel", "AuditHead").objects.create(pk=1, position=position, hash=previous)


class Migration(migrations.Migration):

    dependencies = [("kernel", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.BigIntegerField()),
                ("hash", models.CharField(max_length=64)),
            ],
        ),
        migrations.AddField("auditevent", "actor_name", models.CharField(blank=True, max_length=60, default=""), preserve_default=False),
        migrations.AddField("auditevent", "park_code", models.CharField(blank=True, max_length=40, default=""), preserve_default=False),
        migrations.AddField("auditevent", "position", models.BigIntegerField(null=True)),
        migrations.AddField("auditevent", "previous_hash", models.CharField(max_length=64, default=""), preserve_default=False),
        migrations.AddField("auditevent", "hash", models.CharField(max_length=64, default=""), preserve_default=False),
        migrations.RunPython(chain_events, migrations.RunPython.noop),
        migrations.AlterField("auditevent", "position", models.BigIntegerField(unique=True)),
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=60)),
                ("params", models.JSONField(default=dict)),
                ("path", models.CharField(max_length=200)),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                ("state", models.CharField(choices=[("WAITING", "Waiting"), ("APPROVED", "Approved"), ("REFUSED", "Refused"), ("WITHDRAWN", "Withdrawn")], db_index=True, default="WAITING", max_length=10)),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("decision_reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                ("asked_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("decided_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "approval",
                "ordering": ["-asked_at", "-id"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("decided_by", None), ("state", "WITHDRAWN"), models.Q(("decided_by", models.F("asked_by")), _negated=True), _connector="OR"), name="approval_by_a_second_person"),
                ],
            },
        ),
    ]
