"""Everybody's own settings."""

from typing import Any

import pytest
from django.test import Client

from compliance.models import Customer, Event, Membership, User
from tests.factories import make_customer
from tests.pages.reading import field, heading, page, problems, values, words

PATH = "/settings/"


def own(user: User) -> list[str]:
    members = user.memberships.order_by("customer__name")
    return [str(public_id) for public_id in members.values_list("public_id", flat=True)]


def wanted(user: User, **fields: Any) -> dict[str, Any]:
    return {"name": "Ada Ackermann", "language": "en", "mails": own(user), **fields}


def test_the_form_has_what_is_there(client: Client, ada: User) -> None:
    response = client.get(PATH)

    assert heading(response) == "Your settings"
    assert values(response)["name"] == "Ada Ackermann"
    assert values(response)["mails"] == own(ada)[0]
    assert "You sign in as ada@acme.example." in words(response)
    assert "Acme GmbH, for which you are an editor" in words(response)


def test_name_and_language_are_saved_and_the_answer_speaks_it(client: Client, ada: User) -> None:
    response = client.post(PATH, wanted(ada, name="Ada Stern", language="de"), follow=True)

    ada.refresh_from_db()
    assert (ada.name, ada.language) == ("Ada Stern", "de")
    assert page(response).get("lang") == "de"
    event = Event.objects.get()
    assert (event.kind, event.person, event.details) == (
        "settings-changed",
        ada,
        {"fields": ["language", "name"]},
    )
    client.post(PATH, wanted(ada, name="Ada Stern", language="de"))
    assert Event.objects.count() == 1


def test_a_viewer_has_settings_too(vera: Client) -> None:
    user = User.objects.get(email="vera@acme.example")

    assert vera.post(PATH, wanted(user, name="Vera")).status_code == 302
    user.refresh_from_db()
    assert user.name == "Vera"
    assert user.memberships.get().role == "viewer"


def test_mails_are_wanted_by_company(client: Client, ada: User, acme: Customer) -> None:
    kite = make_customer("Kite & Co")
    Membership.objects.create(user=ada, customer=kite, role=Membership.Role.VIEWER)
    assert "Kite & Co, for which you are a viewer" in words(client.get(PATH))
    acmes, kites = own(ada)

    client.post(PATH, wanted(ada, mails=[kites]))

    assert [member.customer for member in ada.memberships.filter(mails=True)] == [kite]
    event = Event.objects.get()
    assert (event.kind, event.customer, event.details) == (
        "person-mails-changed",
        acme,
        {"mails": False},
    )
    client.post(PATH, wanted(ada, mails=[acmes]))
    assert [member.customer for member in ada.memberships.filter(mails=True)] == [acme]


def test_nobody_elses_mails_are_touched(client: Client, bob: Client, ada: User) -> None:
    bobs = User.objects.get(email="bob@other.example")
    Membership.objects.update(mails=False)

    refused = client.post(PATH, wanted(ada, mails=own(bobs)))

    assert "#id_mails_0" in problems(refused)
    assert not Membership.objects.filter(mails=True).exists()


def test_there_is_a_telephone_number_where_reminders_go_by_sms(
    client: Client, ada: User, settings: Any
) -> None:
    assert not page(client.get(PATH)).xpath("//*[@name='phone']")
    settings.SMS_FROM = "+15005550006"
    assert field(client.get(PATH), "phone").get("autocomplete") == "tel"

    client.post(PATH, wanted(ada, phone=" +49 (0)1512 345-6789 "))

    ada.refresh_from_db()
    assert ada.phone == "+4915123456789"
    client.post(PATH, wanted(ada, phone=""))
    ada.refresh_from_db()
    assert ada.phone == ""
    assert Event.objects.latest("pk").details == {"fields": ["phone"]}


@pytest.mark.parametrize("typed", ["01512 3456789", "+49", "soon", "+" + "9" * 39])
def test_a_number_that_is_none_is_said(
    client: Client, ada: User, settings: Any, typed: str
) -> None:
    settings.SMS_FROM = "+15005550006"

    refused = client.post(PATH, wanted(ada, phone=typed))

    assert problems(refused)["#id_phone"].startswith("Enter a number with + and the country code")


def test_a_person_without_a_company_has_settings(client: Client, ada: User) -> None:
    ada.memberships.all().delete()

    assert "mails" not in values(client.get(PATH))
    assert client.post(PATH, {"name": "Ada", "language": "fr"}).status_code == 302


def test_other_devices_are_signed_out(client: Client, ada: User) -> None:
    phone = Client()
    phone.force_login(ada)
    assert phone.get(PATH).status_code == 200

    response = client.post("/settings/sign-out-elsewhere/", follow=True)

    assert "You are signed out everywhere but here." in words(response)
    assert phone.get(PATH).status_code == 302
    assert client.get(PATH).status_code == 200
    assert Event.objects.get().kind == "signed-out-elsewhere"
    ada.refresh_from_db()
    assert not ada.has_usable_password()
    assert client.get("/settings/sign-out-elsewhere/").status_code == 405
