"""Takes the README's pictures of the pages: what ``make screenshots`` runs."""

import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

from tests import browsers, environment
from tests.servers import Missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER = Path(__file__).resolve().parent.parent.parent / ".readme"
MOST_BYTES = 150_000
ROWS = "import json; from tests.journey.pictures import build; print(json.dumps(build()))"
DESKTOP, PHONE = (1180, 760), (390, 780)


@dataclass(frozen=True)
class Picture:
    page: str
    size: tuple[int, int]
    look: Any = "light"

    @property
    def file(self) -> Path:
        words = [self.page]
        words += ["phone"] if self.size == PHONE else []
        words += ["dark"] if self.look == "dark" else []
        return FOLDER / f"{'-'.join(words)}.png"


PICTURES = [
    Picture("registration", (1180, 960)),
    Picture("home", DESKTOP),
    Picture("document", DESKTOP),
    Picture("registration", PHONE),
    Picture("check", PHONE),
    Picture("being-checked", PHONE, "dark"),
]


def main() -> None:
    from tests.journey.conftest import on_stage

    with (
        tempfile.TemporaryDirectory() as folder,
        on_stage(Path(folder)) as portal,
        browsers.launched() as browser,
    ):
        pages = json.loads(portal.manage("shell", "--no-imports", "-c", ROWS).splitlines()[-1])
        for picture in PICTURES:
            take(picture, browser, portal.base_url, pages)
            size = picture.file.stat().st_size
            assert size < MOST_BYTES, f"{picture.file} has {size} bytes"
            sys.stdout.write(f"{picture.file.relative_to(Path.cwd())}  {size // 1024} KB\n")


def take(picture: Picture, browser: "Browser", base_url: str, pages: dict[str, str]) -> None:
    width, height = picture.size
    with browsers.profile(
        browser,
        viewport={"width": width, "height": height},
        color_scheme=picture.look,
        reduced_motion="reduce",
    ) as context:
        context.add_cookies([{"name": "session", "value": pages["session"], "url": base_url}])
        page = context.new_page()
        page.goto(f"{base_url}{pages[picture.page]}", wait_until="networkidle")
        page.screenshot(path=picture.file)


if __name__ == "__main__":
    os.chdir(FOLDER.parent)
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    assert environment  # its import sets what they are read from
    django.setup()
    try:
        main()
    except Missing as missing:
        sys.exit(str(missing))
