import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


def number_rows(apps, schema_editor):
    """Number what is there within each lease, in the order in which it was entered; papers get the name of their file."""
    for name in ("DepositTerm", "Guarantee", "LeaseDocument"):
        model, last = apps.get_model("leasing", name), {}
        for row in model.objects.order_by("pk"):
            row.number = last[row.lease_id] = last.get(row.lease_id, 0) + 1
            if name == "LeaseDocument":
                row.name = row.document.name
            row.save()


class Migration(migrations.Migration):

    dependencies = [
        ("kernel", "0004_search_texts"),
        ("leasing", "0003_leads"),
    ]

    operations = [
        migrations.AddField("depositterm", "number", models.PositiveSmallIntegerField(default=1, verbose_name="no.")),
        migrations.AddField("guarantee", "number", models.PositiveSmallIntegerField(default=1, verbose_name="no.")),
        migrations.AddField(
            "guarantee", "valid_from_on", models.DateField(blank=True, null=True, verbose_name="valid from")
        ),
        migrations.AddField("leasedocument", "number", models.PositiveSmallIntegerField(default=1, verbose_name="no.")),
        migrations.AddField(
            "leasedocument", "name", models.CharField(blank=True, max_length=200, verbose_name="name of the paper")
        ),
        migrations.AddField(
            "leasedocument", "dated_on", models.DateField(blank=True, null=True, verbose_name="date of the paper")
        ),
        migrations.AddField(
            "leasedocument", "reference", models.CharField(blank=True, max_length=120, verbose_name="reference")
        ),
        migrations.AlterField(
            "leasedocument",
            "document",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="kernel.document",
            ),
        ),
        migrations.RunPython(number_rows, migrations.RunPython.noop),
        migrations.AddConstraint(
            "depositterm", models.UniqueConstraint(fields=["lease", "number"], name="deposit_terms_once")
        ),
        migrations.AddConstraint(
            "guarantee", models.UniqueConstraint(fields=["lease", "number"], name="guarantee_once")
        ),
        migrations.AddConstraint(
            "guarantee",
            models.CheckConstraint(
                condition=Q(valid_from_on__isnull=True)
                | Q(valid_to_on__isnull=True)
                | Q(valid_to_on__gt=F("valid_from_on")),
                name="guarantee_forward",
            ),
        ),
        migrations.AddConstraint(
            "leasedocument", models.UniqueConstraint(fields=["lease", "number"], name="lease_document_once")
        ),
    ]
