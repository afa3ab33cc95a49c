"""A document's files in a real browser: uploaded when chosen, seen before, turned, moved, removed.

The portal runs as a web server alone; see ``test_in_a_browser``.
"""

import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browsers import await_event
from tests.pages.test_in_a_browser import Scene, at, call, scene
from tests.pages.test_uploads import ISSUED
from tests.portal import specimens

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Request, Route

pytestmark = pytest.mark.browser

__all__ = ["at", "scene"]  # fixtures

TASK = "business_name_info/"
DROP = """([zone, name, bytes]) => {
  const moved = new DataTransfer();
  moved.items.add(new File([new Uint8Array(bytes)], name, { type: "image/jpeg" }));
  for (const kind of ["dragenter", "dragover", "drop"]) {
    const event = new DragEvent(kind, { dataTransfer: moved, bubbles: true, cancelable: true });
    document.querySelector(zone).dispatchEvent(event);
  }
}"""


def photo(name: str = "front.jpg", data: bytes | None = None) -> Any:
    return {"name": name, "mimeType": "image/jpeg", "buffer": data or specimens.jpeg(BIG)}


BIG = specimens.picture(1200, 900)


def letter(name: str = "letter.pdf") -> Any:
    return {"name": name, "mimeType": "application/pdf", "buffer": specimens.pdf()}


def await_names(page: "Page", *names: str) -> None:
    """The files in their order, and no others."""
    expect(page.locator(".page .name")).to_have_text(list(names))


def await_news(page: "Page", sentence: str) -> None:
    expect(page.locator("[data-news]")).to_have_text(sentence)


def choose(page: "Page", *files: Any) -> None:
    before = page.locator("[data-page]").count()
    page.locator("form.form input[type=file]").set_input_files(list(files))
    page.locator("[data-page]").nth(before + len(files) - 1).wait_for()


def saved(scene: Scene, name: str) -> str:
    reference = scene.references[name]
    question = f"print(kept('{reference}', '{TASK.strip('/')}'))"
    return call(scene.portal, question).splitlines()[-1]


@pytest.fixture
def upload(at: Callable[..., "Page"], scene: Scene) -> "Page":
    call(scene.portal, f"forget('{scene.references['fixing']}')")
    return at("fixing", TASK)


def fill(page: "Page") -> None:
    page.get_by_label("Business Name").fill("Acme GmbH")
    for part, value in (("Day", "3"), ("Month", str(ISSUED.month)), ("Year", str(ISSUED.year))):
        page.get_by_label(part).fill(value)


def test_a_file_is_uploaded_when_it_is_chosen_and_seen_before(upload: "Page") -> None:
    choose(upload, photo())

    await_names(upload, "front.jpg")
    expect(upload.get_by_text("Uploaded", exact=True)).to_be_visible()
    image = upload.locator(".page img")
    expect(image).to_be_visible()
    expect(image).to_have_attribute("src", re.compile("^blob:"))
    expect(image).to_have_js_property("naturalWidth", 1200)
    await_news(upload, "front.jpg is uploaded.")


def test_what_is_uploaded_is_there_when_the_page_is_opened_again(upload: "Page") -> None:
    choose(upload, letter())

    upload.reload()

    await_names(upload, "letter.pdf")


def test_several_files_are_saved_as_one_document(upload: "Page", scene: Scene) -> None:
    choose(upload, photo("front.jpg"), photo("back.jpg"), letter())
    upload.get_by_role("button", name="Turn right back.jpg").click()
    upload.get_by_role("button", name="Move up back.jpg").click()
    await_names(upload, "back.jpg", "front.jpg", "letter.pdf")
    expect(upload.locator(".page").first).to_have_attribute("data-turned", "90")
    fill(upload)

    upload.get_by_role("button", name="Save and continue").click()
    upload.get_by_text("Saved: Proof of the business name").wait_for()

    assert saved(scene, "fixing") == "back.pdf 3 pages, turned [90, 0, 0], 0 staged"


def test_everything_goes_by_keyboard(upload: "Page") -> None:
    choose(upload, photo("front.jpg"), photo("back.jpg"))
    keyboard = upload.keyboard
    upload.get_by_role("button", name="Turn right front.jpg").focus()
    keyboard.press("Enter")
    await_news(upload, "front.jpg is turned by 90 degrees.")

    keyboard.press("Tab")
    expect(upload.locator(":focus")).to_contain_text("Move down")
    keyboard.press("Enter")
    await_names(upload, "back.jpg", "front.jpg")
    await_news(upload, "front.jpg is now number 2.")
    upload.get_by_role("button", name="Remove front.jpg").press("Enter")

    await_names(upload, "back.jpg")
    expect(upload.locator(":focus")).to_contain_text("back.jpg")


def test_a_removed_file_is_erased_on_the_server(upload: "Page") -> None:
    choose(upload, photo())

    with upload.expect_response(lambda answer: answer.status == 204):
        upload.get_by_role("button", name="Remove front.jpg").click()
    upload.reload()

    await_names(upload)


def test_a_replaced_file_keeps_its_place(upload: "Page") -> None:
    choose(upload, photo("front.jpg"), photo("back.jpg"))

    with upload.expect_file_chooser() as chooser:
        upload.get_by_role("button", name="Replace front.jpg").click()
    chooser.value.set_files([photo("better.jpg")])
    upload.get_by_text("better.jpg is uploaded.").wait_for(state="attached")

    await_names(upload, "better.jpg", "back.jpg")


def test_a_file_can_be_dropped(upload: "Page") -> None:
    upload.evaluate(DROP, [".drop", "dropped.jpg", list(specimens.jpeg(BIG))])

    upload.locator("[data-page]").wait_for()
    await_names(upload, "dropped.jpg")


