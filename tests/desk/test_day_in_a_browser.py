"""The desk's day in a real browser, with a worker and a Twilio that answers: what is stuck is found
and tried again, a customer is brought in; and who may only look changes nothing."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
from playwright.sync_api import BrowserContext, Page, expect

from compliance.admin.actions import ACTIONS
from compliance.sandbox import Sandbox, seed
from tests.patience import PATIENCE, until
from tests.serving import Portal
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.story]

KEY = "acme-de-local"
ORIGINAL = seed.BUNDLES[KEY]
LINK = re.compile(r"http://localhost:\d+/\S*sign-in/\S+")

BRING_IN_ACME = """
from django.utils import timezone
from compliance import sync
from compliance.models import Customer, Membership, User
customer = Customer.objects.create(name="Acme GmbH")
Membership.objects.create(user=User.objects.create_user("ada@acme.example"), customer=customer)
sync.sync(now=timezone.now())
"""
READ_TWILIO = """
from django.utils import timezone
from compliance import sync
sync.sync(now=timezone.now())
"""
# What stands in the database about the one renewal.
ITS_STATE = f"""
import json
from compliance.models import Renewal
found = Renewal.objects.filter(bundle__sid="{ORIGINAL}").order_by("-pk").first()
print(json.dumps(found and [
    found.pk, found.reference, found.state, found.trouble, found.copy_sid, found.events.count()
]))
"""
A_MEMBER_OF_THE_STAFF = """
from django.contrib.auth.models import Group
from tests.pages.scene import make_user, session_of
person = make_user("{role}@demo.example", name="{role} at the desk", staff=True)
person.groups.add(Group.objects.get(name="{role}"))
print(session_of(person))
"""
OPENED_LONG_AGO = """
from datetime import timedelta
from django.db.models import F
from compliance.models import Renewal
Renewal.objects.update(opened_at=F("opened_at") - timedelta(hours=2))
"""
LOOK_FOR_LEFT_OVER = """
from compliance import sync
from compliance.accounts import main_account
sync.ask_for_all()
sync.reconcile(main_account())
"""
SEND_WHAT_IS_DUE = """
from django.utils import timezone
from compliance import notifications
notifications.tell(now=timezone.now())
"""


@pytest.fixture
def portal(running_portal: Callable[..., Portal]) -> Portal:
    return running_portal()


@pytest.fixture
def world(sandbox: Sandbox) -> World:
    return World(sandbox)


@pytest.fixture
def sit_down(profile: Callable[..., BrowserContext], portal: Portal) -> Callable[[str], Page]:
    """``sit_down("Lead")`` is the browser of somebody with this role, at the dashboard."""

    def open_as(role: str) -> Page:
        session = run(portal, A_MEMBER_OF_THE_STAFF.format(role=role)).splitlines()[-1]
        context = profile()
        context.add_cookies([{"name": "session", "value": session, "url": portal.base_url}])
        page = context.new_page()
        page.goto(f"{portal.base_url}/admin/")
        return page

    return open_as


def run(portal: Portal, code: str) -> str:
    return portal.manage("shell", "--no-imports", "-c", code)


def its_state(portal: Portal) -> list[Any]:
    """Key, reference, state, trouble, copy and number of events; empty before there is one."""
    return json.loads(run(portal, ITS_STATE).splitlines()[-1]) or []


def shown(page: Page, words: str) -> bool:
    page.reload()
    return page.get_by_text(words).count() > 0


def prepared(portal: Portal) -> list[Any]:
    """A renewal that waits for its customer."""
    run(portal, BRING_IN_ACME)
    return list(until(lambda: (found := its_state(portal)) and found[2] == "needs_info" and found))


def give_a_reason(page: Page, button: str) -> None:
    page.get_by_label("Reason").fill("Seen in the morning")
    page.get_by_role("button", name=button).click()
    page.wait_for_url("**/renewal/*/change/")


# --- What is stuck ------------------------------------------------------------------------------


def test_what_is_stuck_is_found_read_and_tried_again(
    portal: Portal, world: World, sit_down: Callable[[str], Page]
) -> None:
    refused = r"numbers\.twilio\.com.*/Bundles/BU\w+/Copies$"
    said = "Copies are not possible for this bundle at present."
    world.fault("status", method="POST", path=refused, status=400, code=22230, message=said)
    run(portal, BRING_IN_ACME)
    until(lambda: (found := its_state(portal)) and found[3], told=lambda: its_state(portal))
    _pk, reference, *_rest = its_state(portal)

    page = sit_down("Support")
    numbers = page.get_by_role("list", name="Numbers")
    numbers.get_by_role("link", name="Needs a person").click()
    page.wait_for_url("**/renewal/?attention=trouble")
    page.get_by_role("link", name=reference).click()
    obstacle = page.get_by_role("region", name="What stands in the way")
    expect(obstacle).to_contain_text("refused-22230")
    expect(obstacle).to_contain_text(said)

    world.clear_faults()
    page.get_by_role("link", name="Retry this step").click()
    expect(page.get_by_text("The step “detected” is tried again now.")).to_be_visible()
    page.get_by_role("button", name="Retry this step").click()
    expect(page.get_by_text("The step is being tried again.")).to_be_visible()

    until(lambda: its_state(portal)[2] == "needs_info", told=lambda: its_state(portal))
    page.reload()
    expect(obstacle).to_have_count(0)
    expect(page.get_by_role("region", name="Facts")).to_contain_text("needs_info")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="tried-again"))
    expect(row).to_contain_text("Support at the desk")
    page.goto(f"{portal.base_url}/admin/compliance/renewal/?attention=trouble&q={reference}")
    expect(page.get_by_role("link", name=reference)).to_have_count(0)


# --- What is left over --------------------------------------------------------------------------


def spare_copy(sandbox: Sandbox, name: str, status: str = "draft", *, is_old: bool = True) -> str:
    """One that is made beside us, some time ago."""
    answer = requests.post(
        f"{sandbox.base_url}/numbers.twilio.com/v2/RegulatoryCompliance/Bundles/{ORIGINAL}/Copies",
        auth=(seed.ACCOUNT_SID, seed.AUTH_TOKEN),
        data={"FriendlyName": name},
        timeout=PATIENCE,
    )
    assert answer.status_code == 201, answer.text
    copy = sandbox.state.bundles[answer.json()["sid"]]
    copy.status = status
    if is_old:
        copy.date_created -= timedelta(hours=1)
    return str(copy.sid)


def post(page: Page, path: str, **values: str) -> int:
    """The status of what a form of this page's session gets, whether the page has one or not."""
    base = page.url.partition("/admin/")[0]
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    token = next(value for name, value in cookies.items() if "csrf" in name)
    answer = page.request.post(
        f"{base}/admin/{path}",
        form={**values, "csrfmiddlewaretoken": token, "once": "0" * 32},
        headers={"Referer": page.url, "Origin": base},
        max_redirects=0,
    )
    return answer.status


