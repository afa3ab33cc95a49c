"""The desk in a real browser: from a number to the list, to the case, to what is covered there."""

import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.pages.test_in_a_browser import Scene, call, web_alone

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = pytest.mark.browser

OPS = "print(session_of(User.objects.create_superuser('ops@demo.example', name='Olga Ops')))"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Olga's session instead of Ada's."""
    portal = web_alone(tmp_path_factory.mktemp("web"), STAFF_SECOND_FACTOR="false")
    try:
        made: dict[str, Any] = json.loads(call(portal, "build()").splitlines()[-1])
        made.pop("session")
        session = call(portal, OPS).splitlines()[-1]
        yield Scene(portal=portal, session=session, references=made)
    finally:
        portal.stop()


@pytest.fixture
def complaints(page: "Page", scene: Scene) -> Iterator[list[str]]:
    """What the browser says against a page: a script or a style that the policy forbids."""
    scene.let_in(page.context)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    yield said
    assert said == []


def test_from_a_number_to_the_case_and_what_is_covered_there(
    page: "Page", scene: Scene, complaints: list[str]
) -> None:
    page.goto(f"{scene.portal.base_url}/admin/")
    page.get_by_role("list", name="Numbers").get_by_role("link", name="Customer's turn").click()
    page.wait_for_url("**/renewal/?attention=customer")
    expect(page.get_by_role("link", name="Customer's turn")).to_have_attribute(
        "aria-current", re.compile(".")
    )

    page.get_by_role("link", name=scene.references["refused"]).click()
    page.get_by_role("heading", name="What the customer sees now").wait_for()
    expect(page.get_by_text("Changes needed").first).to_be_visible()
    page.wait_for_load_state()
    assert "HRB 1234" not in page.content()

    page.get_by_role("link", name="Reveal").click()
    page.get_by_role("button", name="Reveal").click()
    page.get_by_text("This field is required").wait_for()
    assert "HRB 1234" not in page.content()

    page.get_by_label("Reason").fill("Called about the register number")
    page.get_by_role("button", name="Reveal").click()
    page.get_by_text("HRB 1234").first.wait_for()

    page.get_by_role("link", name=scene.references["refused"]).click()
    page.get_by_role("heading", name="Timeline").wait_for()
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="revealed"))
    expect(row).to_contain_text("Olga Ops")
    expect(row).to_contain_text("Called about the register number")
    assert "HRB 1234" not in page.content()

    page.get_by_label("New note").fill("Rings back on Monday")
    page.get_by_role("button", name="Keep the note").click()
    page.get_by_text("The note is there.").wait_for()
    expect(page.get_by_text("Rings back on Monday")).to_be_visible()
    # The browser tells of the page's status.
    complaints[:] = [text for text in complaints if "422" not in text]


def test_filters_stand_in_the_address(page: "Page", scene: Scene, complaints: list[str]) -> None:
    page.goto(f"{scene.portal.base_url}/admin/compliance/renewal/")
    page.locator("a", has_text="Filters").click()
    page.locator("#filter-form select[name=stage]").select_option("ready", force=True)
    page.locator("#filter-form").get_by_role("button", name="Apply").click()
    page.wait_for_url("**stage=ready**")
    expect(page.get_by_role("link", name=scene.references["ready"])).to_be_visible()
    expect(page.get_by_role("link", name=scene.references["fixing"])).to_have_count(0)


def test_every_page_of_the_admin_keeps_the_policy(
    page: "Page", scene: Scene, complaints: list[str]
) -> None:
    base = f"{scene.portal.base_url}/admin"
    for path in (
        "compliance/customer/",
        "compliance/customer/add/",
        "compliance/user/add/",
        "compliance/bundle/",
        "compliance/regulation/",
        "compliance/account/",
        "compliance/mail/",
        "compliance/event/",
        "auth/group/add/",
        "mfa/authenticator/",
    ):
        answer = page.goto(f"{base}/{path}")
        assert answer is not None
        assert answer.status == 200, path


OLD = (
    "from datetime import UTC, datetime; from compliance.models import Event; "
    "[Event(kind=kind, at=datetime(2025, month, 9, tzinfo=UTC)).save()"
    " for kind in ('expired', 'opened') for month in (2, 3)]"
)


def test_a_month_narrows_what_is_narrowed_already(
    page: "Page", scene: Scene, complaints: list[str]
) -> None:
    call(scene.portal, OLD)
    page.goto(f"{scene.portal.base_url}/admin/compliance/event/?kind=expired")

    page.get_by_text("Filters").filter(visible=True).first.click()
    page.locator("select[name=month]").select_option("March 2025")
    page.get_by_role("button", name="Apply Filters").click()

    page.wait_for_url(re.compile("month=2025-03"))
    rows = page.locator("#result_list tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("March 9, 2025")
    expect(rows).to_contain_text("expired")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_scrolls_sideways_on_a_phone(
    profile: Callable[..., "BrowserContext"], scene: Scene, scheme: Any
) -> None:
    context = profile(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    scene.let_in(context)
    page = context.new_page()
    base = f"{scene.portal.base_url}/admin"
    page.goto(f"{base}/compliance/renewal/?q={scene.references['refused']}")
    case = page.get_by_role("link", name=scene.references["refused"]).get_attribute("href")
    for url in (f"{base}/", f"{base}/compliance/renewal/", f"{scene.portal.base_url}{case}"):
        page.goto(url)
        assert page.evaluate("document.documentElement.scrollWidth") == 360, url
        is_dark = page.evaluate("document.documentElement.classList.contains('dark')")
        assert is_dark == (scheme == "dark")
