"""Every page in every state without JavaScript: it answers, says what it is to say, shows what
wants to be pressed, and is HTML without an error."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lxml import html

from tests import browsers
from tests.conftest import cannot_run
from tests.journey.conftest import Journey
from tests.journey.judges import by_nu
from tests.journey.sentences import SENTENCES
from tests.journey.states import STATES, State
from tests.servers import Missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response

pytestmark = pytest.mark.browser

PLAIN = {name: state for name, state in STATES.items() if not state.scripted}


@dataclass(frozen=True, kw_only=True)
class Seen:
    status: int
    source: str
    heading: str
    says_it: bool
    buttons: int


@dataclass
class Reader:
    """Goes through the pages once, for both tests."""

    page: "Page"
    journey: Journey
    documents: list["Response"]
    seen: dict[str, Seen]

    def read(self, state: State) -> Seen:
        if state.name not in self.seen:
            self.seen[state.name] = self._read(state)
        return self.seen[state.name]

    def _read(self, state: State) -> Seen:
        page = self.page
        self.documents.clear()
        page.goto(self.journey.enter(page.context, "plain", state))
        if state.act:
            state.act(page)
            page.wait_for_load_state()
        main = page.locator("main")
        # A button's name is its words and sometimes, for those who hear it, more.
        links = main.get_by_role("link", name=state.button)
        buttons = main.get_by_role("button", name=state.button).or_(links)
        return Seen(
            status=self.documents[-1].status,
            source=self.documents[-1].text(),
            heading=" ".join(page.locator("h1").inner_text().split()),
            says_it=page.get_by_text(state.sees).filter(visible=True).count() > 0,
            buttons=buttons.filter(visible=True).count(),
        )


@pytest.fixture(scope="module")
def reader(browser: "Browser", journey: Journey) -> Iterator[Reader]:
    with browsers.profile(browser, java_script_enabled=False) as context:
        reader = Reader(page=context.new_page(), journey=journey, documents=[], seen={})

        def note(answer: "Response") -> None:
            if answer.request.is_navigation_request() and not 300 <= answer.status < 400:
                reader.documents.append(answer)

        reader.page.on("response", note)
        yield reader


@pytest.mark.parametrize("state", PLAIN.values(), ids=list(PLAIN))
def test_it_works_without_javascript(state: State, reader: Reader) -> None:
    seen = reader.read(state)

    assert (seen.status, seen.heading) == (state.status, state.heading)
    assert seen.says_it, state.sees
    assert seen.buttons > 0 or not state.button


@pytest.mark.parametrize(("name", "sentence"), SENTENCES)
def test_what_was_promised_to_be_said_is_said(name: str, sentence: str, reader: Reader) -> None:
    main = html.fromstring(reader.read(STATES[name]).source).find(".//main")
    assert main is not None

    assert sentence in " ".join(main.text_content().split())


def test_the_nu_html_checker_finds_nothing(reader: Reader, tmp_path: Path) -> None:
    pages = {name: reader.read(state).source for name, state in PLAIN.items()}

    try:
        found = by_nu(pages, tmp_path)
    except Missing as missing:
        cannot_run(str(missing))

    assert found == []


def test_the_nu_html_checker_would_find_something(tmp_path: Path) -> None:
    broken = '<!doctype html><html lang="en"><title>A</title><ul><p>No item</p></ul>'

    try:
        found = by_nu({"broken": broken}, tmp_path)
    except Missing as missing:
        cannot_run(str(missing))

    assert len(found) == 1
    assert found[0].startswith("broken: Element “p” not allowed as child of element “ul”")
