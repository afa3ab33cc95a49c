import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0005_roles'),
    ]

    operations = [
        migrations.AddField(
            model_name='bundle',
            name='copies_read_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='copies last listed'),
        ),
        migrations.CreateModel(
            name='StrayCopy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sid', models.CharField(max_length=34, unique=True, verbose_name='SID')),
                ('status', models.CharField(max_length=40, verbose_name='status')),
                ('mark', models.CharField(blank=True, max_length=12, verbose_name='mark')),
                ('is_ours', models.BooleanField(verbose_name='ours')),
                ('found_at', models.DateTimeField(verbose_name='found')),
                ('bundle', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stray_copies', to='compliance.bundle', verbose_name='bundle')),
            ],
            options={
                'verbose_name': 'stray copy',
                'verbose_name_plural': 'stray copies',
                'default_permissions': (),
            },
        ),
        migrations.AddIndex(
            model_name='mail',
            index=models.Index(models.F('result'), models.F('tried_at'), models.F('renewal'), condition=models.Q(('result__in', ['tried', 'failed', 'undelivered'])), name='mail_undelivered'),
        ),
        migrations.AddIndex(
            model_name='bundle',
            index=models.Index(models.F('friendly_name'), models.F('email'), models.F('customer'), models.F('id'), name='bundle_search'),
        ),
        migrations.RemoveIndex(
            model_name='renewal',
            name='renewal_state_deadline',
        ),
        migrations.RemoveIndex(
            model_name='renewal',
            name='renewal_queue',
        ),
        migrations.AddIndex(
            model_name='renewal',
            index=models.Index(models.F('state'), models.F('valid_until'), models.F('trouble'), models.F('moved_at'), models.F('opened_at'), models.F('seen_by_customer_at'), models.F('rejections'), models.F('paused_at'), models.F('assignee'), models.F('bundle'), models.F('id'), name='renewal_queue'),
        ),
    ]