# --- A new customer -----------------------------------------------------------------------------


def test_a_customer_is_brought_in_and_signs_in_with_the_invitation(
    portal: Portal, sit_down: Callable[[str], Page], page: Page
) -> None:
    run(portal, READ_TWILIO)
    lead = sit_down("Lead")
    lead.goto(f"{portal.base_url}/admin/compliance/customer/")
    lead.get_by_role("link", name="Onboard a customer").click()
    lead.get_by_label("Company").fill("Acme GmbH")
    lead.locator("select[name=time_zone]").select_option("Europe/Berlin", force=True)
    bundle = lead.locator("select[name=bundles] option", has_text=ORIGINAL)
    value = bundle.get_attribute("value")
    assert value is not None
    lead.locator("select[name=bundles]").select_option(value, force=True)
    first = lead.get_by_role("group", name="Contact 1")
    first.get_by_label("E-mail").fill("ada@acme.example")
    first.get_by_label("Name").fill("Ada Stern")
    lead.get_by_role("button", name="See what will happen").click()
    expect(lead.get_by_role("heading", name="This will happen")).to_be_visible()
    expect(lead.get_by_text("ada@acme.example").first).to_be_visible()
    lead.get_by_role("button", name="Do this").click()
    lead.wait_for_url("**/customer/*/change/")

    until(lambda: (found := its_state(portal)) and found[2] == "needs_info")
    reference = its_state(portal)[1]
    run(portal, SEND_WHAT_IS_DUE)
    invitation = until(lambda: link_to(portal, "ada@acme.example"))
    page.goto(invitation)
    expect(page.get_by_text("ada@acme.example")).to_be_visible()
    page.get_by_role("button", name="Continue to your registrations").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your registrations")
    page.locator(f'a[href="/r/{reference}/"]').first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Germany")

    # And the desk sees that somebody was there.
    lead.goto(f"{portal.base_url}/admin/compliance/renewal/?q={reference}")
    expect(lead.get_by_role("row").filter(has_text=reference)).to_contain_text("just now")


