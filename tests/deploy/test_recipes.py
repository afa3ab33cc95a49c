"""Procfile, image, compose file, units and README say the same, and say it safely."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from portal import settings
from tests.conftest import cannot_run
from tests.deploy import recipes
from tests.serving import ROOT

PROGRAMS = ("web", "worker", "beat")
UNITS = [recipes.UNITS / f"portal-{name}.service" for name in PROGRAMS]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_started_with_the_same_words_everywhere(name: str) -> None:
    [image] = recipes.dockerfile()[-1:]
    words = recipes.procfile()[name]
    service = recipes.compose()[name]
    [start] = recipes.unit(recipes.UNITS / f"portal-{name}.service")["Service"]["ExecStart"]

    assert shlex.split(service.get("command", "")) == ([] if name == "web" else words)
    assert image.program("CMD") == recipes.procfile()["web"]
    assert start.removeprefix("/opt/portal/.venv/bin/") == shlex.join(words)
    assert shlex.join(words) in (ROOT / "README.md").read_text()


def test_the_procfile_has_no_other_programs() -> None:
    assert tuple(recipes.procfile()) == PROGRAMS


def test_the_image_is_not_root_and_holds_nothing_that_installs() -> None:
    build, image = recipes.dockerfile()
    assert image.all("USER") == ["10001:10001"]
    assert any("pip uninstall" in run for run in image.all("RUN"))
    assert all("pip" not in copied for copied in image.all("COPY"))
    [install] = [run for run in build.all("RUN") if " install " in run]
    assert {"--require-hashes", "--only-binary"} <= set(install.split())
    # Both stages stand on the same Python, of which the project may be told.
    assert {build.base.split()[0], image.base} == {"python:${PYTHON}"}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_container_can_write_nothing_and_gain_nothing(name: str) -> None:
    service = recipes.compose()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == "always"


def test_every_service_that_goes_on_has_a_health_check() -> None:
    image = recipes.dockerfile()[-1]
    assert image.program("HEALTHCHECK")[0] == "python"
    services = recipes.compose()
    for name in ("worker", "beat", "database", "broker"):
        assert services[name]["healthcheck"]["test"][0] == "CMD", name
    assert "healthcheck" not in services["web"], "it has the image's own"


def test_nobody_starts_before_the_database_is_migrated() -> None:
    services = recipes.compose()
    for name in PROGRAMS:
        waits_for = services[name]["depends_on"]
        assert waits_for["migrate"] == {"condition": "service_completed_successfully"}
    assert "PGOPTIONS" in services["migrate"]["environment"]
    assert set(services["web"]["environment"]) == {"DATABASE_URL", "REDIS_URL", "BIND"}


def test_only_the_web_can_be_reached_and_only_from_this_machine() -> None:
    ports = {name: service.get("ports", []) for name, service in recipes.compose().items()}
    assert ports.pop("web") == ["127.0.0.1:8000:8000"]
    assert not any(ports.values())


def test_who_is_told_to_stop_has_time_for_what_it_does() -> None:
    """A task's own limit ends it before the supervisor would."""
    [stop] = recipes.unit(recipes.UNITS / "portal-worker.service")["Service"]["TimeoutStopSec"]
    grace = recipes.compose()["worker"]["stop_grace_period"]
    assert int(stop) == int(grace.removesuffix("s"))
    assert int(stop) > settings.CELERY_TASK_SOFT_TIME_LIMIT


# --- systemd ----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_is_started_again_however_often_it_ends(path: Path) -> None:
    found = recipes.unit(path)
    assert found["Service"]["Restart"] == ["always"]
    assert found["Unit"]["StartLimitIntervalSec"] == ["0"]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_is_shut_in(path: Path) -> None:
    service = recipes.unit(path)["Service"]
    assert service["User"] == ["portal"]
    assert service["CapabilityBoundingSet"] == [""]
    assert service["ProtectSystem"] == ["strict"]
    for name in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "RestrictNamespaces"):
        assert service[name] == ["yes"], name


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        cannot_run("no systemd-analyze (on Debian and Ubuntu: apt install systemd)")
    # It looks whether each program is there.
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("gunicorn", "celery"):
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o755)
    copies = []
    for path in [*UNITS, recipes.UNITS / "portal-web.socket"]:
        copy = tmp_path / path.name
        copy.write_text(path.read_text().replace("/opt/portal/.venv/bin", str(programs)))
        copies.append(str(copy))
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C", "SYSTEMD_UNIT_PATH": f"{tmp_path}:"}

    found = subprocess.run(
        [analyze, "verify", *copies], env=env, capture_output=True, text=True, check=False
    )

    assert (found.returncode, found.stderr) == (0, "")
