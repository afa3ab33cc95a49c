"""All that is held about a company can be had, and can be erased."""

import io
import json
import zipfile
from datetime import datetime
from smtplib import SMTPRecipientsRefused
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from compliance import personal, verification
from compliance.models import Customer, Event, Membership, Note, Renewal, User
from compliance.notifications.delivery import _reason
from tests.factories import make_bundle, make_customer, make_renewal, make_user
from tests.personal.conftest import SECRET

pytestmark = pytest.mark.django_db


def page(customer: Customer, what: str) -> str:
    return reverse(f"admin:compliance_customer_{what}", args=[customer.pk])


def tables_with(text: str) -> set[str]:
    """Every table that has it in some column, as it stands there."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 (our own tables)
            for row in cursor.fetchall():
                cells = [bytes(c) if isinstance(c, memoryview) else c for c in row]
                if text.lower() in str(cells).lower():
                    found.add(table)
    return found


# --- Export -------------------------------------------------------------------------------------


def test_the_zip_has_everything_that_is_held(
    renewal: Renewal, acme: Customer, client: Client, officer: User
) -> None:
    asked = client.get(page(acme, "export_all"))
    assert f"all that is held about {acme}" in asked.content.decode()
    assert not Event.objects.filter(kind="customer-exported").exists()

    response = client.post(page(acme, "export_all"))

    assert response["Content-Type"] == "application/zip"
    assert SECRET not in response["Content-Disposition"]
    made = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]
    assert made.testzip() is None
    found = json.loads(made.read("customer.json"))
    assert found["company"]["name"] == f"{SECRET} GmbH"
    (ada,) = found["people"]
    assert (ada["name"], ada["other_addresses"]) == (f"Ada {SECRET}", [ada["email"]])
    assert [way["type"] for way in ada["ways_in"]] == ["webauthn"]
    assert found["bundles"][0]["phone_numbers"] == ["+4930777666"]
    (update,) = found["updates"]
    (answer,) = update["answers"]
    assert (answer["values"], answer["by"]) == ({"business_name": SECRET}, ada["email"])
    assert update["items"][0]["contents"]["attributes"] == {"business_name": SECRET}
    assert update["drafts"][0]["inputs"] == {"street": SECRET}
    assert update["notes"][0]["text"] == f"{SECRET} called"
    events = {event["what"]: event for event in update["record"]}
    assert events["answer-saved"]["by"] == ada["email"]
    assert events["revealed"] == {
        "at": events["revealed"]["at"],
        "what": "revealed",
        "by": "support",
        "about": None,
        "details": {"reason": f"{SECRET} asked"},
    }
    assert update["mails"][0]["subject"] == f"Update for {SECRET}"
    assert made.read(answer["file"]) == f"%PDF {SECRET}".encode()
    assert made.read(update["files_not_saved"][0]["file"]) == f"JPEG {SECRET}".encode()
    assert {"customer-exported"} <= {event["what"] for event in found["record"]}
    assert Event.objects.get(kind="customer-exported").by == officer


def test_the_zip_has_nothing_of_another_company(acme: Customer, renewal: Renewal) -> None:
    other = make_customer("Other SARL")
    make_user("zoe@other.example", name="Zoe", customer=other)
    shared = acme.memberships.get().user
    Membership.objects.create(user=shared, customer=other)
    bundle = make_bundle(other, now=renewal.opened_at)
    theirs = make_renewal(bundle, now=renewal.opened_at)
    Event.objects.create(at=renewal.opened_at, kind="x", customer=other, person=shared)

    text = json.dumps(personal_contents(acme, renewal.opened_at))

    assert SECRET in text
    for foreign in ("Other", "zoe@", bundle.sid, theirs.reference):
        assert foreign not in text


def personal_contents(customer: Customer, now: datetime) -> Any:
    made = zipfile.ZipFile(io.BytesIO(b"".join(personal.archive(customer, now=now))))
    return json.loads(made.read("customer.json"))


def test_the_command_writes_the_same_zip(
    renewal: Renewal, acme: Customer, capsysbinary: Any
) -> None:
    call_command("export_customer", str(acme.public_id))

    made = zipfile.ZipFile(io.BytesIO(capsysbinary.readouterr().out))
    assert {name.partition("/")[0] for name in made.namelist()} == {"customer.json", "documents"}
    assert Event.objects.get(kind="customer-exported").by is None


# --- Erasing ------------------------------------------------------------------------------------


def test_nothing_of_anybody_is_left(
    ended: Renewal, acme: Customer, ada: User, client: Client, officer: User
) -> None:
    Client().force_login(ada)
    sessions = Session.objects.count()
    assert {"compliance_customer", "compliance_user", "compliance_mail"} <= tables_with(SECRET)
    shown = client.get(page(acme, "erase")).content.decode()
    assert f"{ada.email} is erased" in shown
    assert "What Twilio holds on the customer" in shown
    assert "compliance_customer" in tables_with(SECRET)

    response = client.post(page(acme, "erase"), {"confirmed": "yes"}, follow=True)

    assert "The customer has been erased." in response.content.decode()
    assert tables_with(SECRET) == set()
    assert tables_with("+4930777666") == set()
    assert not User.objects.filter(pk=ada.pk).exists()
    assert Session.objects.count() == sessions - 1
    acme.refresh_from_db()
    assert acme.name == f"Erased customer {acme.pk}"
    assert list(ended.events.order_by("pk").values_list("kind", "by")) == [
        ("answer-saved", None),
        ("revealed", Event.objects.get(kind="revealed").by_id),
    ]
    event = Event.objects.get(kind="customer-erased")
    assert (event.customer, event.by, event.details) == (acme, officer, {"people": 1})
    assert list(verification.breaks(verification.Counts())) == []


def test_twice_is_once(ended: Renewal, acme: Customer, client: Client, officer: User) -> None:
    for _ in range(2):
        response = client.post(page(acme, "erase"), {"confirmed": "yes"}, follow=True)

    assert "This customer has been erased already." in response.content.decode()
    assert Event.objects.filter(kind="customer-erased").count() == 1


def test_who_has_another_company_stays_there(
    ended: Renewal, acme: Customer, ada: User, now: datetime
) -> None:
    other = make_customer("Other SARL")
    Membership.objects.create(user=ada, customer=other)
    Event.objects.create(at=now, kind="person-invited", customer=other, person=ada, by=ada)

    assert any("has another company" in step for step in personal.plan(acme).steps)
    assert personal.erase(acme, by=None, now=now)

    assert list(ada.memberships.values_list("customer", flat=True)) == [other.pk]
    assert not Event.objects.filter(renewal=ended, by=ada).exists()
    assert Event.objects.get(customer=other).person == ada
    assert list(verification.breaks(verification.Counts())) == []


def test_staff_are_not_erased_with_a_company(ended: Renewal, acme: Customer, now: datetime) -> None:
    colleague = make_user("both@staff.example", staff=True, customer=acme)

    personal.erase(acme, by=None, now=now)

    assert User.objects.filter(pk=colleague.pk).exists()
    assert Event.objects.get(kind="revealed").by is not None


def test_it_waits_for_what_is_under_way(
    renewal: Renewal, acme: Customer, client: Client, officer: User, now: datetime
) -> None:
    refused = client.post(page(acme, "erase"), {"confirmed": "yes"}, follow=True)
    assert "Nothing was erased: a renewal has begun." in refused.content.decode()
    shown = client.get(page(acme, "erase")).content.decode()
    assert f"Under way at Twilio: {renewal.reference}. Have them cancelled first." in shown
    assert 'name="confirmed"' not in shown

    shown = client.post(page(acme, "erase"), {"cancel_first": "yes"}, follow=True).content.decode()

    renewal.refresh_from_db()
    assert (renewal.wish, renewal.wished_by) == (Renewal.Wish.CANCEL, officer)
    assert f"Being cancelled: {renewal.reference}. Try again in a minute." in shown
    with pytest.raises(personal.InFlight):
        personal.erase(acme, by=officer, now=now)
    assert Note.objects.exists()


def test_what_is_in_review_is_waited_for(renewal: Renewal, acme: Customer, now: datetime) -> None:
    Renewal.objects.filter(pk=renewal.pk).update(state="in_review")

    assert personal.cancel_first(acme, by=None, now=now) == []
    assert "With the reviewer" in personal.why_not(personal.plan(acme))


def test_only_compliance_may(renewal: Renewal, acme: Customer, client: Client, ada: User) -> None:
    client.force_login(make_user("sam@staff.example", staff=True))
    for what in ("erase", "export_all"):
        assert client.get(page(acme, what)).status_code == 403
        assert client.post(page(acme, what), {"confirmed": "yes"}).status_code == 403


def test_both_are_offered_on_the_customers_page(
    acme: Customer, client: Client, officer: User
) -> None:
    shown = client.get(reverse("admin:compliance_customer_change", args=[acme.pk]))

    assert page(acme, "erase") in shown.content.decode()
    assert page(acme, "export_all") in shown.content.decode()


def test_the_command_says_what_it_would_do_and_does_it_when_told(
    ended: Renewal, acme: Customer, capsys: Any
) -> None:
    call_command("erase_customer", str(acme.pk))
    assert "Nothing has been done. With --yes it is." in capsys.readouterr().out
    assert "compliance_customer" in tables_with(SECRET)

    call_command("erase_customer", str(acme.pk), "--yes")
    assert f"Customer {acme.pk} has been erased." in capsys.readouterr().out
    assert tables_with(SECRET) == set()

    call_command("erase_customer", str(acme.pk), "--yes")
    assert "was erased on" in capsys.readouterr().out


def test_the_command_cancels_first_when_told(renewal: Renewal, acme: Customer, capsys: Any) -> None:
    with pytest.raises(CommandError, match="Have them cancelled first"):
        call_command("erase_customer", str(acme.pk), "--yes")
    with pytest.raises(CommandError, match="Try again in a minute"):
        call_command("erase_customer", str(acme.pk), "--yes", "--cancel-first")
    renewal.refresh_from_db()
    assert renewal.wish == Renewal.Wish.CANCEL


def test_the_command_knows_no_other_customer() -> None:
    for nobody in ("4711", "Acme", "0c5ffe5c-1111-4111-8111-111111111111"):
        with pytest.raises(CommandError, match="There is no customer"):
            call_command("erase_customer", nobody)


# --- What a mail server says ---------------------------------------------------------------------


def test_a_mail_servers_words_are_kept_without_the_address_that_they_repeat() -> None:
    refusal = SMTPRecipientsRefused({"a@b": (550, b"5.1.1 <Ada@Acme.example> is nobody here")})

    assert _reason(refusal, SimpleNamespace(address="ada@acme.example")) == (  # type: ignore[arg-type]
        "550 5.1.1 <...> is nobody here"
    )