def test_a_file_dropped_beside_the_zone_leaves_the_page_alone(upload: "Page") -> None:
    upload.evaluate(DROP, ["h1", "dropped.jpg", list(specimens.jpeg(BIG))])

    await_names(upload)


def test_a_file_that_cannot_be_taken_says_why_beside_the_others(upload: "Page") -> None:
    choose(upload, photo())
    upload.locator("form.form input[type=file]").set_input_files(
        [{"name": "notes.txt", "mimeType": "text/plain", "buffer": b"notes"}]
    )
    upload.get_by_text("The selected file must be a PDF, JPG or PNG.").first.wait_for()

    fill(upload)
    upload.get_by_role("button", name="Save and continue").click()
    expect(upload.locator(":focus")).to_contain_text("notes.txt")
    expect(upload.locator("[data-news]")).to_contain_text("not uploaded")
    upload.get_by_role("button", name="Remove", exact=True).click()
    upload.get_by_role("button", name="Save and continue").click()

    upload.get_by_text("Saved: Proof of the business name").wait_for()


def test_a_photo_that_is_too_large_is_made_smaller(upload: "Page") -> None:
    noise = Image.frombytes("RGB", (1700, 1200), os.urandom(1700 * 1200 * 3))
    large = specimens.png(noise)
    assert len(large) > 5 * 1024 * 1024

    choose(upload, {"name": "Kbis scan.png", "mimeType": "image/png", "buffer": large})

    await_names(upload, "Kbis scan.jpg")
    expect(upload.locator(".page-problem:visible")).to_have_count(0)


def test_what_is_too_large_and_no_photo_is_refused_in_a_sentence(upload: "Page") -> None:
    large = specimens.pdf() + b"%" * 5 * 1024 * 1024
    file = {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": large}
    upload.locator("form.form input[type=file]").set_input_files([file])

    problem = upload.locator(".page-problem:visible")
    expect(problem).to_have_text("The selected file must be smaller than 5 MB.")


def test_a_lost_signal_keeps_the_file_and_tries_again(upload: "Page") -> None:
    lost: list[Request] = []

    def lose(route: "Route") -> None:
        lost.append(route.request)
        route.abort("internetdisconnected")

    upload.route("**/file/**", lose)
    upload.locator("form.form input[type=file]").set_input_files([photo()])
    upload.get_by_text("could not be uploaded - try again").first.wait_for()
    upload.unroute("**/file/**")
    assert len(lost) == 1

    upload.get_by_role("button", name="Try again").click()

    upload.locator("[data-page]").wait_for()
    await_names(upload, "front.jpg")


def test_saving_waits_for_what_is_on_its_way(upload: "Page", scene: Scene) -> None:
    held: list[Route] = []
    upload.route("**/file/**", lambda route: held.append(route))
    fill(upload)
    upload.locator("form.form input[type=file]").set_input_files([letter()])
    upload.get_by_role("button", name="Save and continue").click()
    upload.get_by_text("Saving as soon as everything is uploaded.").wait_for(state="attached")

    await_event(upload, lambda: held)
    held[0].continue_()

    upload.get_by_text("Saved: Proof of the business name").wait_for()
    assert saved(scene, "fixing") == "letter.pdf 1 pages, turned [0], 0 staged"


def test_a_phone_can_take_a_photo(profile: Callable[..., "BrowserContext"], scene: Scene) -> None:
    context = profile(has_touch=True, is_mobile=True)
    scene.let_in(context)
    page = context.new_page()
    page.goto(scene.url("fixing", TASK))

    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Take a photo").click()
    chooser.value.set_files([photo("camera.jpg")])

    page.get_by_text("camera.jpg is uploaded.").wait_for(state="attached")
    assert chooser.value.element.get_attribute("capture") == "environment"
    expect(page.locator("form.form input[type=file]")).to_have_count(1)


def test_without_javascript_several_files_are_saved_as_one(
    profile: Callable[..., "BrowserContext"], scene: Scene
) -> None:
    call(scene.portal, f"forget('{scene.references['fixing']}')")
    context = profile(java_script_enabled=False)
    scene.let_in(context)
    page = context.new_page()
    page.goto(scene.url("fixing", TASK))
    page.locator("input[type=file]").set_input_files([photo("front.jpg"), photo("back.jpg")])

    # The name is missing: what was chosen is kept, and can be turned or left out.
    page.get_by_role("button", name="Save and continue").click()
    await_names(page, "front.jpg", "back.jpg")
    page.get_by_label("How back.jpg is turned").select_option("180")
    fill(page)
    page.get_by_role("button", name="Save and continue").click()

    page.get_by_text("Saved: Proof of the business name").wait_for()
    assert saved(scene, "fixing") == "front.pdf 2 pages, turned [0, 180], 0 staged"


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_nothing_scrolls_sideways_or_breaks_the_policy(upload: "Page", width: int) -> None:
    complaints: list[str] = []
    upload.on("console", lambda message: complaints.append(message.text))
    upload.set_viewport_size({"width": width, "height": 740})

    choose(upload, photo("Registergerichtsbezirksverwaltungsauszugsbestaetigung-vorne.jpg"))

    assert upload.evaluate("document.documentElement.scrollWidth") == width
    assert complaints == []


def test_the_label_and_the_error_lead_to_the_button(upload: "Page") -> None:
    fill(upload)
    upload.get_by_role("button", name="Save and continue").click()
    upload.get_by_role("link", name=re.compile("Select your commercial register")).click()

    name = "Choose files Upload your commercial register extract"
    expect(upload.get_by_role("button", name=name)).to_be_focused()
