"""The record of events in a database of its own: many writers, and events from before the chain."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests import serving
from tests.conftest import cannot_run
from tests.servers import Missing

WRITERS, EVENTS = 4, 40

A_RENEWAL = """
from django.utils import timezone
from compliance.models import Account, Bundle, Customer, Renewal, User
now = timezone.now()
User.objects.create_user("ada@acme.example")
account = Account.objects.create(sid="AC1")
bundle = Bundle.objects.create(
    sid="BU1", account=account, customer=Customer.objects.create(name="Acme"), status="draft",
    read_at=now,
)
Renewal.objects.create(bundle=bundle, valid_until=now, opened_at=now)
"""
# As the desk and the engine do it: the event before the renewal's row, or after it.
WRITE = f"""
import sys
from django.db import transaction
from django.utils import timezone
from compliance.models import Customer, Event, Renewal, User
renewal, ada, acme = Renewal.objects.get(), User.objects.get(), Customer.objects.get()
for n in range({EVENTS}):
    with transaction.atomic():
        if n % 2:
            Renewal.objects.update(attempts=n)
        Event.objects.create(at=timezone.now(), kind="x", renewal=renewal, by=ada)
        Renewal.objects.update(rejections=n)
    Event.objects.create(at=timezone.now(), kind="y", customer=acme, person=ada)
"""


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return environment(fresh(tmp_path))


def fresh(folder: Path) -> str:
    try:
        return serving.fresh_database(serving.default_database(), folder)
    except Missing as missing:
        cannot_run(str(missing))


def environment(url: str) -> dict[str, str]:
    return {**serving.migration_env(url), "PYTHONWARNINGS": "default"}


def shell(env: dict[str, str], code: str) -> str:
    return serving.manage(env, "shell", "--no-imports", "-c", code).strip()


def test_many_writers_make_one_chain(env: dict[str, str]) -> None:
    shell(env, A_RENEWAL)
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", WRITE]
    writers = [
        subprocess.Popen(command, cwd=serving.ROOT, env=env, stderr=subprocess.PIPE, text=True)
        for _ in range(WRITERS)
    ]
    for writer in writers:
        _out, said = writer.communicate()
        assert writer.returncode == 0, said

    assert f"{2 * WRITERS * EVENTS} events in 2 chains" in serving.manage(
        env, "verify_events", "--skip-checks"
    )


def test_the_database_itself_refuses(env: dict[str, str]) -> None:
    """Also to delete one, which a test inside a transaction of the suite can't see on SQLite."""
    shell(env, A_RENEWAL)
    shell(env, WRITE)
    url = env["DATABASE_URL"]
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as lite:
            for statement, refusal in REFUSED.items():
                with pytest.raises(sqlite3.DatabaseError, match=refusal):
                    lite.execute(statement)
        lite.close()
    else:
        for statement, refusal in REFUSED.items():
            with psycopg.connect(url) as postgres, pytest.raises(psycopg.Error, match=refusal):
                postgres.execute(statement)
    assert "The record is whole" in serving.manage(env, "verify_events", "--skip-checks")


REFUSED = {
    "UPDATE compliance_event SET kind = 'other'": "never changed",
    "UPDATE compliance_event SET hash = ''": "never changed",
    "UPDATE compliance_event SET by_id = 77": "never changed",
    "DELETE FROM compliance_event": "never deleted",
}


def test_events_from_before_the_chain_are_linked(env: dict[str, str]) -> None:
    shell(env, A_RENEWAL)
    serving.manage(env, "migrate", "compliance", "0005", "--verbosity", "0", "--skip-checks")
    shell(env, OLD_EVENTS)

    serving.manage(env, "migrate", "--verbosity", "0", "--skip-checks")

    assert "7 events in 2 chains" in serving.manage(env, "verify_events", "--skip-checks")
    assert shell(env, SECRETS) == "3"
    assert shell(env, NAMES) == "scan of Ada.pdf"
    assert shell(env, REASONS) == "True Ada moves"


OLD_EVENTS = """
from django.db import connection
from compliance.models import User
with connection.cursor() as c:
    for n in range(3):
        c.execute(
            "INSERT INTO compliance_event (at, kind, renewal_id, by_id, customer_visible, details)"
            " VALUES (CURRENT_TIMESTAMP, 'old', 1, 1, false,"
            " '{\\"reason\\": \\"Ada moves\\", \\"a\\": [1, null]}')"
        )
    for n in range(4):
        c.execute(
            "INSERT INTO compliance_event (at, kind, person_id, customer_visible, details)"
            " VALUES (CURRENT_TIMESTAMP, 'old', 1, true, '{}')"
        )
    c.execute(
        "INSERT INTO compliance_answer (renewal_id, task, covers, type, changes_sid, supersedes,"
        " version, state, sealed, file_name, file_type, file_size, file_sha256, item_sid,"
        " address_sid, left_addresses, intent_version, uncertain, sealed_refusal, saved_at)"
        " VALUES (1, 'x', '[]', 'y', '', '[]', 1, 'waiting', '', 'scan of Ada.pdf', '', 0, '', '',"
        " '', '[]', 0, false, '', CURRENT_TIMESTAMP)"
    )
    for n in range(2):
        c.execute(
            "INSERT INTO compliance_user (password, is_superuser, email, name, language, phone,"
            " is_staff, gets_digest, is_active, is_hearsay, date_joined)"
            " VALUES ('', false, %s, '', 'en', '', false, false, true, false, CURRENT_TIMESTAMP)",
            [f"{n}@old.example"],
        )
"""
REASONS = """
from compliance.models import Event
events = Event.objects.filter(renewal=1)
clear = [e for e in events if "reason" in e.details or e.details["a"] != [1, None]]
print(not clear, events[0].reason)
"""
NAMES = """
from compliance.models import Answer
print(Answer.objects.get().file_name)
"""
SECRETS = """
from compliance.models import User
print(len(set(User.objects.values_list("trail_secret", flat=True))))
"""
