"""The people of a company, and everybody's own settings."""

from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from django.urls import reverse

from compliance.models import Membership
from tests.factories import make_customer
from tests.journey.states.registration import LONG_WORD
from tests.journey.states.state import NOBODY, VIEWER, Stage, state

if TYPE_CHECKING:
    from playwright.sync_api import Page


def press(page: "Page") -> None:
    with page.expect_navigation():
        page.locator("main form .button").first.click()


def company(stage: Stage, page: str = "people") -> str:
    return reverse(page, args=[stage.customer.public_id])


def person(stage: Stage, page: str, *, own: bool = False) -> str:
    user = stage.user if own else stage.colleague(f"Bela {LONG_WORD}")
    member = user.memberships.get(customer=stage.customer)
    return reverse(page, args=[stage.customer.public_id, member.public_id])


@state("people", heading="People", sees="Has not signed in yet", button="Add somebody")
def _people(stage: Stage) -> str:
    stage.colleague(f"Bela {LONG_WORD}")
    return company(stage)


@state("people-as-viewer", heading="People", sees="you can look", role=VIEWER)
def _people_as_viewer(stage: Stage) -> str:
    stage.colleague()
    return company(stage)


@state("companies", heading="People", sees="Whose people do you want to see?", button="Acme GmbH")
def _companies(stage: Stage) -> str:
    other = make_customer("Ackermann Ltd")
    Membership.objects.create(user=stage.user, customer=other, role=Membership.Role.EDITOR)
    return reverse("companies")


@state("companies-none", heading="People", sees="You do not act for any company.", role=NOBODY)
def _companies_none(stage: Stage) -> str:
    return reverse("companies")


@state("person-added", heading="Add somebody", sees="E-mail", button="Add and invite")
def _person_added(stage: Stage) -> str:
    return company(stage, "add-person")


@state(
    "person-added-with-errors", heading="Add somebody", sees="There is a problem",
    button="Add and invite", act=press,
)  # fmt: skip
def _person_added_with_errors(stage: Stage) -> str:
    return company(stage, "add-person")


@state(
    "people-403",
    heading="Only an editor can change this",
    sees="To add, change or remove somebody",
    button="Back to the people",
    role=VIEWER,
    status=403,
)
def _people_403(stage: Stage) -> str:
    return company(stage, "add-person")


@state("person", heading=f"Bela {LONG_WORD}", sees="Viewer", button="Save")
def _person(stage: Stage) -> str:
    return person(stage, "change-person")


@state("person-removed", heading=f"Remove Bela {LONG_WORD}?", sees="Cancel", button="Remove")
def _person_removed(stage: Stage) -> str:
    return person(stage, "remove-person")


@state(
    "last-editor", heading="Remove yourself?", sees="There is a problem", button="Remove", act=press
)
def _last_editor(stage: Stage) -> str:
    return person(stage, "remove-person", own=True)


@state("settings", heading="Your settings", sees="Other devices", button="Save")
def _settings(stage: Stage) -> str:
    passkey(stage)
    return reverse("settings")


def _no_name(page: "Page") -> None:
    page.locator("main form input[name=name]").fill("")
    press(page)


@state(
    "settings-with-errors", heading="Your settings", sees="There is a problem", button="Save",
    act=_no_name,
)  # fmt: skip
def _settings_with_errors(stage: Stage) -> str:
    return reverse("settings")


def passkey(stage: Stage) -> Authenticator:
    return Authenticator.objects.create(
        user=stage.user,
        type=Authenticator.Type.WEBAUTHN,
        data={"name": f"Telephone of {LONG_WORD}", "credential": {}},
    )


@state(
    "passkey-added", heading="Add a passkey", sees="Your device will ask", button="Add a passkey",
    scripted=True,
)  # fmt: skip
def _passkey_added(stage: Stage) -> str:
    return reverse("add-passkey")


@state("passkey-renamed", heading="Rename the passkey", sees="Name", button="Save")
def _passkey_renamed(stage: Stage) -> str:
    return reverse("rename-passkey", args=[passkey(stage).pk])


@state(
    "passkey-removed",
    heading=f"Remove the passkey “Telephone of {LONG_WORD}”?",
    sees="Delete it on",
    button="Remove",
)
def _passkey_removed(stage: Stage) -> str:
    return reverse("remove-passkey", args=[passkey(stage).pk])


@state(
    "sign-in-again", heading="Please sign in once more", sees="The mail goes to",
    button="Send me a link and a code",
)  # fmt: skip
def _sign_in_again(stage: Stage) -> str:
    passkey(stage)
    return f"{reverse('sign-in-again')}?next={reverse('add-passkey')}"
