"""Where the browser for the tests is."""

import os
import shutil

from tests.servers import Missing

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str:
    """The path of a Chromium. ``make test`` has installed one if it could."""
    for name in (os.environ.get("CHROMIUM", ""), *NAMES):
        if name and (found := shutil.which(name)):
            return found
    raise Missing(
        "no Chromium: neither the variable CHROMIUM names one nor is one of "
        f"{', '.join(NAMES)} installed"
    )
