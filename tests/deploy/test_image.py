"""The image is built, installed, looked at and stopped, as an engine would do it."""

import re
import socket
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import requests
from redis import Redis

from compliance.sandbox import Sandbox
from tests import servers
from tests.conftest import cannot_run
from tests.deploy import image as images
from tests.deploy.image import Image
from tests.deploy.installation import (
    AS_THE_PROXY,
    Installation,
    answers,
    command_of,
    database_is_ready,
    install,
)
from tests.patience import PATIENCE, until

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def image() -> Image:
    return images.build(servers.temporary_folder("image-"))


@pytest.fixture(scope="module")
def installed(image: Image, sandbox_server: Sandbox) -> Installation:
    """Migrated, by compose's own command; nothing runs yet."""
    try:
        made = install(image, servers.temporary_folder("installation-"), sandbox_server.base_url)
    except servers.Missing as missing:
        cannot_run(str(missing))
    migrated = image.run(*command_of("migrate"), **made.env)
    assert migrated.returncode == 0, migrated.stderr
    return made


@pytest.fixture
def installation(installed: Installation, sandbox: Sandbox) -> Iterator[Installation]:
    """Of which nothing runs yet, or has for a while."""
    assert sandbox.base_url == installed.env["TWILIO_BASE_URL"]
    yield installed
    installed.end()
    with psycopg.connect(installed.env["DATABASE_URL"]) as database:
        database.execute("DELETE FROM compliance_pulse")
    with Redis.from_url(installed.env["REDIS_URL"]) as broker:
        broker.flushall()


def test_the_image_holds_what_runs_and_nothing_else(image: Image) -> None:
    there = {path.name for path in image.app.iterdir()}
    assert there == {
        *("manage.py", "requirements.txt", "portal", "compliance", "static", "templates"),
        ".static",
    }
    assert not (image.app / "portal" / "deploy").exists()
    for tool in ("pip", "setuptools", "pytest"):
        assert image.run("python", "-c", f"import {tool}").returncode != 0, tool
    assert [command.split()[0] for command in image.left_out] == ["python", "useradd"]


def test_it_comes_up_says_how_it_is_and_leaves_no_trace(installation: Installation) -> None:
    before = installation.image.files()
    checked = installation.manage("check", "--deploy", "--fail-level", "ERROR")
    assert checked.returncode == 0, checked.stderr
    assert database_is_ready(installation.env["DATABASE_URL"])
    with Redis.from_url(installation.env["REDIS_URL"]) as broker:
        assert broker.ping()
        assert broker.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
        assert broker.config_get("appendonly")["appendonly"] == "yes"

    # The web alone: it answers, and says that nothing would get done.
    web = installation.start("web")
    until(lambda: answers(f"{installation.url}/livez"), told=web.log)
    assert installation.is_healthy("web")
    assert installation.get("/healthz").text == "ok\n"
    assert (installation.get("/readyz").status_code, installation.is_healthy("worker")) == (
        503,
        False,
    )

    worker, beat = installation.start("worker"), installation.start("beat")
    until(lambda: installation.get("/readyz").status_code == 200, told=worker.log)
    assert installation.is_healthy("worker")
    assert installation.is_healthy("beat")

    assert installation.get("/").headers["Location"] == "/sign-in/?next=/"
    page = installation.get("/sign-in/").text
    for file in re.findall(r'(?:href|src)="(/static/[^"]+)"', page):
        assert installation.get(file).status_code == 200

    assert [program.stop() for program in (beat, worker, web)] == [0, 0, 0]
    for program in (beat, worker, web):
        assert "Traceback" not in program.log()
    assert installation.image.files() == before
    assert list((installation.folder / "tmp").iterdir()) == []


def test_a_request_in_flight_is_answered_before_the_web_ends(installation: Installation) -> None:
    web = installation.start("web")
    until(lambda: answers(f"{installation.url}/livez"), told=web.log)
    page = installation.get("/sign-in/")
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.text)
    assert token
    body = f"csrfmiddlewaretoken={token[1]}&email=eve%40acme.example".encode()
    head = {
        **AS_THE_PROXY,
        "Cookie": page.headers["Set-Cookie"].split(";")[0],
        "Referer": "https://numbers.example.com/sign-in/",
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(body)),
        # The answer to this comes once a thread has taken the request up.
        "Expect": "100-continue",
        "Connection": "close",
    }

    with socket.create_connection(("127.0.0.1", installation.port), timeout=PATIENCE) as visitor:
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        visitor.sendall(f"POST /sign-in/ HTTP/1.1\r\n{lines}\r\n".encode())
        assert visitor.recv(100).startswith(b"HTTP/1.1 100 Continue")
        web.process.terminate()
        # The other process has nothing to finish, and both were told at the same moment.
        until(lambda: "Worker exiting" in web.log(), told=web.log)
        visitor.sendall(body)
        answer = b"".join(iter(lambda: visitor.recv(4096), b""))

    assert answer.startswith(b"HTTP/1.1 302"), answer[:300]
    assert web.stop() == 0


def test_a_task_in_flight_comes_to_its_end_before_the_worker_does(
    installation: Installation, sandbox: Sandbox
) -> None:
    control(sandbox, "faults", kind="latency", method="GET", path="/Bundles", seconds=5, times=1)
    worker = installation.start("worker")
    asked = installation.manage(
        "shell", "--no-imports", "-c", "from compliance.tasks import sync; sync.delay()"
    )
    assert asked.returncode == 0, asked.stderr
    until(lambda: any("/Bundles" in path for path in called(sandbox)), told=worker.log)

    assert worker.stop() == 0

    log = worker.log()
    assert re.search(r"tasks\.sync_account\[\S+\] succeeded", log), log
    assert "Traceback" not in log


def control(sandbox: Sandbox, what: str, **values: Any) -> None:
    requests.post(
        f"{sandbox.base_url}/sandbox/{what}", json=values, timeout=PATIENCE
    ).raise_for_status()


def called(sandbox: Sandbox) -> list[str]:
    answer = requests.get(f"{sandbox.base_url}/sandbox/requests", timeout=PATIENCE)
    return [entry["path"] for entry in answer.json()["requests"]]
