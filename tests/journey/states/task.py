"""The page of a task, as it opens and as it comes back."""

from typing import TYPE_CHECKING

from compliance import answers
from compliance.answers import File
from compliance.models import Renewal
from tests.factories import (
    ADDRESS_MISSING,
    DETAILS_FINE,
    EVERY_KIND,
    EXTRACT_DIFFERS,
    failing,
    german_renewal,
    made_for_it,
    make_answer,
    make_bundle,
    make_item,
    make_regulation,
    make_renewal,
    result,
    sid,
)
from tests.journey.states.registration import LONG_WORD, complete, refused, soon
from tests.journey.states.state import VIEWER, Stage, state
from tests.portal import specimens

if TYPE_CHECKING:
    from playwright.sync_api import Page

DETAILS, PAPER, ADDRESS = "details/", "business_name_info/", "business_address_info/"
EXTRACT = "commercial_registrar_excerpt"
DETAILS_HEADING, PAPER_HEADING = "Business details", "Proof of the business name"
SAVE = "Save and continue"


def save(page: "Page") -> None:
    """In whatever language the page is."""
    with page.expect_navigation():
        page.locator("form.form .button-big").click()


def renewal_of(stage: Stage) -> Renewal:
    return german_renewal(stage.customer, now=stage.now)


def differing(stage: Stage) -> Renewal:
    results = (DETAILS_FINE, EXTRACT_DIFFERS, ADDRESS_MISSING)
    renewal = german_renewal(stage.customer, now=stage.now, results=results)
    made_for_it(renewal, now=stage.now)
    return renewal


# --- Details ----------------------------------------------------------------------------------


@state(
    "details",
    heading=DETAILS_HEADING,
    sees="The rules now ask for this.",
    button=SAVE,
    page=DETAILS,
)
def _details(stage: Stage) -> Renewal:
    return renewal_of(stage)


def _mistaken(page: "Page") -> None:
    page.locator("[name=f-email]").fill("nobody")
    save(page)


@state(
    "details-with-errors", heading=DETAILS_HEADING, sees="There is a problem", button=SAVE,
    page=DETAILS, act=_mistaken, status=422,
)  # fmt: skip
def _details_with_errors(stage: Stage) -> Renewal:
    return renewal_of(stage)


@state("details-drafted", heading=DETAILS_HEADING, sees="Your draft (", button=SAVE, page=DETAILS)
def _details_drafted(stage: Stage) -> Renewal:
    renewal = renewal_of(stage)
    answers.keep_draft(
        renewal, task="details", inputs={"f-email": "half@", "as": ""}, version=0, by=stage.user,
        now=stage.now,
    )  # fmt: skip
    return renewal


@state(
    "details-with-a-colleague", heading=DETAILS_HEADING, sees="is working on this page since",
    button=SAVE, page=DETAILS,
)  # fmt: skip
def _details_with_a_colleague(stage: Stage) -> Renewal:
    renewal = renewal_of(stage)
    bela = stage.colleague()
    answers.announce(renewal, task="details", by=bela, now=soon(stage))
    return renewal


def _overtaken(page: "Page") -> None:
    page.locator("form.form input[name=version]").evaluate("one => one.value = 0")
    page.locator("[name=f-business_registration_number]").fill("HRB 2")
    page.locator("[name=f-email]").fill("ada@acme.example")
    save(page)


@state(
    "details-overtaken", heading=DETAILS_HEADING, sees="This page has changed meanwhile",
    button=SAVE, page=DETAILS, act=_overtaken, status=409,
)  # fmt: skip
def _details_overtaken(stage: Stage) -> Renewal:
    renewal = renewal_of(stage)
    values = {"business_registration_number": "HRB 1", "email": "bela@acme.example"}
    make_answer(renewal, "details", values, now=stage.now, by=stage.colleague())
    return renewal


@state(
    "details-not-accepted", heading=DETAILS_HEADING, sees="it was not accepted", button=SAVE,
    page=DETAILS,
)  # fmt: skip
def _details_not_accepted(stage: Stage) -> Renewal:
    renewal = renewal_of(stage)
    make_answer(
        renewal, "details", {"email": "ada@acme.example"}, now=stage.now, by=stage.user,
        state="refused", refusal=f"{LONG_WORD} is invalid.", refused_code=20001,
    )  # fmt: skip
    return renewal


@state(
    "details-unheard-of", heading=DETAILS_HEADING, sees="Reference 29999", button=SAVE, page=DETAILS
)
def _details_unheard_of(stage: Stage) -> Renewal:
    """Twilio's list of codes grows."""
    unheard_of = result(
        "business_info", "business", "Business details",
        invalid=[failing("email", "Email", 29999, "The e-mail has not been seen by a notary.")],
    )  # fmt: skip
    return german_renewal(stage.customer, now=stage.now, results=(unheard_of,))


@state(
    "details-as-viewer", heading=DETAILS_HEADING, sees="Only an editor of your company",
    page=DETAILS, role=VIEWER,
)  # fmt: skip
def _details_as_viewer(stage: Stage) -> Renewal:
    return renewal_of(stage)


def every_kind(stage: Stage) -> Renewal:
    regulation = make_regulation(EVERY_KIND, country="AU", end_user_type="individual")
    bundle = make_bundle(stage.customer, now=stage.now, days=20, regulation=regulation)
    everything = result(
        "individual_info", "individual", "Your details", code=22214,
        invalid=[failing(name, name) for name in EVERY_KIND["end_user"][0]["fields"]],
    )  # fmt: skip
    renewal = make_renewal(bundle, now=stage.now, results=[everything])
    make_item(renewal, "business_address", {"address_sids": [sid("AD")]})
    made_for_it(renewal, now=stage.now)
    return renewal