def link_to(portal: Portal, address: str) -> str:
    for mail in portal.mails():
        found = LINK.search(mail.replace("=\n", "").replace("=3D", "="))
        if found is not None and f"To: {address}" in mail:
            return found.group()
    return ""


# --- Who may only look --------------------------------------------------------------------------


def test_an_auditor_sees_everything_and_changes_nothing(
    portal: Portal, sandbox: Sandbox, world: World, sit_down: Callable[[str], Page]
) -> None:
    pk, reference, *_rest = prepared(portal)
    run(portal, OPENED_LONG_AGO)
    spare = spare_copy(sandbox, f"Acme GmbH [{reference}]", "twilio-rejected")
    run(portal, LOOK_FOR_LEFT_OVER)
    page = sit_down("Auditor")
    base = f"{portal.base_url}/admin"
    page.get_by_role("link", name="Customer's turn").first.click()
    page.get_by_role("link", name=reference).click()
    expect(page.get_by_role("heading", name="Timeline, newest first")).to_be_visible()
    customer = page.get_by_role("region", name="Facts").get_by_role("link", name="Acme GmbH")
    customer_path = customer.get_attribute("href")
    assert customer_path is not None
    expect(page.get_by_role("region", name="Other copies at Twilio")).to_contain_text(spare)

    for path in (
        f"{base}/",
        f"{base}/compliance/renewal/",
        f"{base}/compliance/renewal/{pk}/change/",
        f"{base}/compliance/renewal/left-over/",
        f"{base}/compliance/regulation/campaigns",
        f"{base}/compliance/account/",
        f"{base}/compliance/mail/",
        f"{base}/compliance/event/",
        f"{portal.base_url}{customer_path}",
    ):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert buttons(page) <= THE_FRAMES_OWN, (path, buttons(page))
        assert page.locator(".desk-button").count() == 0, path

    state = its_state(portal)
    for path in (
        *(f"compliance/renewal/{pk}/{slug}/" for slug in (*SLUGS, "reveal", "note")),
        "compliance/renewal/left-over/look/",
        "compliance/customer/onboard/",
        "compliance/customer/add/",
        customer_path.removeprefix("/admin/"),
    ):
        assert post(page, path, reason="I want to", text="I want to") == 403, path
    # Long enough for a worker to have taken up what somebody asked for: the very next look.
    run(portal, "from compliance.tasks import *; sweep()")
    assert its_state(portal) == state
    assert world.at_twilio(spare)


# Beside them there is what every member of the staff may do with ticked rows: export them.
THE_FRAMES_OWN = {"", "Log out logout", "Run"}
SLUGS = tuple(action.slug for action in ACTIONS)


def buttons(page: Page) -> set[str]:
    """What a form that is sent would be sent with."""
    found = page.locator("form[method=post] :is(button, input[type=submit])")
    return {text.strip() for text in found.all_inner_texts()}


def test_values_are_revealed_for_a_reason_only(
    portal: Portal, sit_down: Callable[[str], Page]
) -> None:
    pk, *_rest = prepared(portal)
    case = f"{portal.base_url}/admin/compliance/renewal/{pk}/change/"

    support = sit_down("Support")
    support.goto(case)
    expect(support.get_by_text("Values are covered.")).to_be_visible()
    expect(support.get_by_role("link", name="Reveal")).to_have_count(0)
    assert post(support, f"compliance/renewal/{pk}/reveal/", reason="I want to know") == 403

    page = sit_down("Compliance")
    page.goto(case)
    page.get_by_role("link", name="Reveal").click()
    expect(
        page.get_by_text("The timeline will say that you looked, when, and why.")
    ).to_be_visible()
    page.get_by_role("button", name="Reveal").click()
    expect(page.get_by_text("This field is required")).to_be_visible()
    assert "HRB" not in page.content()
    page.get_by_label("Reason").fill("Why")
    page.get_by_role("button", name="Reveal").click()
    expect(page.get_by_text("at least 5 characters")).to_be_visible()
    assert "HRB" not in page.content()
    page.goto(case)
    expect(page.get_by_role("rowheader", name="revealed")).to_have_count(0)

    page.get_by_role("link", name="Reveal").click()
    page.get_by_label("Reason").fill("Asked on the phone")
    page.get_by_role("button", name="Reveal").click()
    expect(page.get_by_text("HRB").first).to_be_visible()
    page.goto(case)
    expect(page.get_by_role("rowheader", name="revealed")).to_have_count(1)
