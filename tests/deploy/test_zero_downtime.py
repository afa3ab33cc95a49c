"""A new release goes out in the README's order, and no visitor is turned away meanwhile."""

import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest
import requests
from django.db.migrations import AddField, Migration, RunPython
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from compliance.sandbox import Sandbox, seed
from tests.deploy import recipes
from tests.patience import PATIENCE, until
from tests.serving import ROOT, Portal, Process, kill

NEXT = {"DJANGO_SETTINGS_MODULE": "tests.deploy.next_release_settings"}
OPEN_A_RENEWAL = """
from django.utils import timezone
from compliance import sync
from compliance.models import Renewal
from tests.world import World
World(None).people()
sync.sync(now=timezone.now())
"""
STATE = f"""
from compliance.models import Renewal
print(Renewal.objects.get(bundle__sid="{seed.BUNDLES["acme-de-papers"]}").state)
"""


# --- First migrate: the old release goes on with the new tables ---------------------------------


@pytest.mark.processes
def test_the_old_release_serves_and_works_while_and_after_the_next_one_migrates(
    running_portal: Callable[..., Portal],
) -> None:
    portal = running_portal(database="postgres", broker="redis")
    with visitors(f"{portal.base_url}/sign-in/") as answers:
        portal.env |= NEXT
        applied = portal.manage("migrate", "--no-input")
        for name in NEXT:
            del portal.env[name]
    assert "m9999_adds... OK" in applied
    assert set(answers) == {200}

    # Renewals are opened, written and followed by code that knows nothing of the new columns.
    portal.manage("shell", "--no-imports", "-c", OPEN_A_RENEWAL)
    until(
        lambda: (
            portal.manage("shell", "--no-imports", "-c", STATE).strip() in ("needs_info", "ready")
        ),
        told=lambda: portal.log("worker"),
    )
    assert "Traceback" not in portal.log("web")


# Nothing has been released yet: up to this number migrations may do as they like.
FIRST_RELEASE = "0099"


def test_a_migration_only_adds_and_what_it_adds_may_be_missing() -> None:
    """Else the release that still runs could not write. What nobody uses any more is taken away
    by the release after the one that stopped using it, in a migration marked as such."""
    migrations = MigrationLoader(None).disk_migrations
    for (app, name), migration in sorted(migrations.items()):
        if app == "compliance" and name > FIRST_RELEASE:
            assert hinders(migration) == [], name


ADDS = ("AddField", "AddIndex", "AddIndexConcurrently", "AlterModelOptions", "CreateModel")


def hinders(migration: Migration) -> list[Operation]:
    """The operations with which the release before could not live."""
    if getattr(migration, "takes_away_what_the_release_before_did_not_use", False):
        return []
    return [each for each in migration.operations if not is_harmless(each)]


def is_harmless(operation: Operation) -> bool:
    if isinstance(operation, AddField):
        field = operation.field
        return field.null or field.has_db_default() or field.many_to_many
    return type(operation).__name__ in ADDS or isinstance(operation, RunPython)


def test_what_hinders_is_known() -> None:
    from django.db.migrations import RemoveField, RenameField
    from django.db.models import BooleanField

    migration = Migration("any", "compliance")
    migration.operations = [
        AddField("renewal", "a", BooleanField(null=True)),
        AddField("renewal", "b", BooleanField(db_default=False)),
        AddField("renewal", "c", BooleanField(default=False)),
        RemoveField("renewal", "d"),
        RenameField("renewal", "e", "f"),
    ]
    assert hinders(migration) == migration.operations[2:]


# --- Then the web: the socket outlives the process ----------------------------------------------


@pytest.mark.processes
def test_visitors_wait_while_the_web_is_restarted(
    running_portal: Callable[..., Portal], sandbox: Sandbox
) -> None:
    """As systemd does it: ``portal-web.socket`` holds the address, the service is handed it."""
    portal = running_portal(database="sqlite", broker="embedded")
    held = recipes.unit(recipes.UNITS / "portal-web.socket")["Socket"]
    with socket.create_server(("127.0.0.1", 0), backlog=int(held["Backlog"][0])) as listener:
        url = f"http://localhost:{listener.getsockname()[1]}/livez"
        web = started(portal, listener)
        try:
            with visitors(url) as answers:
                for _ in range(2):
                    web.terminate()
                    assert web.wait(PATIENCE) == 0
                    before = len(answers)
                    web = started(portal, listener)
                    until(lambda before=before: len(answers) > before)
            assert set(answers) == {200}
        finally:
            kill(web)


def started(portal: Portal, listener: socket.socket) -> Process:
    """The unit's program with the socket as its third file, as systemd hands it over."""
    [start] = recipes.unit(recipes.UNITS / "portal-web.service")["Service"]["ExecStart"]
    _gunicorn, *arguments = shlex.split(start)
    script = 'exec 3<&"$0"; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"'
    number = listener.fileno()
    program = [sys.executable, "-m", "gunicorn", *arguments]
    with (portal.folder / "socket.log").open("ab") as log:
        return subprocess.Popen(
            ["bash", "-c", script, str(number), *program],
            cwd=ROOT,
            env=portal.env | {"PATH": os.environ["PATH"]},
            stdout=log,
            stderr=log,
            pass_fds=[number],
            start_new_session=True,
        )


@contextmanager
def visitors(url: str) -> Iterator[list[int]]:
    """One comes after the other, all the while; what they were answered, 0 for not at all."""
    answers: list[int] = []
    over = Event()

    def come() -> None:
        while not over.is_set():
            try:
                answers.append(requests.get(url, timeout=PATIENCE).status_code)
            except requests.RequestException:
                answers.append(0)

    thread = Thread(target=come)
    thread.start()
    try:
        until(lambda: answers)
        yield answers
    finally:
        over.set()
        thread.join()
