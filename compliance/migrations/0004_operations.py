import django.db.models.deletion
from django.db import migrations, models


def remember_present_rules(apps, schema_editor):
    """The versions that hold now, each since the moment that is known of it."""
    Regulation = apps.get_model('compliance', 'Regulation')
    RegulationChange = apps.get_model('compliance', 'RegulationChange')
    known = Regulation.objects.filter(changed_at__isnull=False).exclude(requirements_hash='')
    RegulationChange.objects.bulk_create(
        [
            RegulationChange(
                regulation_id=regulation.pk,
                requirements_hash=regulation.requirements_hash,
                at=regulation.changed_at,
            )
            for regulation in known.only('requirements_hash', 'changed_at').iterator()
        ],
        batch_size=500,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0003_actions'),
    ]

    operations = [
        migrations.CreateModel(
            name='Pulse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.SlugField(max_length=40, unique=True, verbose_name='name')),
                ('at', models.DateTimeField(verbose_name='when')),
            ],
            options={
                'verbose_name': 'sign of life',
                'verbose_name_plural': 'signs of life',
            },
        ),
        migrations.CreateModel(
            name='RegulationChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('requirements_hash', models.CharField(max_length=64, verbose_name='hash')),
                ('at', models.DateTimeField(verbose_name='changed')),
                ('regulation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='compliance.regulation', verbose_name='regulation')),
            ],
            options={
                'verbose_name': 'change of a regulation',
                'verbose_name_plural': 'changes of regulations',
            },
        ),
        migrations.AddConstraint(
            model_name='regulationchange',
            constraint=models.UniqueConstraint(models.F('regulation'), models.F('at'), name='one_change_at_a_time'),
        ),
        migrations.AddField(
            model_name='account',
            name='test_asked_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='test asked for'),
        ),
        migrations.AddField(
            model_name='account',
            name='test_problem',
            field=models.CharField(blank=True, max_length=300, verbose_name='what the test found'),
        ),
        migrations.AddField(
            model_name='account',
            name='tested_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='last test'),
        ),
        migrations.AddField(
            model_name='user',
            name='gets_digest',
            field=models.BooleanField(default=False, help_text='Staff only: one mail each morning with what needs a person.', verbose_name='gets the digest'),
        ),
        migrations.AlterField(
            model_name='mail',
            name='kind',
            field=models.SlugField(choices=[('found', 'update needed'), ('reminder', 'reminder'), ('sent', 'sent for checking'), ('changes', 'changes needed'), ('approved', 'approved'), ('done', 'up to date'), ('expired', 'expired'), ('on-behalf', 'done on behalf'), ('invited', 'invitation'), ('passkey', 'passkey added or removed'), ('digest', 'digest for staff')], max_length=40, verbose_name='kind'),
        ),
        migrations.RunPython(remember_present_rules, migrations.RunPython.noop, elidable=True),
    ]
