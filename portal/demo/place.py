"""Where the demo keeps its things, and the environment in which its programs run."""

import base64
import fcntl
import os
import secrets
import shutil
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from compliance.sandbox import seed

ROOT = Path(__file__).resolve().parent.parent.parent

# What a program needs of its surroundings. Nothing else is passed on: the demo must not find the
# database or the Twilio account of somebody who works with a real one on this machine.
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT", "REDIS_URL")


class Trouble(Exception):
    """The demo can't run; the text tells a person why, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Place:
    folder: Path
    port: int
    sandbox_port: int

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    def prepare(self) -> None:
        """Make it ours for as long as this process lives."""
        for name in ("log", "mail"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        take(self.folder)

    def environment(self) -> dict[str, str]:
        passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        return passed_on | {
            "PYTHONUNBUFFERED": "1",
            "DEMO": "true",
            "STAFF_SECOND_FACTOR": "false",
            "PUBLIC_URL": self.url,
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "BIND": f"127.0.0.1:{self.port}",
            "DATABASE_URL": f"sqlite:///{quote(str(self.folder / 'db.sqlite3'))}",
            "EMAIL_URL": f"filemail:///{quote(str(self.folder / 'mail'))}",
            "TWILIO_ACCOUNT_SID": seed.ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": seed.AUTH_TOKEN,
            "TWILIO_BASE_URL": self.sandbox_url,
            "SWEEP_SECONDS": "2",
            "POLL_SECONDS": "5",
            "SIGN_IN_LINK_MINUTES": "1440",
            **self.keys(),
        }

    def keys(self) -> dict[str, str]:
        """Made at the first start; without them nothing that was stored could be read again."""
        file = self.folder / "keys.env"
        if not file.exists():
            made = {
                "SECRET_KEY": secrets.token_urlsafe(50),
                "ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            }
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
                opened.writelines(f"{name}={value}\n" for name, value in made.items())
        lines = file.read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)


def take(folder: Path) -> None:
    """Nobody else takes it until this process ends, however it ends."""
    descriptor = os.open(folder / "in-use", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise Trouble(f"A demo is running in {folder}. End it with Ctrl-C first.") from None


def forget(folder: Path) -> None:
    with suppress(FileNotFoundError):
        take(folder)
        shutil.rmtree(folder)


def chosen_folder() -> Path:
    return Path(os.environ.get("DEMO_FOLDER") or ROOT / ".demo").resolve()


def chosen_place(folder: Path) -> Place:
    """The demo in ``folder``, at the ports that the environment names."""
    place = Place(
        folder=folder,
        port=chosen_port("PORT", 8000),
        sandbox_port=chosen_port("SANDBOX_PORT", 8001),
    )
    if place.port == place.sandbox_port:
        raise Trouble("PORT and SANDBOX_PORT are the same. Choose another for one of them.")
    refuse_taken_port("PORT", place.port, "The portal")
    refuse_taken_port("SANDBOX_PORT", place.sandbox_port, "The sandbox")
    return place


def chosen_port(name: str, usual: int) -> int:
    text = os.environ.get(name) or str(usual)
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise Trouble(f"{name} is {text!r}. It must be a number from 1 to 65535.")
    return int(text)


def refuse_taken_port(name: str, port: int, who: str) -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except PermissionError:
            raise Trouble(
                f"{who} may not use port {port} without being root. "
                f"Choose a higher one: make demo {name}={port + 8000 if port < 57_000 else 8000}"
            ) from None
        except OSError:
            raise Trouble(
                f"{who} would listen on port {port}, but another program does so already. "
                "If that is a demo which still runs, end it with Ctrl-C; "
                f"else choose another port: make demo {name}={port + 10}"
            ) from None
