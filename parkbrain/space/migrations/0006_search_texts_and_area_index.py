from django.db import migrations, models

from parkbrain.kernel.bulk import fill_search_texts


def fill(apps, schema_editor):
    """Write the search texts of the rows that are there."""
    fill_search_texts(model=apps.get_model("space", "Building"), names=["name_zh_hans", "name_zh_hant", "name_en"])


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0004_search_texts'),
        ('space', '0005_premises_area_index'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='premises',
            name='premises_area',
        ),
        migrations.AddField(
            model_name='building',
            name='search_text',
            field=models.TextField(blank=True, default='', editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='premises',
            index=models.Index(fields=['billing_area_m2', 'id', 'building', 'added_on', 'removed_on'], name='premises_area_in_park'),
        ),
    ]
