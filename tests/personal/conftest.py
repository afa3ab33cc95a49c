"""A company with two people and an update under way, everything of it filled in."""

from datetime import datetime
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from compliance.answers.saving import _keep
from compliance.models import (
    Customer,
    Draft,
    Event,
    Mail,
    Note,
    Renewal,
    SignInLink,
    StagedFile,
    User,
)
from compliance.models.record import because
from tests.factories import make_answer, make_bundle, make_customer, make_item, make_renewal
from tests.factories import make_user as new_user

# Stands in everything that is anybody's.
SECRET = "Zanzibar"


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def acme() -> Customer:
    return make_customer(f"{SECRET} GmbH")


@pytest.fixture
def ada(acme: Customer) -> User:
    person = new_user(f"ada@{SECRET.lower()}.example", name=f"Ada {SECRET}", customer=acme)
    EmailAddress.objects.create(user=person, email=person.email)
    Authenticator.objects.create(user=person, type="webauthn", data={"name": SECRET})
    SignInLink.issue(person, wanted=f"/{SECRET}/", now=timezone.now())
    return person


@pytest.fixture
def officer(client: Client, settings: Any) -> User:
    """Signed in, and of Compliance."""
    settings.STAFF_SECOND_FACTOR = False
    person = new_user("cora@staff.example", name="Cora Officer", staff=True)
    person.groups.add(Group.objects.get(name="Compliance"))
    client.force_login(person)
    return person


@pytest.fixture
def renewal(acme: Customer, ada: User, now: datetime) -> Renewal:
    """Open, with something in each of its tables."""
    staff = new_user("sue@staff.example", name="Sue Support", staff=True)
    bundle = make_bundle(acme, now=now, numbers=("+4930777666",))
    bundle.friendly_name, bundle.email = f"{SECRET} Berlin", ada.email
    bundle.save()
    renewal = make_renewal(bundle, now=now)
    make_item(renewal, "business", {"business_name": SECRET})
    values = {"business_name": SECRET}
    answer = make_answer(renewal, "excerpt", values, now=now, by=ada, file=f"{SECRET}.pdf")
    _keep(answer, f"%PDF {SECRET}".encode())
    draft = Draft(renewal=renewal, task="details", user=ada, saved_at=now)
    draft.sealed = renewal.seal({"street": SECRET}, about=draft.about)
    draft.save()
    file = StagedFile(
        renewal=renewal, task="x", document="y", user=ada, file_name="b.jpg",
        file_type="image/jpeg", file_size=3, staged_at=now,
    )  # fmt: skip
    file.seal(f"JPEG {SECRET}".encode())
    file.save()
    Note.write(renewal, f"{SECRET} called", by=staff, now=now)
    Event.objects.create(
        at=now, kind="answer-saved", renewal=renewal, by=ada, customer_visible=True
    )
    Event.objects.create(
        at=now, kind="revealed", renewal=renewal, by=staff,
        details=because(f"{SECRET} asked", renewal=renewal),
    )  # fmt: skip
    Event.objects.create(at=now, kind="person-invited", customer=acme, person=ada, by=staff)
    Mail.objects.create(
        key="m1", kind="found", recipient=ada, customer=acme, renewal=renewal,
        subject=f"Update for {SECRET}", problem=f"{SECRET} unknown",
    )  # fmt: skip
    LogEntry.objects.log_actions(staff.pk, [ada], CHANGE, SECRET, single_object=True)
    return renewal


@pytest.fixture
def ended(renewal: Renewal) -> Renewal:
    """As the worker leaves it, but for its rows."""
    Renewal.objects.filter(pk=renewal.pk).update(
        state="cancelled", key=None, ended_at=timezone.now()
    )
    renewal.refresh_from_db()
    return renewal
