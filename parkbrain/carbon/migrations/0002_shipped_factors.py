from django.db import migrations

from parkbrain import schemes


def load(apps, schema_editor):
    """Bring in the factors that ship; later releases add to them when the system starts."""
    factors = apps.get_model("carbon", "EmissionFactor")
    rows = schemes.shipped("factors.yaml")["factors"]
    factors.objects.bulk_create([factors(**row) for row in rows])


class Migration(migrations.Migration):
    dependencies = [("carbon", "0001_inventory_and_exchange")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
