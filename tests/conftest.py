"""Fixtures for every test.

The sandbox runs once a session and is fresh for each test. A whole portal with its processes, and a
browser, are there for those who ask; where the machine lacks what they need, the test is skipped
with the reason, or fails if the variable ``CI`` is set.
"""

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from django.utils import translation

from compliance.sandbox import Sandbox
from tests import browsers, servers
from tests.serving import Portal, start_portal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """A request leaves its reader's language behind in the thread, until the next one comes."""
    with translation.override("en"):
        yield


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
        program = browsers.chromium()
    except servers.Missing as missing:
        cannot_run(str(missing))
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Chromium's own sandbox does not work for root, which CI machines often are.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """A page in a fresh browser profile. An error in a script of ours fails the test."""
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(15_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def cannot_run(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
