"""The judges of the pages see what is wrong when it is."""

from typing import TYPE_CHECKING

import pytest

from tests.conftest import cannot_run
from tests.journey.judges import (
    WATCH,
    ask_axe,
    axe_source,
    by_axe,
    by_room,
    by_spacing,
    by_stillness,
)
from tests.patience import until
from tests.servers import Missing

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PAGE = '<!doctype html><html lang="en"><title>A page</title><main><h1>A page</h1>{0}</main></html>'


@pytest.fixture
def broken(page: "Page") -> "Page":
    page.add_init_script(WATCH)
    page.set_viewport_size({"width": 320, "height": 640})
    page.route("**/*", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    page.goto("http://localhost/")
    return page


def put(page: "Page", html: str) -> None:
    page.evaluate(
        "html => document.querySelector('main').insertAdjacentHTML('beforeend', html)", html
    )


def test_axe_bites(broken: "Page") -> None:
    try:
        broken.evaluate(axe_source())
    except Missing as missing:
        cannot_run(str(missing))
    put(broken, '<p style="color: #bbb; background: #fff">pale</p><button></button>')

    ask_axe(broken)
    found = by_axe(broken)
    ask_axe(broken, rules=["color-contrast"])

    assert sorted(each.partition(":")[0] for each in found) == [
        "axe button-name",
        "axe color-contrast",
    ]
    assert len(by_axe(broken)) == 1


def test_a_page_that_is_too_wide_is_seen(broken: "Page") -> None:
    assert list(by_room(broken)) == []

    put(broken, '<details><summary>more</summary><p style="width: 500px">wide</p></details>')

    assert len(list(by_room(broken))) == 1


def test_text_that_is_cut_off_is_seen(broken: "Page") -> None:
    assert by_spacing(broken) == []

    put(broken, '<p style="width: 40px; overflow: hidden; white-space: nowrap">cut off</p>')

    assert len(by_spacing(broken)) == 1


def test_a_page_that_jumps_is_seen(broken: "Page") -> None:
    assert by_stillness(broken) == []

    broken.evaluate(
        """() => new Promise((go) => setTimeout(() => {
          const late = Object.assign(document.createElement("p"), { style: "height: 200px" });
          document.querySelector("main").prepend(late);
          requestAnimationFrame(() => setTimeout(go, 50));
        }, 50))"""
    )

    until(lambda: by_stillness(broken))
