"""``manage.py sandbox``, and what the package may lean on."""

import ast
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import requests

from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, str(ROOT / "manage.py"), "sandbox"]


def run(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_it_prints_its_address_and_ends_cleanly_when_told_to(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    for stop in (signal.SIGINT, signal.SIGTERM):
        with run("--port", "0", "--state", str(state), "--auto-review", "off") as process:
            assert process.stdout is not None
            address = process.stdout.readline().split()[-1]
            assert requests.get(address, timeout=PATIENCE).status_code == 200
            process.send_signal(stop)
            _, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
        assert "Traceback" not in errors
    assert state.exists()


def test_a_port_that_is_taken_gets_a_clear_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with run("--port", port) as process:
            _, errors = process.communicate(timeout=PATIENCE)

    assert process.returncode == 1
    assert f"127.0.0.1:{port}" in errors
    assert "Choose a free port with --port." in errors
    assert "Traceback" not in errors


def test_the_sandbox_leans_on_nothing_of_ours() -> None:
    allowed = sys.stdlib_module_names | {"werkzeug", "markupsafe", "PIL", "pikepdf", "_typeshed"}
    folder = ROOT / "compliance" / "sandbox"

    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                names = [str(node.module)]
            for name in names:
                inside = name == "compliance.sandbox" or name.startswith("compliance.sandbox.")
                assert inside or name.partition(".")[0] in allowed, f"{path}: {name}"


def test_every_module_of_the_sandbox_holds_one_idea() -> None:
    for path in (ROOT / "compliance" / "sandbox").rglob("*.py"):
        assert len(path.read_text().splitlines()) <= 400, path
        assert ast.get_docstring(ast.parse(path.read_text())), path
