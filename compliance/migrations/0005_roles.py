"""The groups of the desk. Staff change them as they like: they are made once, with what each needs
on the first day."""

from django.db import migrations

LOOKS = (
    'account answer bundle customer event item mail membership note regulation regulationchange '
    'renewal user'
).split()

VIEW = [f'compliance.view_{model}' for model in LOOKS]
SUPPORT = [
    *VIEW,
    'compliance.act_on_behalf',
    'compliance.add_contact',
    'compliance.add_note',
    'compliance.assign_renewal',
    'compliance.change_mail',
    'compliance.pause_renewal',
    'compliance.remind_renewal',
    'compliance.retry_renewal',
    'compliance.sign_in_link',
    'compliance.view_as_customer',
]
LEAD = [
    *SUPPORT,
    'compliance.act_in_bulk',
    'compliance.add_customer',
    'compliance.add_membership',
    'compliance.add_user',
    'compliance.cancel_renewal',
    'compliance.change_bundle',
    'compliance.change_customer',
    'compliance.change_membership',
    'compliance.change_user',
    'compliance.delete_membership',
    'compliance.finish_elsewhere',
    'compliance.handle_copies',
    'compliance.reopen_renewal',
]
ROLES = {
    'Support': SUPPORT,
    'Lead': LEAD,
    'Compliance': [
        *VIEW,
        'compliance.add_note',
        'compliance.reveal_values',
        'compliance.view_as_customer',
    ],
    'Auditor': [*VIEW, 'mfa.view_authenticator'],
    'Operator': [
        *VIEW,
        'compliance.add_note',
        'compliance.change_account',
        'compliance.change_mail',
        'compliance.pause_renewal',
        'compliance.retry_renewal',
        'mfa.delete_authenticator',
        'mfa.view_authenticator',
    ],
}


def make_roles(apps, schema_editor):
    Group = apps.get_model('auth', 'Group')
    for name, permissions in ROLES.items():
        group, created = Group.objects.get_or_create(name=name)
        if created:
            group.permissions.set([permission(apps, full) for full in permissions])


def permission(apps, full):
    """On a new database permissions are made after the last migration: then it is made here, in the
    way in which it would be there, where it is found again."""
    app, codename = full.split('.')
    own = dict(apps.get_model('compliance', 'Renewal')._meta.permissions)
    if codename in own:
        model, name = 'renewal', own[codename]
    else:
        verb, _, model = codename.partition('_')
        name = f'Can {verb} {apps.get_model(app, model)._meta.verbose_name_raw}'
    content_type, _created = apps.get_model('contenttypes', 'ContentType').objects.get_or_create(
        app_label=app, model=model
    )
    found, _created = apps.get_model('auth', 'Permission').objects.get_or_create(
        content_type=content_type, codename=codename, defaults={'name': name}
    )
    return found


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0004_operations'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
        ('mfa', '0003_authenticator_type_uniq'),
    ]

    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
