import json
import secrets
from base64 import b64encode

import django.db.models.deletion
from django.db import migrations, models

import compliance.models.people
from compliance import sealing
from compliance.models.chain import hash_of, mark_of

BATCH = 500
LINKED = ['number', 'person_mark', 'by_mark', 'details', 'hash']

# Of an event, what may change: that it was told, and who it was, to nobody.
MUTABLE = ('told_at', 'person_id', 'by_id')

SQLITE = """
CREATE TRIGGER event_is_kept_as_it_is BEFORE UPDATE ON compliance_event
WHEN {changed}
  OR (NEW.person_id IS NOT NULL AND NEW.person_id IS NOT OLD.person_id)
  OR (NEW.by_id IS NOT NULL AND NEW.by_id IS NOT OLD.by_id)
BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END;
--
CREATE TRIGGER event_is_kept BEFORE DELETE ON compliance_event
BEGIN SELECT RAISE(ABORT, 'an event is never deleted'); END;
"""

POSTGRES = """
CREATE FUNCTION event_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'an event is never deleted';
  END IF;
  IF to_jsonb(NEW) - '{{{mutable}}}'::text[] IS DISTINCT FROM to_jsonb(OLD) - '{{{mutable}}}'::text[]
    OR (NEW.person_id IS NOT NULL AND NEW.person_id IS DISTINCT FROM OLD.person_id)
    OR (NEW.by_id IS NOT NULL AND NEW.by_id IS DISTINCT FROM OLD.by_id)
  THEN
    RAISE EXCEPTION 'an event is never changed';
  END IF;
  RETURN NEW;
END $$
--
CREATE TRIGGER event_is_kept BEFORE UPDATE OR DELETE ON compliance_event
FOR EACH ROW EXECUTE FUNCTION event_is_kept()
"""


def give_secrets(apps, schema_editor):
    """The default of a new column is the same for all rows."""
    User = apps.get_model('compliance', 'User')
    people = []
    for person in User.objects.only('pk').iterator():
        person.trail_secret = secrets.token_hex(16)
        people.append(person)
    User.objects.bulk_update(people, ['trail_secret'], batch_size=BATCH)


def with_sealed_reason(event):
    """What staff typed can name somebody; without the renewal's key it is not kept."""
    details = dict(event.details)
    reason = details.pop('reason', '')
    if reason and event.renewal is not None and event.renewal.key:
        text = json.dumps({'reason': reason}).encode()
        about = f'{event.renewal.reference}/reason'
        sealed = sealing.seal(text, key=event.renewal.key, about=about)
        details['sealed_reason'] = b64encode(sealed).decode()
    return details


def link_events(apps, schema_editor):
    """Those that are there already, in the order in which they were written."""
    Event = apps.get_model('compliance', 'Event')
    Chain = apps.get_model('compliance', 'Chain')
    people = dict(apps.get_model('compliance', 'User').objects.values_list('pk', 'trail_secret'))
    chain, linked, chains = None, [], []
    events = Event.objects.select_related('renewal').order_by('renewal_id', 'pk')
    for event in events.iterator(chunk_size=BATCH):
        if chain is None or chain.renewal_id != event.renewal_id:
            chain = Chain(renewal_id=event.renewal_id, length=0, hash='')
            chains.append(chain)
        event.details = with_sealed_reason(event)
        event.number = chain.length + 1
        place = {'renewal_pk': event.renewal_id, 'number': event.number}
        event.person_mark = mark_of(people.get(event.person_id), **place)
        event.by_mark = mark_of(people.get(event.by_id), **place)
        event.hash = hash_of(event, before=chain.hash)
        chain.length, chain.hash = event.number, event.hash
        linked.append(event)
        if len(linked) == BATCH:
            Event.objects.bulk_update(linked, LINKED)
            linked = []
    Event.objects.bulk_update(linked, LINKED, batch_size=BATCH)
    Chain.objects.bulk_create(chains, batch_size=BATCH)


def seal_names(apps, schema_editor):
    """The names of files, under the key of their renewal; without it, none is left to be sealed."""
    for model, about in (('Answer', 'file-name/{0.task}'), ('StagedFile', 'staged-name/{0.token}')):
        rows = apps.get_model('compliance', model).objects.exclude(file_name='')
        for row in rows.filter(renewal__key__isnull=False).select_related('renewal').iterator():
            place = f'{row.renewal.reference}/{about.format(row)}'
            name = json.dumps({'name': row.file_name}).encode()
            row.sealed_file_name = sealing.seal(name, key=row.renewal.key, about=place)
            row.save(update_fields=['sealed_file_name'])


