from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0005_roles'),
    ]

    operations = [
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
