"""Fixtures for every test.

The sandbox runs once a session and is fresh for each test. A whole portal with its processes, and a
browser, are there for those who ask; where the machine lacks what they need, the test is skipped
with the reason, or fails if the variable ``CI`` is set.
"""

import gc
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import hypothesis
import pytest
from django.core.cache import caches
from django.db import connection
from django.utils import translation

from compliance.sandbox import Sandbox
from tests import browsers, servers
from tests.serving import Portal, start_portal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page


# An example is not wrong because the machine is slow.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")


NO_SECOND_TRY = ("engine", "survival", "walks")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test may lose to a machine that stands still for half a minute: it gets a second try, and
    the end of the run names it with what went wrong. Not so where crashes and races are tested
    within one process: there, once is too often.

    What asks for a database is marked, so that the rest need not run on each kind of it.
    """
    for item in items:
        starts_others = any(item.iter_markers("browser")) or any(item.iter_markers("processes"))
        if starts_others or item.path.parent.name not in NO_SECOND_TRY:
            item.add_marker(pytest.mark.flaky(reruns=1))
        asked_for = {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
        if asked_for or any(item.iter_markers("django_db")):
            item.add_marker("database")


def pytest_collection_finish() -> None:
    """What has been loaded by now stays to the end, and is not searched for garbage again and
    again; nor is the rest each time that it has grown by some hundred objects. On long runs that
    is a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """A request leaves its reader's language behind in the thread, until the next one comes."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def no_mail_of_another_test() -> Iterator[None]:
    """A code is mailed a moment after the answer to the request that asked for it."""
    from tests.signin.asking import await_mails

    yield
    await_mails()


@pytest.fixture(autouse=True)
def nothing_known_of_redis() -> None:
    """A test in which it is away leaves everybody behind who leaves it alone for half a minute."""
    from compliance import measures, slots, tasks
    from portal.cache import RedisOrNothing

    breakers = [measures._count, slots._shared, tasks._broker]
    breakers += [cache._redis for cache in caches.all() if isinstance(cache, RedisOrNothing)]
    for breaker in breakers:
        breaker.forget()


@pytest.fixture
def attendance_unnoted(monkeypatch: pytest.MonkeyPatch) -> None:
    """For who counts queries: a session's note that somebody is there falls due by the clock, and
    on a slow machine between any two requests.
    """
    monkeypatch.setattr("portal.session.NOTED_EVERY", float("inf"))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """After a test that commits, the tables are emptied; on SQLite, row by row."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER event_is_kept")


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[Sandbox]:
    server = Sandbox()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def sandbox(sandbox_server: Sandbox) -> Sandbox:
    """Running, and as on its first day."""
    sandbox_server.reset()
    sandbox_server.start()
    return sandbox_server


@pytest.fixture
def running_portal(tmp_path: Path, sandbox: Sandbox) -> Iterator[Callable[..., Portal]]:
    """``running_portal(database=..., broker=..., NAME="value")`` starts one against the sandbox."""
    started: list[Portal] = []
    numbers = count(1)

    def start(**options: Any) -> Portal:
        try:
            portal = start_portal(tmp_path / f"portal-{next(numbers)}", sandbox.base_url, **options)
        except servers.Missing as missing:
            cannot_run(str(missing))
        started.append(portal)
        return portal

    yield start
    for portal in started:
        portal.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    try:
        with browsers.launched() as browser:
            yield browser
    except servers.Missing as missing:
        cannot_run(str(missing))


@pytest.fixture
def profile(browser: "Browser") -> Iterator[Callable[..., "BrowserContext"]]:
    """``profile(java_script_enabled=False, ...)`` is a browser that has been nowhere yet."""
    with ExitStack() as opened:
        yield lambda **options: opened.enter_context(browsers.profile(browser, **options))


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """A page in a fresh browser profile. An error in a script of ours fails the test."""
    errors: list[str] = []
    with browsers.profile(browser) as context:
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
    assert errors == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails tells what its browser shows."""
    report = yield
    browser = getattr(item, "funcargs", {}).get("browser")
    if report.failed and browser is not None:
        report.sections += browsers.what_is_shown(browser)
    return report


def cannot_run(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
