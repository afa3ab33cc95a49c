"""axe-core on the pages of the desk, light and dark: nothing but what the theme itself brings."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import cannot_run
from tests.desk.test_desk_in_a_browser import scene
from tests.journey.judges import ask_axe, axe_source, by_axe
from tests.pages.test_in_a_browser import Scene
from tests.servers import Missing

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

pytestmark = pytest.mark.browser

__all__ = ["scene"]  # a fixture

# What django-unfold's own frame brings to every page: its head stands in no landmark.
OF_THE_HEAD = ("sidebarDesktopOpen", 'class="overflow-hidden leading-5')
# And to the pages that are its own, by what axe calls it and where: no main landmark, so that
# nothing there is in one; small buttons to search and sort; scrolling regions of one name.
OF_THE_THEME = {
    "landmark-one-main": ("<html",),
    "region": ("",),
    "target-size": ("searchbar-submit", "sortremove", 'href="?'),
    "landmark-unique": ("simplebar-content-wrapper",),
}
CASE = "case"
OURS = (
    "",
    CASE,
    f"{CASE}/reveal/",
    f"{CASE}/pause/",
    "compliance/renewal/left-over/",
    "compliance/renewal/left-over/look/",
    "compliance/bundle/unassigned",
    "compliance/regulation/campaigns",
    "compliance/customer/onboard/",
)
PAGES = (
    *OURS,
    "compliance/renewal/",
    "compliance/customer/",
    "compliance/regulation/",
    "compliance/bundle/",
    "compliance/account/",
    "compliance/mail/",
    "compliance/event/",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_of_ours(
    profile: Callable[..., "BrowserContext"], scene: Scene, scheme: Any
) -> None:
    try:
        axe = axe_source()
    except Missing as missing:
        cannot_run(str(missing))
    context = profile(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    scene.let_in(context)
    context.add_init_script(axe)
    page = context.new_page()
    base = f"{scene.portal.base_url}/admin/"
    page.goto(f"{base}compliance/renewal/?q={scene.references['refused']}")
    case = page.get_by_role("link", name=scene.references["refused"]).get_attribute("href")
    assert case is not None
    found = []
    for path in PAGES:
        inside = case.removeprefix("/admin/").removesuffix("change/")
        answer = page.goto(base + path.replace(CASE, inside.rstrip("/") if "/" in path else inside))
        assert answer is not None
        assert answer.status == 200, page.url
        ask_axe(page)
        found += [f"{path}: {each}" for each in by_axe(page) if not _is_of_the_theme(path, each)]

    assert found == []


def _is_of_the_theme(path: str, found: str) -> bool:
    """All that one rule says of a page: one node of ours among them is enough."""
    rule, _, nodes = found.removeprefix("axe ").partition(": ")
    if path in OURS:
        places = OF_THE_HEAD if rule == "region" else ()
    else:
        places = OF_THE_THEME.get(rule, ())
    return all(any(place in node for place in places) for node in nodes.split(" | "))
