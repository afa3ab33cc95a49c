"""The list of renewals: what it shows, finds, leaves out and costs."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from compliance.models import Bundle, Customer, Mail, Renewal, User
from tests.factories import (
    german_renewal,
    make_account,
    make_answer,
    make_bundle,
    make_customer,
    make_item,
    make_regulation,
    make_renewal,
    make_user,
    sid,
)

pytestmark = pytest.mark.django_db
State = Renewal.State


@pytest.fixture(autouse=True)
def no_second_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def ops(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ops@demo.example", name="Olga Ops"))
    return client


@pytest.fixture
def acme() -> Customer:
    customer = make_customer("Acme GmbH")
    make_user("ada@acme.example", name="Ada", customer=customer)
    return customer


def listed(client: Client, query: str = "") -> list[Renewal]:
    page = client.get(f"{reverse('admin:compliance_renewal_changelist')}?{query}")
    assert page.status_code == 200, query
    return list(page.context["cl"].result_list)


def test_each_view_of_the_queue_has_what_it_names(
    ops: Client, acme: Customer, now: datetime
) -> None:
    stuck_at = now - timedelta(hours=2)
    fine = german_renewal(acme, now=now, days=60)
    late = german_renewal(acme, now=now, days=2)
    trouble = german_renewal(acme, now=now, days=60, trouble="gone", state=State.COPIED)
    checked = german_renewal(acme, now=now, days=60, state=State.IN_REVIEW)
    finishing = german_renewal(acme, now=now, days=60, state=State.APPROVED, moved_at=stuck_at)
    expired = german_renewal(acme, now=now, days=-1)
    ended = german_renewal(acme, now=now, days=60, state=State.COMPLETED)
    overdue = german_renewal(acme, now=now, days=60, next_look_at=stuck_at)
    paused = german_renewal(
        acme, now=now, days=60, state=State.COPIED, moved_at=stuck_at, paused_at=now
    )
    Mail.objects.create(key="a", kind="found", renewal=checked, result="undelivered")

    assert set(listed(ops)) == {
        fine, late, trouble, checked, finishing, expired, ended, overdue, paused,
    }  # fmt: skip
    assert ended not in listed(ops, "attention=open")
    assert listed(ops, "attention=trouble") == [trouble]
    assert set(listed(ops, "attention=late")) == {late, expired}
    assert set(listed(ops, "attention=customer")) == {fine, late, expired, overdue}
    assert listed(ops, "attention=checked") == [checked]
    assert listed(ops, "attention=finishing") == [finishing]
    assert listed(ops, "attention=expired") == [expired]
    assert set(listed(ops, "attention=stuck")) == {trouble, finishing}
    assert listed(ops, "attention=overdue") == [overdue]
    assert listed(ops, "attention=paused") == [paused]
    assert listed(ops, "attention=mail") == [checked]
    assert listed(ops, "stage=reviewing") == [checked]
    assert listed(ops, "stage=nonsense&attention=nonsense") == listed(ops)


def test_it_is_narrowed_by_country_regulation_and_who_looks_after_it(
    ops: Client, acme: Customer, now: datetime
) -> None:
    irish = make_regulation(country="IE")
    ireland = make_renewal(make_bundle(acme, now=now, days=9, regulation=irish), now=now)
    germany = german_renewal(acme, now=now)
    staff = make_user("sam@demo.example", name="Sam", staff=True)
    me = User.objects.get(email="ops@demo.example")
    Renewal.objects.filter(pk=germany.pk).update(assignee=staff)

    assert listed(ops, "country=IE") == [ireland]
    assert listed(ops, "country=-") == []
    assert listed(ops, f"regulation={irish.sid}") == [ireland]
    assert listed(ops, f"assignee={staff.pk}") == [germany]
    assert listed(ops, "assignee=nobody") == [ireland]
    assert listed(ops, "assignee=me") == []
    Renewal.objects.filter(pk=ireland.pk).update(assignee=me)
    assert listed(ops, "assignee=me") == [ireland]
    assert len(listed(ops, "assignee=x")) == 2
    assert len(listed(ops, f"assignee={'9' * 30}")) == 2


def test_any_name_number_address_or_sid_finds_its_renewal(
    ops: Client, acme: Customer, now: datetime
) -> None:
    found = german_renewal(acme, now=now)
    german_renewal(make_customer("Other Ltd"), now=now)
    Bundle.objects.filter(pk=found.bundle_id).update(
        email="numbers@acme.example", numbers=["+493023125001"]
    )
    item = make_item(found, "passport")
    answer = make_answer(found, "passport", now=now, item_sid=sid("RD"))

    for term in (
        "acme gmbh",
        "ADA@acme.example",
        "numbers@acme.example",
        "030 23125001",
        "%2B49 30 23125001",
        found.reference,
        found.reference.lower(),
        found.copy_sid,
        found.bundle.sid.lower(),
        item.sid,
        answer.item_sid.upper(),
    ):
        assert listed(ops, f"q={term}") == [found], term
    assert listed(ops, f"q=RD{'0' * 32}") == []
    assert listed(ops, "q=nobody") == []


def test_a_row_says_whose_turn_it_is_and_what_is_wrong(
    ops: Client, acme: Customer, now: datetime
) -> None:
    late = german_renewal(acme, now=now, days=1, seen_by_customer_at=now)
    nobodys = make_bundle(None, now=now, days=50)
    Bundle.objects.filter(pk=nobodys.pk).update(regulation=None)
    make_renewal(nobodys, now=now, state=State.IN_REVIEW, results=None)
    Mail.objects.create(key="a", kind="found", renewal=late, result="failed")

    page = ops.get(reverse("admin:compliance_renewal_changelist")).content.decode()

    for text in ("Action needed", "late", "mail undelivered", "just now", "Germany", "reviewer"):
        assert text in page


def test_the_export_names_nobody(ops: Client, acme: Customer, now: datetime) -> None:
    renewal = german_renewal(acme, now=now, days=30)
    lists = reverse("admin:compliance_renewal_changelist")

    answer = ops.post(lists, {"action": "export_csv", "_selected_action": [renewal.pk]})

    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["reference"], row["country"], row["stage"], row["ball_with"]) == (
        renewal.reference,
        "DE",
        "fixing",
        "customer",
    )
    assert row["expires"] == renewal.valid_until.isoformat(timespec="seconds")
    assert row["last_seen"] == ""
    for secret in ("Acme", "Ada", "+49", renewal.bundle.sid):
        assert secret not in text


def test_only_who_may_see_renewals_opens_it(client: Client, acme: Customer, now: datetime) -> None:
    lists = reverse("admin:compliance_renewal_changelist")
    user = make_user("sam@demo.example", staff=True)
    client.force_login(user)
    assert client.get(lists).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="view_renewal"))
    assert client.get(lists).status_code == 200


# --- Very many --------------------------------------------------------------------------------


@pytest.fixture
def many(now: datetime) -> Callable[[int], None]:
    """``many(count)`` makes so many more renewals, spread over states, dates and customers."""
    account, rule = make_account(is_main=True), make_regulation()
    zones = ("UTC", "Europe/Berlin", "Australia/Sydney", "America/Los_Angeles")
    customers = [make_customer(f"C{n}", time_zone=zones[n % 4]) for n in range(50)]
    states = [state for state in State.values if state not in Renewal.ENDED]
    evaluation = {"results": [{"requirement_name": "x" * 50}] * 4}

    def make(count: int) -> None:
        bundles = Bundle.objects.bulk_create(
            (
                Bundle(
                    sid=sid("BU"),
                    account=account,
                    regulation=rule,
                    customer=customers[n % 50],
                    status="twilio-approved",
                    valid_until=now + timedelta(hours=n % 5000 - 200),
                    read_at=now,
                )
                for n in range(count)
            ),
            batch_size=5000,
        )
        Renewal.objects.bulk_create(
            (
                Renewal(
                    bundle=bundle,
                    # So many at random would meet.
                    reference=f"CMP-{bundle.pk:06}",
                    state=states[n % len(states)],
                    valid_until=bundle.valid_until,
                    copy_sid="BU1",
                    key=b"",
                    trouble="stuck" if n % 97 == 0 else "",
                    evaluation=evaluation,
                    opened_at=now,
                )
                for n, bundle in enumerate(bundles)
            ),
            batch_size=5000,
        )

    return make


def cost(client: Client, user: User, address: str) -> int:
    """In queries."""
    client.force_login(user)
    # The first request of a session notes when it began.
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
        return len(queries)


@pytest.mark.usefixtures("attendance_unnoted")
def test_two_hundred_times_as_many_cost_no_more_queries(
    ops: Client, many: Callable[[int], None]
) -> None:
    lists = reverse("admin:compliance_renewal_changelist")
    me = User.objects.get(email="ops@demo.example")
    many(100)
    few = cost(ops, me, lists)
    many(19_900)

    assert cost(ops, me, lists) == few
    assert Renewal.objects.count() == 20_000
