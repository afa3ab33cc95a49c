import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0002_desk'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='renewal',
            options={'permissions': [('reveal_values', 'Can reveal what a customer entered'), ('retry_renewal', 'Can have a renewal looked at now'), ('pause_renewal', 'Can pause and resume a renewal'), ('remind_renewal', 'Can send a reminder'), ('sign_in_link', 'Can make a sign-in link for a contact'), ('add_contact', 'Can add a contact to a customer'), ('act_on_behalf', 'Can answer and send on behalf of a customer'), ('view_as_customer', 'Can see the pages as a customer does'), ('assign_renewal', 'Can assign a renewal to somebody'), ('cancel_renewal', 'Can cancel a renewal'), ('reopen_renewal', 'Can reopen a cancelled renewal'), ('handle_copies', 'Can start over, and adopt or delete copies'), ('finish_elsewhere', 'Can have a renewal finished that was done in the Console'), ('act_in_bulk', 'Can act on many renewals at once')], 'verbose_name': 'renewal', 'verbose_name_plural': 'renewals'},
        ),
        migrations.AddField(
            model_name='renewal',
            name='paused_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='paused'),
        ),
        migrations.AddField(
            model_name='renewal',
            name='paused_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='paused by'),
        ),
        migrations.AddField(
            model_name='renewal',
            name='wish',
            field=models.CharField(blank=True, choices=[('cancel', 'cancel it'), ('check', 'see whether it was done in the Console'), ('start-over', 'start over with a new copy'), ('find-copies', 'list the copies at Twilio'), ('adopt-copy', 'go on with another copy'), ('delete-copy', 'delete another copy')], max_length=12, verbose_name='asked for'),
        ),
        migrations.AddField(
            model_name='renewal',
            name='wish_about',
            field=models.CharField(blank=True, max_length=34, verbose_name='about'),
        ),
        migrations.AddField(
            model_name='renewal',
            name='wished_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked for by'),
        ),
        migrations.AlterField(
            model_name='mail',
            name='kind',
            field=models.SlugField(choices=[('found', 'update needed'), ('reminder', 'reminder'), ('sent', 'sent for checking'), ('changes', 'changes needed'), ('approved', 'approved'), ('done', 'up to date'), ('expired', 'expired'), ('on-behalf', 'done on behalf'), ('invited', 'invitation'), ('passkey', 'passkey added or removed')], max_length=40, verbose_name='kind'),
        ),
    ]
