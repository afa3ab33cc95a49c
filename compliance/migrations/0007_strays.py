import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0006_indexes'),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='strays_due_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='account',
            name='strays_read',
            field=models.JSONField(blank=True, default=dict, editable=False),
        ),
        migrations.CreateModel(
            name='Stray',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sid', models.CharField(max_length=34, unique=True, verbose_name='SID')),
                ('reference', models.CharField(blank=True, max_length=12, verbose_name='reference')),
                ('why', models.CharField(choices=[('doomed', 'is being deleted'), ('in-use', 'still in use'), ('refused', 'Twilio refuses to delete it'), ('unknown', 'carries the mark of a renewal that is not known here'), ('not-a-draft', 'our copy, no longer needed, but no draft any more'), ('unproven', 'carries our mark, but was not made by us as far as is known')], max_length=12, verbose_name='why')),
                ('status', models.CharField(blank=True, max_length=40, verbose_name='status')),
                ('code', models.PositiveIntegerField(blank=True, null=True, verbose_name='error code')),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='tries')),
                ('found_at', models.DateTimeField(verbose_name='found')),
                ('seen_at', models.DateTimeField(verbose_name='last seen')),
                ('next_try_at', models.DateTimeField(blank=True, null=True, verbose_name='next try')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='strays', to='compliance.account', verbose_name='account')),
                ('renewal', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='strays', to='compliance.renewal', verbose_name='renewal')),
            ],
            options={
                'verbose_name': 'object left over at Twilio',
                'verbose_name_plural': 'objects left over at Twilio',
                'default_permissions': (),
                'indexes': [models.Index(models.F('account'), models.F('next_try_at'), name='stray_next_try')],
            },
        ),
    ]
