from django.db import migrations, models

from parkbrain.kernel.bulk import fill_search_texts


def fill(apps, schema_editor):
    """Write the search texts of the rows that are there."""
    names = ["name_zh_hans", "name_zh_hant", "name_en"]
    fill_search_texts(model=apps.get_model("kernel", "Park"), names=names, others=["street"])
    fill_search_texts(model=apps.get_model("kernel", "User"), names=["full_name", "username"])


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0003_saved_views'),
    ]

    operations = [
        migrations.AddField(
            model_name='park',
            name='search_text',
            field=models.TextField(blank=True, default='', editable=False),
        ),
        migrations.AddField(
            model_name='user',
            name='search_text',
            field=models.TextField(blank=True, default='', editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['actor_name', 'id'], name='audit_actor'),
        ),
    ]