@state(
    "every-kind",
    heading="Personal details",
    sees="Do you give the numbers on to other companies?",
    button=SAVE,
    page=DETAILS,
)
def _every_kind(stage: Stage) -> Renewal:
    return every_kind(stage)


@state(
    "every-kind-with-errors", heading="Personal details", sees="There is a problem", button=SAVE,
    page=DETAILS, act=save, status=422,
)  # fmt: skip
def _every_kind_with_errors(stage: Stage) -> Renewal:
    return every_kind(stage)


# --- Documents --------------------------------------------------------------------------------


@state("document", heading=PAPER_HEADING, sees="What it must show", button=SAVE, page=PAPER)
def _document(stage: Stage) -> Renewal:
    return renewal_of(stage)


@state(
    "document-with-errors", heading=PAPER_HEADING, sees="Select your commercial register extract",
    button=SAVE, page=PAPER, act=save, status=422,
)  # fmt: skip
def _document_with_errors(stage: Stage) -> Renewal:
    return renewal_of(stage)


def stage_files(stage: Stage, renewal: Renewal, *doubts: str) -> None:
    for number in (1, 2):
        answers.stage(
            renewal, task="business_name_info", document=EXTRACT, by=stage.user, now=stage.now,
            file=File(name=f"{LONG_WORD}-{number}.pdf", type="application/pdf", data=b"%PDF"),
            doubts=doubts,
        )  # fmt: skip


@state(
    "document-with-files", heading=PAPER_HEADING, sees=f"{LONG_WORD}-1.pdf", button=SAVE,
    page=PAPER,
)  # fmt: skip
def _document_with_files(stage: Stage) -> Renewal:
    renewal = renewal_of(stage)
    stage_files(stage, renewal)
    return renewal


@state(
    "document-doubted", heading=PAPER_HEADING, sees="This photo looks blurred.", button=SAVE,
    page=PAPER,
)  # fmt: skip
def _document_doubted(stage: Stage) -> Renewal:
    renewal = renewal_of(stage)
    stage_files(stage, renewal, "blurred", "dark")
    return renewal


def _no_paper(page: "Page") -> None:
    page.locator("form.form input[type=file]").set_input_files(
        [{"name": "notes.txt", "mimeType": "text/plain", "buffer": b"notes"}]
    )
    page.locator("form.form .button-big").click()
    page.locator(".page-problem, #file-error").filter(visible=True).first.wait_for()


@state(
    "document-of-no-kind", heading=PAPER_HEADING, sees="must be a PDF, JPG or PNG.", button=SAVE,
    page=PAPER, act=_no_paper, status=422, makes_room=True,
)  # fmt: skip
def _document_of_no_kind(stage: Stage) -> Renewal:
    return renewal_of(stage)


def _outdated(page: "Page") -> None:
    page.locator("form.form input[type=file]").set_input_files(
        [{"name": "scan.pdf", "mimeType": "application/pdf", "buffer": specimens.pdf()}]
    )
    page.locator("[name=f-business_name]").fill("Acme GmbH")
    for part, value in (("d", "3"), ("m", "2"), ("y", "2021")):
        page.locator(f"[name=f-issue_date-{part}]").fill(value)
    page.locator("form.form .button-big").click()
    page.locator(".doubt-summary").wait_for()


@state(
    "document-questioned", heading=PAPER_HEADING, sees="Is this the right document?",
    button="Use it anyway", page=PAPER, act=_outdated, status=422,
)  # fmt: skip
def _document_questioned(stage: Stage) -> Renewal:
    return renewal_of(stage)


@state("document-kept", heading=PAPER_HEADING, sees="Replace the file", button=SAVE, page=PAPER)
def _document_kept(stage: Stage) -> Renewal:
    renewal = renewal_of(stage)
    make_answer(
        renewal, "business_name_info", {"business_name": "Acme GmbH"}, now=stage.now,
        type_=EXTRACT, by=stage.user, file="handelsregister.pdf",
    )  # fmt: skip
    return renewal


@state(
    "document-refused", heading=PAPER_HEADING, sees="Why it was not accepted", button=SAVE,
    page=PAPER,
)  # fmt: skip
def _document_refused(stage: Stage) -> Renewal:
    return refused(stage, rejections=1)


@state("matching", heading=PAPER_HEADING, sees="Neither: I will type it", button=SAVE, page=PAPER)
def _matching(stage: Stage) -> Renewal:
    return differing(stage)


@state(
    "matching-with-errors", heading=PAPER_HEADING, sees="There is a problem", button=SAVE,
    page=PAPER, act=save, status=422,
)  # fmt: skip
def _matching_with_errors(stage: Stage) -> Renewal:
    return differing(stage)


@state("address", heading="Business address", sees="Another address", button=SAVE, page=ADDRESS)
def _address(stage: Stage) -> Renewal:
    return differing(stage)


def _half_an_address(page: "Page") -> None:
    page.locator(".choice-new input").check()
    save(page)


@state(
    "address-with-errors", heading="Business address", sees="There is a problem", button=SAVE,
    page=ADDRESS, act=_half_an_address, status=422,
)  # fmt: skip
def _address_with_errors(stage: Stage) -> Renewal:
    return differing(stage)


@state("change", heading=DETAILS_HEADING, sees="Business Name", button=SAVE, page="details/?change")
def _change(stage: Stage) -> Renewal:
    return complete(stage, "ready")


@state(
    "task-while-checked", heading="Your registration for Germany",
    sees="It is being checked and cannot be changed", page="details/?change",
)  # fmt: skip
def _task_while_checked(stage: Stage) -> Renewal:
    return complete(stage, "in_review")
