"""A portal for the walks, with the rows of every state in it, once for each walk.

It serves as in earnest: collected, compressed files, no demo. No worker touches the rows.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from compliance.sandbox import seed
from tests import servers
from tests.journey.states import State
from tests.serving import Portal, fresh_database, manage

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

LANGUAGES = {"english": "en", "german": "de", "french": "fr", "plain": "en", "other": "en"}
BUILD = "import json; from tests.journey.states import build; print(json.dumps({rows}))"


@dataclass
class Journey:
    portal: Portal
    made: dict[str, dict[str, dict[str, str]]]

    def url(self, walk: str, state: State) -> str:
        return f"{self.portal.base_url}{self.made[walk][state.name]['path']}"

    def let_in(self, context: "BrowserContext", walk: str, state: State) -> None:
        if session := self.made[walk][state.name]["session"]:
            url = self.portal.base_url
            context.add_cookies([{"name": "session", "value": session, "url": url}])


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
def on_stage(folder: Path, rows: str) -> Iterator[tuple[Portal, Any]]:
    """A portal, and what this expression in its shell has said as JSON.

    :param rows: may use ``build`` of the states.
    """
    env = environment(folder, fresh_database("sqlite", folder))
    # Compressing takes its time, and nobody opens the admin here.
    manage(env, "collectstatic", "--noinput", "--verbosity", "0", "--ignore", "admin")
    portal = served(folder, env)
    try:
        said = portal.manage("shell", "--no-imports", "-c", BUILD.format(rows=rows))
        yield portal, json.loads(said.splitlines()[-1])
    finally:
        portal.stop()


@pytest.fixture(scope="session")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    calls = ", ".join(f"'{walk}': build('{walk}', '{lang}')" for walk, lang in LANGUAGES.items())
    with on_stage(tmp_path_factory.mktemp("journey"), f"{{{calls}}}") as (portal, made):
        yield Journey(portal=portal, made=made)
