from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0008_personal'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['-at', '-id'], name='event_newest'),
        ),
        migrations.AddIndex(
            model_name='mail',
            index=models.Index(fields=['-tried_at', '-id'], name='mail_newest'),
        ),
    ]
