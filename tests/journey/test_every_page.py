"""Every page in every state, in three languages, light and dark, wide and narrow: nothing for axe
to find, nothing cut off, nothing that jumps, not a word on the console."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests import browsers
from tests.conftest import cannot_run
from tests.journey.conftest import LANGUAGES, Journey
from tests.journey.judges import (
    WATCH,
    ask_axe,
    axe_source,
    by_axe,
    by_room,
    by_spacing,
    by_stillness,
)
from tests.journey.states import STATES, State
from tests.servers import Missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

pytestmark = pytest.mark.browser

DARK_OR_LIGHT = {"light": "dark", "dark": "light"}


@dataclass
class Walk:
    """Through all pages in one window: a new one for each page would take most of the time."""

    name: str
    page: "Page"
    look: Any
    is_spaced: bool
    found: list[str] = field(default_factory=list)
    state: State | None = None

    def listen(self) -> None:
        self.page.on("console", self._hear)

    def go(self, state: State, journey: Journey) -> None:
        # What the page before says on leaving, it says with its own session.
        self.page.goto("about:blank")
        self.state, self.found = state, []
        self.page.unroute_all()
        self.page.emulate_media(color_scheme=self.look)
        url = journey.enter(self.page.context, self.name, state)
        self.page.goto(url, wait_until="commit")

    def arrive(self, state: State) -> None:
        self.page.wait_for_load_state("load")
        if state.act:
            state.act(self.page)
            self.page.wait_for_load_state()
        if LANGUAGES[self.name] == "en":
            heading = self.page.locator("h1").inner_text()
            assert " ".join(heading.split()) == state.heading
            self.page.get_by_text(state.sees).filter(visible=True).first.wait_for()
        if not state.makes_room:
            self.found += by_stillness(self.page)
        self.found += by_room(self.page)
        ask_axe(self.page)

    def look_again(self) -> None:
        """At the colours alone in the other look, since what is there is the same; or, where there
        is least room, with more of it between lines, words and letters."""
        self.found += by_axe(self.page)
        if self.is_spaced:
            self.found += by_spacing(self.page)
        else:
            self.page.emulate_media(color_scheme=DARK_OR_LIGHT[self.look])
            ask_axe(self.page, rules=["color-contrast"])

    def leave(self) -> list[str]:
        self.found += [] if self.is_spaced else by_axe(self.page)
        return [f"{self.name}: {each}" for each in self.found]

    def _hear(self, said: "ConsoleMessage") -> None:
        """But for the browser's own word on a page that is an error page."""
        is_error_page = self.state is not None and self.state.status >= 400
        if not (is_error_page and re.match(r"Failed to load resource: .* [45]\d\d ", said.text)):
            self.found.append(f"console: {said.text}")


@pytest.fixture(scope="module")
def walks(browser: "Browser") -> Iterator[list[Walk]]:
    try:
        axe = axe_source()
    except Missing as missing:
        cannot_run(str(missing))

    windows = ExitStack()

    def walk(name: str, width: int, height: int, look: str, *, spaced: bool = False) -> Walk:
        context = windows.enter_context(
            browsers.profile(
                browser,
                viewport={"width": width, "height": height},
                locale=LANGUAGES[name],
                reduced_motion="reduce",
            )
        )
        context.add_init_script(WATCH)
        context.add_init_script(axe)
        made = Walk(name=name, page=context.new_page(), look=look, is_spaced=spaced)
        made.listen()
        return made

    with windows:
        yield [
            walk("english", 1280, 800, "light"),
            walk("german", 360, 740, "dark"),
            # A screen of 1280 by 1024 at 400 %.
            walk("french", 320, 256, "light", spaced=True),
        ]


@pytest.mark.parametrize("state", STATES.values(), ids=list(STATES))
def test_nothing_is_found_on(state: State, walks: list[Walk], journey: Journey) -> None:
    for walk in walks:
        walk.go(state, journey)
    for walk in walks:
        walk.arrive(state)
    for walk in walks:
        walk.look_again()

    assert [each for walk in walks for each in walk.leave()] == []