def refuse_changes(apps, schema_editor):
    Event = apps.get_model('compliance', 'Event')
    columns = [f.column for f in Event._meta.concrete_fields if f.column not in MUTABLE]
    changed = ' OR '.join(f'NEW."{column}" IS NOT OLD."{column}"' for column in columns)
    template = SQLITE if schema_editor.connection.vendor == 'sqlite' else POSTGRES
    for statement in template.split('\n--\n'):
        schema_editor.execute(statement.format(changed=changed, mutable=','.join(MUTABLE)), None)


def allow_changes(apps, schema_editor):
    if schema_editor.connection.vendor == 'sqlite':
        schema_editor.execute('DROP TRIGGER IF EXISTS event_is_kept_as_it_is')
        schema_editor.execute('DROP TRIGGER IF EXISTS event_is_kept')
    else:
        schema_editor.execute('DROP TRIGGER event_is_kept ON compliance_event')
        schema_editor.execute('DROP FUNCTION event_is_kept')


def let_compliance_do_it(apps, schema_editor):
    """On a new database permissions are made after the last migration: then it is made here."""
    group = apps.get_model('auth', 'Group').objects.filter(name='Compliance').first()
    if group is None:
        return
    ContentType = apps.get_model('contenttypes', 'ContentType')
    customers, _created = ContentType.objects.get_or_create(app_label='compliance', model='customer')
    for codename, name in apps.get_model('compliance', 'Customer')._meta.permissions:
        permission, _created = apps.get_model('auth', 'Permission').objects.get_or_create(
            content_type=customers, codename=codename, defaults={'name': name}
        )
        group.permissions.add(permission)


class Migration(migrations.Migration):

    dependencies = [
        ('compliance', '0007_strays'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='customer',
            options={'permissions': [('export_customer', 'Can export all that is held about a customer'), ('erase_customer', 'Can erase a customer and its people')], 'verbose_name': 'customer', 'verbose_name_plural': 'customers'},
        ),
        migrations.AddField(
            model_name='customer',
            name='erased_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='erased'),
        ),
        migrations.AddField(
            model_name='user',
            name='trail_secret',
            field=models.CharField(default=compliance.models.people.new_trail_secret, editable=False, max_length=32),
        ),
        migrations.CreateModel(
            name='Chain',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('length', models.PositiveIntegerField(default=0)),
                ('hash', models.CharField(blank=True, max_length=64)),
                ('renewal', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='chain', to='compliance.renewal')),
            ],
        ),
        migrations.AddConstraint(
            model_name='chain',
            constraint=models.UniqueConstraint(models.Value(1), condition=models.Q(('renewal__isnull', True)), name='one_chain_without_renewal'),
        ),
        migrations.AddField(
            model_name='event',
            name='by_mark',
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name='event',
            name='person_mark',
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name='event',
            name='hash',
            field=models.CharField(default='', editable=False, max_length=64, verbose_name='hash'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='event',
            name='number',
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name='number'),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='event',
            name='customer',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='compliance.customer', verbose_name='customer'),
        ),
        migrations.AlterField(
            model_name='event',
            name='renewal',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='compliance.renewal', verbose_name='renewal'),
        ),
        migrations.AddField(
            model_name='answer',
            name='sealed_file_name',
            field=models.BinaryField(blank=True, default=b''),
        ),
        migrations.AddField(
            model_name='stagedfile',
            name='sealed_file_name',
            field=models.BinaryField(default=b''),
            preserve_default=False,
        ),
        migrations.RunPython(seal_names, migrations.RunPython.noop, elidable=True),
        migrations.RemoveField(model_name='answer', name='file_name'),
        migrations.RemoveField(model_name='stagedfile', name='file_name'),
        migrations.RunPython(give_secrets, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(link_events, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.UniqueConstraint('renewal', 'number', name='one_event_per_link'),
        ),
        # On SQLite a later migration that makes this table anew has to do this again; a test sees.
        migrations.RunPython(refuse_changes, allow_changes),
        migrations.RunPython(let_compliance_do_it, migrations.RunPython.noop),
    ]
