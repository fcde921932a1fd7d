from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('space', '0002_belonging_and_lineage'),
    ]

    operations = [
        migrations.AddField(
            model_name='building',
            name='footprint',
            field=models.JSONField(blank=True, null=True, verbose_name='footprint'),
        ),
        migrations.AddField(
            model_name='building',
            name='footprint_area_m2',
            field=models.FloatField(blank=True, null=True, verbose_name='footprint area (m²)'),
        ),
        migrations.AddField(
            model_name='building',
            name='source_guid',
            field=models.CharField(blank=True, max_length=22, verbose_name='GlobalId'),
        ),
        migrations.AddField(
            model_name='space',
            name='clear_height_m',
            field=models.FloatField(blank=True, null=True, verbose_name='clear height (m)'),
        ),
        migrations.AddField(
            model_name='space',
            name='name',
            field=models.CharField(blank=True, max_length=100, verbose_name='space name'),
        ),
        migrations.AddField(
            model_name='space',
            name='plan',
            field=models.JSONField(blank=True, null=True, verbose_name='outline'),
        ),
        migrations.AddField(
            model_name='space',
            name='source_guid',
            field=models.CharField(blank=True, max_length=22, verbose_name='GlobalId'),
        ),
        migrations.AddField(
            model_name='space',
            name='zone',
            field=models.CharField(blank=True, max_length=100, verbose_name='zone'),
        ),
        migrations.AddField(
            model_name='storey',
            name='elevation_m',
            field=models.FloatField(blank=True, null=True, verbose_name='elevation (m)'),
        ),
        migrations.AddField(
            model_name='storey',
            name='source_guid',
            field=models.CharField(blank=True, max_length=22, verbose_name='GlobalId'),
        ),
    ]
