"""What a first visit costs, and how the pages look with a brand's colour, in the demo, with the
colours of the system, and without motion."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.conftest import cannot_run
from tests.journey.conftest import Journey, environment, served
from tests.journey.judges import WATCH, ask_axe, axe_source, by_axe, by_nu, by_room, by_stillness
from tests.journey.states import STATES
from tests.journey.weight import weighing
from tests.servers import Missing

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Visit = Callable[[str], "Page"]
# As a letter or two of a name, drawn.
LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 32">'
    '<rect width="120" height="32" rx="6" fill="#ff8800"/></svg>'
)
KB = 1024


@pytest.fixture(scope="module")
def branded(journey: Journey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """The same rows, with a colour that is hard to read as it is, and a logo."""
    folder = tmp_path_factory.mktemp("branded")
    (folder / "logo.svg").write_text(LOGO)
    env = environment(
        journey.portal.folder,
        journey.portal.env["DATABASE_URL"],
        BRAND_NAME="Nummernamt",
        BRAND_COLOR="#ff8800",
        BRAND_LOGO=str(folder / "logo.svg"),
    )
    portal = served(folder, env)
    yield Journey(portal=portal, stagehand=journey.stagehand)
    portal.stop()


@pytest.fixture
def visit(page: "Page", branded: Journey) -> Visit:
    """For the first time, to a portal with a brand."""

    def go(name: str) -> "Page":
        page.goto(branded.enter(page.context, "other", STATES[name]))
        return page

    return go


@pytest.mark.parametrize("name", ["sign-in", "home-several", "fixing", "document", "send"])
def test_a_first_visit_is_light(name: str, visit: Visit, page: "Page") -> None:
    with weighing(page) as ours:
        visit(name)

    assert any(url.endswith(".css") and "/brand/" in url for url in ours)
    assert any(url.endswith(".svg") for url in ours)
    assert (name == "document") == any("upload" in url for url in ours)
    assert 10 * KB < sum(ours.values()) < 40 * KB, ours


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("name", ["sign-in", "home-several", "fixing", "every-kind", "send"])
def test_axe_finds_nothing_with_a_colour_of_its_own(
    name: str, look: str, visit: Visit, page: "Page"
) -> None:
    page.add_init_script(WATCH)
    page.emulate_media(color_scheme=look)  # type: ignore[arg-type]
    visit(name)

    assert judged(page) == []
    colour = page.evaluate("getComputedStyle(document.body).getPropertyValue('--accent')")
    assert colour not in ("#0d5c63", "#74cdd1")


def judged(page: "Page") -> list[str]:
    try:
        page.evaluate(axe_source())
    except Missing as missing:
        cannot_run(str(missing))
    still = by_stillness(page)
    ask_axe(page)
    return [*still, *by_axe(page)]


def test_the_demo_is_held_to_the_same(
    page: "Page", journey: Journey, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    folder = tmp_path_factory.mktemp("demo")
    env = environment(
        journey.portal.folder,
        journey.portal.env["DATABASE_URL"],
        DEMO="true",
        EMAIL_URL=f"filemail:///{folder / 'mail'}",
        DJANGO_SETTINGS_MODULE="portal.settings",
    )
    portal = served(folder, env)
    page.add_init_script(WATCH)
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{portal.base_url}/sign-in/")
    page.get_by_label("E-mail address").fill("other-fixing@acme.example")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Open the demo's mailbox").click()
    page.get_by_role("heading", name="The demo's mailbox").wait_for()

    answer = page.reload()
    assert answer is not None
    found = [*by_room(page), *judged(page), *by_nu({"mails": answer.text()}, tmp_path)]
    portal.stop()

    assert found == []
    expect(page.get_by_text("This is a demo with made-up companies.")).to_be_visible()


def test_nothing_moves_for_those_who_want_it_still(visit: Visit, page: "Page") -> None:
    visit("preparing")
    turning = "document.getAnimations().filter(each => each.playState === 'running').length"
    assert page.evaluate(turning) == 1

    page.emulate_media(reduced_motion="reduce")

    assert page.evaluate(turning) == 0


@pytest.mark.parametrize("name", ["home-several", "fixing", "every-kind", "document"])
def test_with_the_systems_colours_what_is_pressed_and_filled_in_has_an_edge(
    name: str, visit: Visit, page: "Page"
) -> None:
    page.emulate_media(forced_colors="active")
    visit(name)

    bare = page.locator(
        ".button, .input, .select, .textarea, .choice, .card, .panel, .tasks, .deadline"
    )
    edges = bare.evaluate_all(
        """all => all.filter(each => each.checkVisibility()).map((each) => {
          const { borderTopWidth, borderTopStyle, borderTopColor, backgroundColor } =
            getComputedStyle(each);
          const isDrawn = parseFloat(borderTopWidth) >= 1 && borderTopStyle !== "none"
            && borderTopColor !== backgroundColor;
          return isDrawn ? "" : each.outerHTML.slice(0, 100);
        })"""
    )

    assert edges
    assert [each for each in edges if each] == []
