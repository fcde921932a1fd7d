from django.db import migrations, models

from parkbrain.kernel.bulk import fill_search_texts


def fill(apps, schema_editor):
    """Write the search texts of the rows that are there."""
    fill_search_texts(
        model=apps.get_model("enterprises", "Enterprise"), names=["name_zh_hans", "name_zh_hant", "name_en"], others=["products", "products_en"]
    )
    fill_search_texts(model=apps.get_model("enterprises", "EnterpriseContact"), names=["name"])


class Migration(migrations.Migration):

    dependencies = [
        ('enterprises', '0004_contacts_and_dated_addresses'),
        ('space', '0006_search_texts_and_area_index'),
    ]

    operations = [
        migrations.AddField(
            model_name='enterprise',
            name='search_text',
            field=models.TextField(blank=True, default='', editable=False),
        ),
        migrations.AddField(
            model_name='enterprisecontact',
            name='search_text',
            field=models.TextField(blank=True, default='', editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='enterprise',
            name='size_class',
            field=models.CharField(blank=True, choices=[('LARGE', 'Large'), ('MEDIUM', 'Medium'), ('SMALL', 'Small'), ('MICRO', 'Micro')], max_length=8, verbose_name='size class'),
        ),
        migrations.AddIndex(
            model_name='enterprise',
            index=models.Index(fields=['size_class', 'industry_code', 'uscc'], name='enterprise_size_industry'),
        ),
        migrations.AddIndex(
            model_name='enterprise',
            index=models.Index(fields=['search_text', 'uscc'], name='enterprise_search'),
        ),
        migrations.RemoveIndex(
            model_name='occupancy',
            name='occupancy_premises_start',
        ),
        migrations.AddIndex(
            model_name='occupancy',
            index=models.Index(fields=['premises', 'starts_on', 'ends_on'], name='occupancy_premises_span'),
        ),
        migrations.AddIndex(
            model_name='occupancy',
            index=models.Index(fields=['rent_yuan_per_m2_month', 'id'], name='occupancy_rent'),
        ),
    ]
