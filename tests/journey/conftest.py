"""A portal for the walks, and the rows of every state in it.

It serves as in earnest: collected, compressed files, no demo. No worker touches the rows.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from compliance.sandbox import seed
from portal.demo.programs import TIED_TO_THIS
from tests import servers
from tests.journey.states import State
from tests.serving import ROOT, Portal, fresh_database, manage

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

LANGUAGES = {"english": "en", "german": "de", "french": "fr", "plain": "en", "other": "en"}
BUILD = "from tests.journey.states import build_as_asked; build_as_asked()"


@dataclass
class Journey:
    """A running portal, and somebody beside it who makes the rows of a state when they are wanted:
    some pages say what has happened in the last minute."""

    portal: Portal
    stagehand: "subprocess.Popen[str]"

    def enter(self, context: "BrowserContext", walk: str, state: State) -> str:
        """The address of a page in this state, for the person who is signed in with it."""
        made = self.build(walk, state)
        url = self.portal.base_url
        context.clear_cookies()
        if session := made["session"]:
            context.add_cookies([{"name": "session", "value": session, "url": url}])
        return f"{url}{made['path']}"

    def build(self, walk: str, state: State) -> dict[str, str]:
        """The ``path``, the ``person`` and the ``session`` of a state."""
        asked = {"state": state.name, "walk": walk, "language": LANGUAGES[walk]}
        assert self.stagehand.stdin
        assert self.stagehand.stdout
        print(json.dumps(asked), file=self.stagehand.stdin, flush=True)
        said = self.stagehand.stdout.readline()
        assert said, f"its rows were not made: {asked}"
        made: dict[str, str] = json.loads(said)
        return made


def environment(folder: Path, database_url: str, **more: str) -> dict[str, str]:
    port = servers.free_port()
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "tests.production_settings",
        "TEST_STATIC_ROOT": str(folder / "static"),
        "SECRET_KEY": os.environ["SECRET_KEY"],
        "ENCRYPTION_KEYS": os.environ["ENCRYPTION_KEYS"],
        "PUBLIC_URL": f"http://localhost:{port}",
        "BIND": f"127.0.0.1:{port}",
        "WEB_PROCESSES": "1",
        "DATABASE_URL": database_url,
        # Nobody listens there, and so no worker is started beside the web server.
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "EMAIL_URL": f"filemail:///{folder / 'mail'}",
        "SUPPORT_EMAIL": "support@acme-numbers.example",
        "TWILIO_ACCOUNT_SID": seed.ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": seed.AUTH_TOKEN,
        "TWILIO_BASE_URL": "http://127.0.0.1:1",
        **more,
    }


def served(folder: Path, env: dict[str, str]) -> Portal:
    port = int(env["BIND"].rpartition(":")[2])
    portal = Portal(folder=folder, port=port, database="sqlite", broker="redis", env=env)
    portal.start_web()
    return portal


@contextmanager
def on_stage(folder: Path) -> Iterator[Portal]:
    env = environment(folder, fresh_database("sqlite", folder))
    # Compressing takes its time, and nobody opens the admin here.
    manage(env, "collectstatic", "--noinput", "--verbosity", "0", "--ignore", "admin")
    portal = served(folder, env)
    try:
        yield portal
    finally:
        portal.stop()


@pytest.fixture(scope="session")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    with on_stage(tmp_path_factory.mktemp("journey")) as portal, stagehand(portal) as beside:
        yield Journey(portal=portal, stagehand=beside)


@contextmanager
def stagehand(portal: Portal) -> "Iterator[subprocess.Popen[str]]":
    """Ends when its input does."""
    with subprocess.Popen(
        [*TIED_TO_THIS, "manage.py", "shell", "--no-imports", "-c", BUILD],
        cwd=ROOT,
        env=portal.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
