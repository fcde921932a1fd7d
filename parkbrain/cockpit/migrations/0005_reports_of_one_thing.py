from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cockpit', '0004_report_spans'),
    ]

    operations = [
        migrations.AddField(
            model_name='reportschedule',
            name='subject_number',
            field=models.BigIntegerField(blank=True, null=True),
        ),
    ]
