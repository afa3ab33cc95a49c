"""The browser for the tests: where it is, how long it is waited for, and what it shows when a test
fails."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.patience import MILLISECONDS, until
from tests.servers import Missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
A_MOMENT = 50
# Of a page that can't answer by then nothing is shown.
LAST_WORDS = 5_000


def chromium() -> str:
    """The path of a Chromium. ``make test`` has installed one if it could."""
    for name in (os.environ.get("CHROMIUM", ""), *NAMES):
        if name and (found := shutil.which(name)):
            return found
    raise Missing(
        "no Chromium: neither the variable CHROMIUM names one nor is one of "
        f"{', '.join(NAMES)} installed"
    )


@contextmanager
def launched() -> Iterator["Browser"]:
    """:raises Missing: there is none."""
    program = chromium()
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=MILLISECONDS)
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not work for root, which CI machines often are.
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox"], timeout=MILLISECONDS
        )
        yield browser
        browser.close()


@contextmanager
def profile(browser: "Browser", **options: Any) -> Iterator["BrowserContext"]:
    """A fresh one, which reads English unless told otherwise, and waits as long as tests do."""
    context = browser.new_context(**{"locale": "en-GB", **options})
    context.set_default_timeout(MILLISECONDS)
    yield context
    context.close()


def await_event(page: "Page", found: Callable[[], object]) -> None:
    """Until a listener has heard it: listeners are called while the browser is asked for something,
    and never while the test only sleeps."""
    until(lambda: found() or page.wait_for_timeout(A_MOMENT))


def what_is_shown(browser: "Browser") -> Iterator[tuple[str, str]]:
    """The address and the words of each open page."""
    from playwright.sync_api import Error

    for page in (page for context in browser.contexts for page in context.pages):
        try:
            yield f"shown at {page.url}", _words(page)
        except Error as error:
            yield f"nothing shown at {page.url}", str(error)


def _words(page: "Page") -> str:
    return page.locator("body").inner_text(timeout=LAST_WORDS)
