from django.db import migrations


def sort_again(apps, schema_editor):
    """Files sorted before values were kept as whole numbers count as arrived: readers take them, the next pass sorts them."""
    segments = apps.get_model("lake", "Segment").objects.using(schema_editor.connection.alias)
    segments.filter(level=1, is_live=True).update(level=0, partition="")


class Migration(migrations.Migration):

    dependencies = [("lake", "0001_readings")]

    operations = [migrations.RunPython(sort_again, migrations.RunPython.noop)]
