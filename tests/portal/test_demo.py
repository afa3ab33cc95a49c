"""``make demo``: it starts, lets people in, survives the death of a part, and ends in order."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from portal.demo.place import ROOT, Place, Trouble
from portal.demo.programs import Programs, answers
from tests import servers
from tests.patience import PATIENCE, until

pytestmark = pytest.mark.processes


class RunningDemo:
    """The demo as a person starts it; a folder with a space in its name is none of its problems."""

    def __init__(self, folder: Path, **env: str) -> None:
        self.folder = folder / "the demo"
        self.port, self.sandbox_port = servers.free_port(), servers.free_port()
        self.env = {
            "PATH": os.environ["PATH"],
            "PORT": str(self.port),
            "SANDBOX_PORT": str(self.sandbox_port),
            "DEMO_FOLDER": str(self.folder),
            # Of somebody who works with the real one on this machine.
            "DATABASE_URL": "postgres://nobody@nowhere.invalid/production",
            "TWILIO_AUTH_TOKEN": "of the real account",
            **env,
        }
        self.process: subprocess.Popen[str] | None = None
        self.said = ""

    def start(self) -> None:
        """Until it says where to go."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "portal.demo"],
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = self.read_until("make demo-reset forgets it")

    def read_until(self, words: str) -> str:
        assert self.process is not None
        assert self.process.stdout is not None
        read = ""
        for line in self.process.stdout:
            read += line
            if words in line:
                return read
        raise AssertionError(read)

    def end(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Exit code, and what it said last."""
        assert self.process is not None
        self.process.send_signal(number)
        last, _ = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, last

    def children(self) -> list[int]:
        assert self.process is not None
        file = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in file.read_text().split()]

    def links(self) -> list[str]:
        return re.findall(r"http://\S+/sign-in/link/\S+", self.said)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[RunningDemo]:
    running = RunningDemo(tmp_path)
    yield running
    if running.process is not None and running.process.poll() is None:
        running.process.terminate()
        running.process.communicate(timeout=PATIENCE)


def press_the_button(link: str) -> requests.Response:
    session = requests.Session()
    page = session.get(link, timeout=PATIENCE).text
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)
    assert token, page
    return session.post(link, data={"csrfmiddlewaretoken": token[1]}, timeout=PATIENCE)


def test_the_demo_from_its_first_start_to_its_second(demo: RunningDemo) -> None:
    demo.start()
    assert len(demo.links()) >= 6  # five customers and the staff

    home = press_the_button(demo.links()[0])
    assert home.status_code == 200
    assert "ada@acme.example" in home.text
    admin = press_the_button(demo.links()[-1])
    assert admin.url == f"http://localhost:{demo.port}/admin/"
    assert requests.get(f"http://127.0.0.1:{demo.sandbox_port}/", timeout=PATIENCE).ok

    mailed = ask_for_a_mail(demo, "zoe@lumiere.example")
    assert press_the_button(mailed).status_code == 200
    assert {file.suffix for file in (demo.folder / "mail").iterdir()} == {".log"}

    code, last = demo.end()
    assert code == 0
    assert "Traceback" not in demo.said + last
    log = demo.folder / "log"
    assert not [file for file in log.iterdir() if "Traceback" in file.read_text()]
    keys = demo.folder / "keys.env"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    kept = keys.read_text()

    demo.start()
    assert keys.read_text() == kept
    assert "ada@acme.example" in press_the_button(demo.links()[0]).text


def ask_for_a_mail(demo: RunningDemo, email: str) -> str:
    """The link of the newest mail, found the way a person finds it."""
    session = requests.Session()
    page = session.get(f"http://localhost:{demo.port}/sign-in/", timeout=PATIENCE)
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.text)
    assert token
    data = {"csrfmiddlewaretoken": token[1], "email": email}
    asked = session.post(page.url, data=data, timeout=PATIENCE)
    assert "/demo/mails/" in asked.text

    def found() -> str:
        mails = requests.get(f"http://localhost:{demo.port}/demo/mails/", timeout=PATIENCE).text
        link = re.search(r'href="(http://[^"]+/sign-in/link/[^"]+)"', mails)
        assert link is None or email in mails
        return link[1] if link else ""

    return until(found, told=lambda: "no mail came")


def test_a_part_that_dies_is_started_again(demo: RunningDemo) -> None:
    demo.start()

    for child in demo.children():
        os.killpg(child, signal.SIGKILL)

    words = demo.read_until("It is started again.") + demo.read_until("It is started again.")
    assert "The sandbox has ended unexpectedly." in words
    assert "The web server has ended unexpectedly." in words
    until(lambda: answers(f"http://localhost:{demo.port}/sign-in/"))
    code, last = demo.end(signal.SIGTERM)
    assert (code, "Traceback" in last) == (0, False)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent")
def test_nothing_is_left_running_when_the_demo_is_killed(demo: RunningDemo) -> None:
    demo.start()
    assert demo.process is not None
    demo.process.kill()
    demo.process.communicate(timeout=PATIENCE)

    for port in (demo.port, demo.sandbox_port):
        until(lambda port=port: not is_taken(port))


def is_taken(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def test_it_can_be_ended_while_it_starts(demo: RunningDemo) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "portal.demo"],
        cwd=ROOT,
        env=demo.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    demo.process = process
    assert process.stdout is not None
    process.stdout.readline()

    code, last = demo.end()

    assert (code, "Traceback" in last) == (0, False)


@pytest.mark.parametrize("name", ["PORT", "SANDBOX_PORT"])
def test_a_taken_port_is_said_in_a_sentence(demo: RunningDemo, name: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(demo.env[name])))
        other.listen()

        code, words = run(demo)

    assert code == 1
    assert f"listen on port {demo.env[name]}, but another program does so already" in words
    assert f"make demo {name}=" in words
    assert "Traceback" not in words
    assert not demo.folder.exists()


@pytest.mark.parametrize(
    ("ports", "sentence"),
    [
        ({"PORT": "many"}, "PORT is 'many'. It must be a number from 1 to 65535."),
        ({"SANDBOX_PORT": "0"}, "SANDBOX_PORT is '0'. It must be a number from 1 to 65535."),
        ({"PORT": "8123", "SANDBOX_PORT": "8123"}, "PORT and SANDBOX_PORT are the same."),
    ],
)
def test_an_unusable_port_is_said_in_a_sentence(
    demo: RunningDemo, ports: dict[str, str], sentence: str
) -> None:
    demo.env.update(ports)

    code, words = run(demo)

    assert (code, sentence in words) == (1, True)
    assert "Traceback" not in words


def run(demo: RunningDemo) -> tuple[int, str]:
    finished = subprocess.run(
        [sys.executable, "-m", "portal.demo"],
        cwd=ROOT,
        env=demo.env,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    return finished.returncode, finished.stdout + finished.stderr


def test_the_demo_runs_on_nothing_of_a_real_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_API_KEY", "SK-real")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid")

    place = Place(folder=tmp_path, port=8000, sandbox_port=8001)
    env = place.environment()

    assert not {"TWILIO_API_KEY", "HTTPS_PROXY"} & env.keys()
    assert env["TWILIO_BASE_URL"] == "http://127.0.0.1:8001"
    assert env["DATABASE_URL"].endswith("/db.sqlite3")


def forget(folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "portal.demo.forget"],
        cwd=ROOT,
        env={**os.environ, "DEMO_FOLDER": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_reset_removes_what_the_demo_kept(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    (folder / "mail").mkdir(parents=True)

    assert forget(folder).returncode == 0
    assert not folder.exists()
    assert forget(folder).returncode == 0


def test_reset_leaves_a_demo_alone_that_is_running(tmp_path: Path) -> None:
    Place(folder=tmp_path, port=8000, sandbox_port=8001).prepare()

    refused = forget(tmp_path)

    assert refused.returncode == 1
    assert "A demo is running in" in refused.stderr
    assert (tmp_path / "mail").exists()


def test_nothing_is_awaited_from_a_program_that_did_not_start(tmp_path: Path) -> None:
    programs = Programs(dict(os.environ), tmp_path, print)
    broken = programs.start("sandbox", "-c", "raise SystemExit('no room for it')")

    with pytest.raises(Trouble, match=r"The sandbox did not start(.|\n)*no room for it"):
        programs.finish("prepare", "-c", "import time; time.sleep(600)", beside=broken)
