"""An installation of the image as compose.yaml describes it: its commands, its settings, its health
checks, on a database and a broker that are started with its arguments."""

import os
import shlex
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import requests

from compliance.sandbox import seed
from tests import servers
from tests.deploy import recipes
from tests.deploy.image import Image
from tests.patience import PATIENCE
from tests.production import ENVIRONMENT
from tests.serving import Process, kill

AS_THE_PROXY = {"Host": "numbers.example.com", "X-Forwarded-Proto": "https"}


@dataclass
class Program:
    process: Process
    log_file: Path

    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> int:
        """SIGTERM to it alone, as supervisors do; its exit code."""
        self.process.terminate()
        return self.process.wait(PATIENCE)


@dataclass
class Installation:
    image: Image
    folder: Path
    env: dict[str, str]
    port: int
    programs: list[Program] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str) -> requests.Response:
        return requests.get(
            f"{self.url}{path}", headers=AS_THE_PROXY, timeout=PATIENCE, allow_redirects=False
        )

    def start(self, name: str, **env: str) -> Program:
        log_file = self.folder / f"{name}-{uuid4().hex}.log"
        with log_file.open("wb") as log:
            process = subprocess.Popen(
                command_of(name),
                cwd=self.image.app,
                env={**self.env, **env},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        program = Program(process, log_file)
        self.programs.append(program)
        return program

    def manage(self, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
        return self.image.run("python", "manage.py", *arguments, **{**self.env, **env})

    def is_healthy(self, name: str) -> bool:
        """What the engine would find by the service's health check."""
        found = recipes.compose()[name].get("healthcheck")
        if found:
            _cmd, *check = found["test"]
        else:
            check = recipes.dockerfile()[-1].program("HEALTHCHECK")
            check = [word.replace("127.0.0.1:8000", f"127.0.0.1:{self.port}") for word in check]
        return self.image.run(*check, **self.env).returncode == 0

    def end(self) -> None:
        while self.programs:
            kill(self.programs.pop().process)


def command_of(name: str) -> list[str]:
    """The service's own, else the image's."""
    command = recipes.compose()[name].get("command")
    return shlex.split(command) if command else recipes.dockerfile()[-1].program("CMD")


def install(image: Image, folder: Path, twilio: str) -> Installation:
    """:raises servers.Missing: this machine has no such server."""
    _postgres, *of_database = command_of("database")
    _valkey, *of_broker = command_of("broker")
    port = servers.free_port()
    temporary = folder / "tmp"
    temporary.mkdir(parents=True)
    env = {
        **image.env,
        **ENVIRONMENT,
        "TMPDIR": str(temporary),
        "PYTHONWARNINGS": "default",
        "DATABASE_URL": servers.start_postgres(*of_database).url,
        "REDIS_URL": servers.start_redis(*of_broker).url,
        "BIND": f"127.0.0.1:{port}",
        "EMAIL_URL": f"filemail:///{folder / 'mail'}",
        "TWILIO_BASE_URL": twilio,
        "TWILIO_ACCOUNT_SID": seed.ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": seed.AUTH_TOKEN,
        "TWILIO_API_KEY": "",
        "TWILIO_API_SECRET": "",
    }
    return Installation(image=image, folder=folder, env=env, port=port)


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=PATIENCE).status_code == 200
    except requests.ConnectionError:
        return False


def database_is_ready(url: str) -> bool:
    """By the program of the health check, where the machine has it."""
    check = recipes.compose()["database"]["healthcheck"]["test"]
    assert check[:2] == ["CMD", "pg_isready"]
    program = servers.postgres_program("pg_isready")
    return not subprocess.run([program, "-d", url], env=dict(os.environ), check=False).returncode
