"""The portal as it is served in earnest: behind a proxy that ends TLS, with collected files."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests import servers
from tests.patience import PATIENCE
from tests.production import ENVIRONMENT
from tests.serving import ROOT, await_page, ends, kill, manage, migrate

pytestmark = pytest.mark.processes

AS_THE_PROXY = {"Host": "numbers.example.com", "X-Forwarded-Proto": "https"}


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address. Neither its Redis nor its Twilio is there: it has to do without."""
    folder = tmp_path_factory.mktemp("production")
    port = servers.free_port()
    env = {
        "PATH": os.environ["PATH"],
        **ENVIRONMENT,
        "DJANGO_SETTINGS_MODULE": "tests.production_settings",
        "TEST_STATIC_ROOT": str(folder / "static"),
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "REDIS_URL": f"redis://127.0.0.1:{servers.free_port()}/0",
        "TWILIO_BASE_URL": "http://127.0.0.1:9",
        "EMAIL_URL": f"filemail:///{folder / 'mail'}",
        "BIND": f"127.0.0.1:{port}",
        "WEB_PROCESSES": "1",
    }
    migrate(env["DATABASE_URL"])
    manage(env, "collectstatic", "--noinput", "--verbosity", "0")
    log = folder / "log"
    with log.open("wb") as opened:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "python:portal.gunicorn", "portal.wsgi"],
            cwd=ROOT,
            env=env,
            stdout=opened,
            stderr=opened,
            start_new_session=True,
        )
    base_url = f"http://127.0.0.1:{port}"
    await_page(base_url, process, log.read_text)
    yield base_url
    process.terminate()
    assert ends(process)
    kill(process)
    assert "Traceback" not in log.read_text()


def get(url: str) -> requests.Response:
    return requests.get(url, headers=AS_THE_PROXY, timeout=PATIENCE, allow_redirects=False)


def test_a_page_comes_with_every_precaution(production: str) -> None:
    page = get(f"{production}/sign-in/")

    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert "max-age=31536000" in page.headers["Strict-Transport-Security"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_every_file_of_a_page_is_there_for_good(production: str) -> None:
    page = get(f"{production}/sign-in/").text

    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(files) >= 2
    for file in files:
        answer = get(production + file)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]


def test_without_tls_one_is_sent_to_it(production: str) -> None:
    answer = requests.get(
        f"{production}/sign-in/",
        headers={"Host": "numbers.example.com"},
        timeout=PATIENCE,
        allow_redirects=False,
    )

    assert answer.headers["Location"] == "https://numbers.example.com/sign-in/"


def test_another_name_for_the_machine_is_refused(production: str) -> None:
    answer = requests.get(
        f"{production}/sign-in/", headers={**AS_THE_PROXY, "Host": "evil.example"}, timeout=PATIENCE
    )

    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/demo/mails/", "/static/no-such-file.css", "/accounts/login/"])
def test_what_belongs_elsewhere_is_not_there(production: str, path: str) -> None:
    assert get(production + path).status_code == 404


def ask_for_a_code(production: str) -> requests.Response:
    session = requests.Session()
    session.headers.update({**AS_THE_PROXY, "Referer": "https://numbers.example.com/sign-in/"})
    page = session.get(f"{production}/sign-in/", timeout=PATIENCE)
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.text)
    assert token
    cookie = page.headers["Set-Cookie"].split(";")[0]  # over plain HTTP it would not be sent back

    return session.post(
        f"{production}/sign-in/",
        data={"csrfmiddlewaretoken": token[1], "email": "eve@acme.example"},
        headers={"Cookie": cookie},
        timeout=PATIENCE,
        allow_redirects=False,
    )


def test_a_cookie_is_for_this_host_alone_and_no_script_reads_it(production: str) -> None:
    answers = [get(f"{production}/sign-in/"), ask_for_a_code(production)]
    cookies = [line for answer in answers for line in answer.raw.headers.getlist("Set-Cookie")]

    assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-csrf", "__Host-session"}
    for cookie in cookies:
        flags = set(cookie.split("; "))
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= flags, cookie
        assert "domain" not in cookie.lower()


def test_without_redis_one_can_still_ask_for_a_code(production: str) -> None:
    answer = ask_for_a_code(production)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/code/")


def test_an_installation_that_is_not_configured_does_not_start() -> None:
    started = subprocess.run(
        [sys.executable, "-c", "import portal.wsgi"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )

    assert started.returncode != 0
    assert "- SECRET_KEY is missing." in started.stderr.partition("ImproperlyConfigured:")[2]


def test_a_file_is_never_served_from_outside(production: str) -> None:
    secret = Path(ROOT / "pyproject.toml").name

    assert get(f"{production}/static/../{secret}").status_code == 404
