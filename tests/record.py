"""The record of events, for tests that have to change what is never changed."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

TRIGGERS = ("event_is_kept_as_it_is", "event_is_kept")


@contextmanager
def rewritable() -> Iterator[None]:
    """Somebody with the rights of the database's owner is at work."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            guards = [(name, text) for name, text in cursor.fetchall() if name in TRIGGERS]
            for name, _text in guards:
                cursor.execute(f"DROP TRIGGER {name}")
            yield
            for _name, text in guards:
                cursor.execute(text)
        else:
            # What is deferred would be pending, and no table can be altered then.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE compliance_event DISABLE TRIGGER event_is_kept")
            yield
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE compliance_event ENABLE TRIGGER event_is_kept")
