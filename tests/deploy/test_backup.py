"""A database that is lost is restored from its backup: the portal goes on from there, and what it
did at Twilio meanwhile is found instead of done again. As the README tells operators to do it."""

import re
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from psycopg import sql
from redis import Redis

from compliance.sandbox import Sandbox, seed
from tests import servers
from tests.patience import PATIENCE, until
from tests.serving import Portal, database_url, drop_database, execute, kill
from tests.world import World

pytestmark = pytest.mark.processes

KEY = "acme-de-papers"

OPEN_THE_RENEWAL = """
from tests.world import World
world = World(None)
world.people()
world.sync()
"""
ANSWER_EVERYTHING = f"""
from compliance import answers
from tests.world import World
world = World(None)
for task in answers.checklist_of(world.renewal("{KEY}")).tasks:
    world.save("{KEY}", task)
"""
SEND = f"""
from tests.world import World
World(None).submit("{KEY}")
"""
TELL = """
from django.utils import timezone
from compliance import notifications
notifications.tell(now=timezone.now())
"""
STATE = f"""
from compliance.models import Renewal
renewal = Renewal.objects.get(bundle__sid="{seed.BUNDLES[KEY]}")
print(renewal.state, renewal.trouble)
"""
STORED = f"""
from compliance.models import Renewal
renewal = Renewal.objects.get(bundle__sid="{seed.BUNDLES[KEY]}")
print(sum(bool(answer.values()) for answer in renewal.answers.all()))
"""


@pytest.fixture
def portal(running_portal: Callable[..., Portal], sandbox: Sandbox) -> Portal:
    world = World(sandbox)
    for name, sid in seed.BUNDLES.items():
        if name != KEY and world.at_twilio(sid)["valid_until"]:
            world.control(f"bundles/{sid}/deadline", valid_until=None)
    portal = running_portal(database="postgres", broker="redis")
    run(portal, OPEN_THE_RENEWAL)
    await_state(portal, "needs_info")
    return portal


def test_what_was_done_since_the_backup_is_found_and_not_done_again(
    portal: Portal, sandbox: Sandbox, tmp_path: Path
) -> None:
    """The backup holds answers that Twilio has not; by the time of the loss all is sent."""
    world = World(sandbox)
    run(portal, TELL)
    stop(portal, "worker", "timetable")
    run(portal, ANSWER_EVERYTHING)
    told = headings(portal)
    assert told
    backup = dump(portal, tmp_path / "backup")

    portal.start_worker()
    portal.start_timetable()
    await_state(portal, "ready")
    run(portal, SEND)
    await_state(portal, "in_review")
    [copy_sid] = world.at_twilio(seed.BUNDLES[KEY])["copies"]
    uploads = world.made("POST", "/SupportingDocuments")
    assert uploads >= 1

    lose_everything(portal)
    restore(portal, backup)
    portal.start()

    await_state(portal, "in_review")
    run(portal, TELL)
    assert world.at_twilio(seed.BUNDLES[KEY])["copies"] == [copy_sid]
    world.control(f"bundles/{copy_sid}/approve")
    await_state(portal, "completed")
    after = world.at_twilio(seed.BUNDLES[KEY])
    assert (after["valid_until"], after["copies"]) == (None, [])
    assert world.made("POST", "/Copies") == 1
    assert world.made("POST", "/SupportingDocuments") == uploads
    assert world.made("POST", "/ReplaceItems") == 1
    assert world.submissions() == 1
    assert not world.strays()
    assert {mail: headings(portal)[mail] for mail in told} == told


def test_with_the_keys_of_somebody_else_a_backup_tells_nothing(
    portal: Portal, tmp_path: Path
) -> None:
    """So the keys are kept apart from it, and one without the other is lost."""
    stop(portal, "worker", "timetable")
    run(portal, ANSWER_EVERYTHING)
    backup = dump(portal, tmp_path / "backup")
    assert int(run(portal, STORED)) > 0
    assert b"Musterstr" not in backup.read_bytes()
    lose_everything(portal)
    restore(portal, backup)

    own = portal.env["ENCRYPTION_KEYS"]
    portal.env["ENCRYPTION_KEYS"] = Fernet.generate_key().decode()
    with pytest.raises(AssertionError):
        run(portal, STORED)
    portal.env["ENCRYPTION_KEYS"] = own
    assert int(run(portal, STORED)) > 0


# --- As an operator does it ---------------------------------------------------------------------


def dump(portal: Portal, to: Path) -> Path:
    command("pg_dump", "--format=custom", f"--file={to}", portal.env["DATABASE_URL"])
    return to


def restore(portal: Portal, backup: Path) -> None:
    name = f"portal_{uuid4().hex}"
    execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    portal.env["DATABASE_URL"] = database_url(name)
    command("pg_restore", "--exit-on-error", "--no-owner", f"--dbname={database_url(name)}", backup)


def command(name: str, *arguments: str | Path) -> None:
    done = subprocess.run(
        [servers.postgres_program(name), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def lose_everything(portal: Portal) -> None:
    while portal.processes:
        kill(portal.processes.popitem()[1])
    drop_database(portal.env["DATABASE_URL"])
    with Redis.from_url(portal.env["REDIS_URL"]) as redis:
        redis.flushdb()


def stop(portal: Portal, *names: str) -> None:
    for name in names:
        process = portal.processes.pop(name)
        process.terminate()
        assert process.wait(PATIENCE) == 0


# --- What is seen -------------------------------------------------------------------------------


def run(portal: Portal, code: str) -> str:
    return portal.manage("shell", "--no-imports", "-c", code).strip()


def await_state(portal: Portal, state: str) -> None:
    seen: list[str] = []

    def reached() -> bool:
        seen.append(run(portal, STATE))
        return seen[-1] == state

    until(reached, told=lambda: f"{seen[-1]}\n{portal.log('worker')}", seconds=3 * PATIENCE)


def headings(portal: Portal) -> Counter[tuple[str, ...]]:
    """How many mails of each kind went to each."""
    return Counter(tuple(re.findall(r"(?m)^(?:To|Subject): .*$", mail)) for mail in portal.mails())
