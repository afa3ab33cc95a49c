"""A case's page: what it says, what it covers, and what it takes to uncover it."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance.admin.case.contents import covered
from compliance.admin.case.steps import steps
from compliance.models import Answer, Event, Mail, Note, Renewal, User
from tests.factories import (
    ALL_FINE,
    SOME_OPEN,
    german_renewal,
    make_answer,
    make_customer,
    make_event,
    make_item,
    make_user,
    result,
)
from tests.world import World

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


def staff(client: Client, *permissions: str) -> Client:
    user = make_user("sam@demo.example", name="Sam", staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return client


@pytest.fixture
def rejected(now: datetime) -> Renewal:
    acme = make_customer("Acme GmbH")
    ada = make_user("ada@acme.example", name="Ada", customer=acme)
    renewal = german_renewal(acme, now=now, state=State.REJECTED, results=ALL_FINE, rejections=1)
    Renewal.objects.filter(pk=renewal.pk).update(
        first_evaluation={"results": list(SOME_OPEN)}, submitted_at=now
    )
    make_item(
        renewal,
        "passport",
        {"first_name": "Ada", "document_number": "C01X0006H"},
        refused_at=now,
        reason="The number C01X0006H does not belong to ada.",
        codes=[18016],
    )
    make_answer(
        renewal,
        now=now,
        values={"email": "ada@acme.example"},
        by=ada,
        state=Answer.State.REFUSED,
        refusal="ada@acme.example does not work.",
        refused_code=22222,
    )
    make_event(renewal, "opened", at=now - timedelta(days=2))
    make_event(renewal, "rejected", at=now, refused=1)
    Mail.objects.create(
        key="m", kind="changes", renewal=renewal, recipient=ada, result="undelivered", problem="550"
    )
    renewal.refresh_from_db()
    return renewal


def page(client: Client, renewal: Renewal, name: str = "change") -> str:
    answer = client.get(reverse(f"admin:compliance_renewal_{name}", args=[renewal.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


SECRETS = ("C01X0006H", "HRB 1234", "Ackermann")


def test_it_tells_all_that_support_needs_and_covers_the_values(
    ops: Client, rejected: Renewal
) -> None:
    text = page(ops, rejected)

    for said in (
        rejected.reference,
        "Acme GmbH",
        # As the customer sees it.
        "Germany - local numbers",
        "Changes needed",
        # The evaluation then and now.
        "business_registration_number",
        "fixed",
        # Why, in our words and the reviewer's.
        "The address you entered is not the one on the document.",
        "The number •••••• does not belong to ••••••.",
        "22222",
        "550",
        "undelivered",
        rejected.copy_sid,
        "Decision of the reviewer",
    ):
        assert said in text, said
    assert not [secret for secret in SECRETS if secret in text]


@pytest.mark.usefixtures("attendance_unnoted")
def test_its_number_of_queries_does_not_grow(
    ops: Client, rejected: Renewal, now: datetime, django_assert_max_num_queries: Any
) -> None:
    for n in range(30):
        make_item(rejected, "passport", reason="no")
        make_answer(rejected, f"t{n}", now=now)
        make_event(rejected, "answer-saved", at=now, by=User.objects.first())
    with django_assert_max_num_queries(30):
        page(ops, rejected)


def test_a_case_in_trouble_says_what_stands_in_the_way(ops: Client, rejected: Renewal) -> None:
    trouble = rejected.seal({"message": "Ackermann is unknown"}, about="trouble")
    Renewal.objects.filter(pk=rejected.pk).update(trouble="refused-1", sealed_trouble=trouble)
    text = page(ops, rejected)
    assert "What stands in the way" in text
    assert "refused-1" in text
    assert "Ackermann" not in text


def test_a_case_whose_key_is_unreadable_or_gone_opens_all_the_same(
    ops: Client, rejected: Renewal, now: datetime
) -> None:
    Renewal.objects.filter(pk=rejected.pk).update(key=b"not one of ours")
    assert rejected.reference in page(ops, rejected)
    Renewal.objects.filter(pk=rejected.pk).update(
        key=None, evaluation=None, first_evaluation=None, state=State.COMPLETED, ended_at=now
    )
    assert "They were erased when the renewal ended." in page(ops, rejected)


def test_values_are_revealed_for_a_reason_that_stays_on_record(
    client: Client, rejected: Renewal
) -> None:
    staff(client, "view_renewal", "reveal_values")
    address = reverse("admin:compliance_renewal_reveal", args=[rejected.pk])
    assert address in page(client, rejected)
    asked = page(client, rejected, "reveal")
    assert not [secret for secret in SECRETS if secret in asked]

    refused = client.post(address, {"reason": "  "})
    assert refused.status_code == 422
    assert not [secret for secret in SECRETS if secret in refused.content.decode()]
    named = client.post(address, {"reason": "Ackermann called me"})
    assert named.status_code == 422
    assert not Event.objects.filter(kind="revealed").exists()

    shown = client.post(address, {"reason": "Called about the register number"})

    assert [secret for secret in SECRETS if secret in shown.content.decode()] == list(SECRETS)
    assert "no-store" in shown["Cache-Control"]
    event = Event.objects.get(kind="revealed")
    assert (str(event.by), event.renewal, event.customer_visible) == ("Sam", rejected, False)
    assert event.reason == "Called about the register number"


def test_who_may_not_reveal_is_not_offered_it(client: Client, rejected: Renewal) -> None:
    staff(client, "view_renewal")
    address = reverse("admin:compliance_renewal_reveal", args=[rejected.pk])
    assert address not in page(client, rejected)
    assert client.get(address).status_code == 403
    assert client.post(address, {"reason": "Because I can"}).status_code == 403
    assert not Event.objects.filter(kind="revealed").exists()


def test_a_note_is_sealed_shown_and_erased_with_the_rest(
    client: Client, rejected: Renewal, now: datetime
) -> None:
    staff(client, "view_renewal", "add_note")
    address = reverse("admin:compliance_renewal_note", args=[rejected.pk])
    assert client.get(address).status_code == 405

    assert client.post(address, {"text": ""}).status_code == 422
    assert client.post(address, {"text": "Ada rings back\non Friday"}).status_code == 302

    note = Note.objects.get()
    assert b"Friday" not in bytes(note.sealed)
    assert str(note.by) == "Sam"
    assert str(rejected.pk) in str(note)
    assert "Ada rings back<br>on Friday" in page(client, rejected)

    Renewal.objects.filter(pk=rejected.pk).update(key=None, state=State.COMPLETED, ended_at=now)
    assert "rings back" not in page(client, rejected)
    client.post(address, {"text": "Too late"})
    assert Note.objects.count() == 1


def test_a_note_that_is_sent_twice_is_kept_once_and_is_on_record(
    client: Client, rejected: Renewal
) -> None:
    staff(client, "view_renewal", "add_note")
    address = reverse("admin:compliance_renewal_note", args=[rejected.pk])
    once = re.search(r'name="once" value="([0-9a-f]{32})"', page(client, rejected))
    assert once
    for _press in range(2):
        client.post(address, {"text": "Ada rings back", "once": once[1]})
    assert Note.objects.count() == 1
    event = rejected.events.get(kind="note-written")
    assert str(event.by) == "Sam"
    assert event.details == {}


def test_who_may_not_write_notes_can_not(client: Client, rejected: Renewal) -> None:
    staff(client, "view_renewal")
    address = reverse("admin:compliance_renewal_note", args=[rejected.pk])
    assert client.post(address, {"text": "Hello"}).status_code == 403
    assert client.get(reverse("admin:compliance_renewal_change", args=[0])).status_code == 404


def test_the_steps_follow_the_state(rejected: Renewal, now: datetime) -> None:
    def looks() -> list[str]:
        events = rejected.events.order_by("-at", "-pk")
        return [step.look for step in steps(rejected, events, rejected.answers.all())]

    rejected.answers.all().delete()
    rejected.state = State.READY
    done, skipped, later = "done", "skipped", "later"
    assert looks() == [done] * 3 + [skipped] * 2 + [done, "now"] + [later] * 3
    rejected.state = State.IN_REVIEW
    rejected.trouble = "gone"
    assert looks()[7:] == ["trouble", later, later]
    rejected.state = State.CANCELLED
    assert looks() == [done] + ["over"] * 6 + [done] + ["over"] * 2
    rejected.state, rejected.trouble = State.NEEDS_INFO, ""
    assert looks()[3] == "now"
    make_answer(rejected, now=now)
    rejected.delayed_because = "no answer"
    events = rejected.events.order_by("-at", "-pk")
    (moving,) = [s for s in steps(rejected, events, rejected.answers.all()) if s.look == "now"]
    assert (moving.number, moving.result) == (5, "Try 0: no answer")


def test_files_whole_requirements_and_who_sent_it_are_named(
    ops: Client, rejected: Renewal, now: datetime
) -> None:
    missing = result("proof", "passport", "Proof", code=22216)
    Renewal.objects.filter(pk=rejected.pk).update(evaluation={"results": [missing]})
    make_answer(rejected, "proof", now=now, file="adas-passport.pdf")
    make_event(rejected, "sent", at=now, by=User.objects.get(email="ada@acme.example"))
    text = page(ops, rejected)
    assert "application/pdf, 239 KB" in text
    assert "adas-passport" not in text
    assert "proof" in text
    assert "by Ada" in text


def test_what_is_covered_is_whole_words_only() -> None:
    assert covered("Adam and Ada.", ["Ada"]) == "Adam and ••••••."


def test_a_renewal_of_the_engine_keeps_its_first_evaluation_until_it_ends(world: World) -> None:
    renewal = world.prepared("acme-de-local")
    assert renewal.first_evaluation == renewal.evaluation
    assert renewal.moved_at is not None


def test_who_of_the_customers_was_there_is_noted_and_staff_are_not(
    client: Client, rejected: Renewal, now: datetime
) -> None:
    ada = User.objects.get(email="ada@acme.example")
    rejected.note_seen(by=make_user("sam@demo.example", staff=True), now=now)
    rejected.refresh_from_db()
    assert rejected.seen_by_customer_at is None

    client.force_login(ada)
    client.get(f"/r/{rejected.reference}/")

    rejected.refresh_from_db()
    assert rejected.seen_by_customer_at is not None
    rejected.note_seen(by=ada, now=now + timedelta(minutes=1))
    seen = rejected.seen_by_customer_at
    rejected.refresh_from_db()
    assert rejected.seen_by_customer_at == seen
