"""The record of events: what was written stays, and any change of it is found."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from compliance import tasks, verification
from compliance.models import Chain, Customer, Event, Renewal, User
from compliance.verification import Break, Counts
from tests.factories import make_bundle, make_customer, make_renewal, make_user
from tests.record import rewritable

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return make_user("ada@acme.example", name="Ada Stern")


@pytest.fixture
def acme() -> Customer:
    return make_customer()


@pytest.fixture
def renewal(acme: Customer) -> Renewal:
    now = timezone.now()
    return make_renewal(make_bundle(acme, now=now), now=now)


@pytest.fixture
def five(renewal: Renewal, ada: User) -> list[Event]:
    return [write(f"thing-{n}", renewal, by=ada, details={"n": n}) for n in range(1, 6)]


def write(kind: str, renewal: Renewal | None = None, **more: object) -> Event:
    return Event.objects.create(at=timezone.now(), kind=kind, renewal=renewal, **more)


def found() -> list[Break]:
    return list(verification.breaks(Counts()))


def test_each_event_hangs_on_the_one_before_it(five: list[Event], renewal: Renewal) -> None:
    assert [event.number for event in five] == [1, 2, 3, 4, 5]
    assert len({event.hash for event in five}) == 5
    end = Chain.objects.get(renewal=renewal)
    assert (end.length, end.hash) == (5, five[-1].hash)


def test_a_record_that_nobody_touched_is_whole(
    five: list[Event], acme: Customer, ada: User
) -> None:
    write("alone")
    write("of-a-company", customer=acme, person=ada)

    said = StringIO()
    call_command("verify_events", stdout=said)

    assert said.getvalue().startswith("The record is whole: 7 events in 2 chains. 0 references")


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "other"},
        {"details": {"n": 4}},
        {"customer_visible": True},
        {"at": timezone.now() - timedelta(days=1)},
        {"key": "a-key"},
        {"hash": "0" * 64},
        {"by_mark": ""},
        {"person_mark": "0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_change_is_found_where_it_was_made(
    five: list[Event], renewal: Renewal, change: dict[str, object]
) -> None:
    with rewritable():
        Event.objects.filter(pk=five[2].pk).update(**change)

    assert found() == [
        Break(renewal=renewal.pk, number=3, what=verification.CHANGED, event=five[2].pk)
    ]


def test_it_is_found_that_somebody_else_is_named(five: list[Event], renewal: Renewal) -> None:
    with rewritable():
        Event.objects.filter(pk=five[1].pk).update(by=make_user("eve@evil.example"))

    assert [(b.number, b.what) for b in found()] == [(2, verification.SOMEBODY_ELSE)]


def test_it_is_found_that_somebody_is_named_where_nobody_was(renewal: Renewal) -> None:
    event = write("by-itself", renewal)
    with rewritable():
        Event.objects.filter(pk=event.pk).update(by=make_user("eve@evil.example"))

    assert [(b.number, b.what) for b in found()] == [(1, verification.SOMEBODY_ELSE)]


@pytest.mark.parametrize("taken", [0, 2, 4])
def test_an_event_that_was_taken_out_is_found(five: list[Event], taken: int) -> None:
    with rewritable():
        five[taken].delete()

    assert [(b.number, b.what, b.event) for b in found()] == [
        (taken + 1, verification.MISSING, None)
    ]


def test_a_chain_that_was_taken_out_is_found(five: list[Event]) -> None:
    with rewritable():
        Event.objects.all().delete()

    assert [(b.number, b.what) for b in found()] == [(1, verification.MISSING)]


def test_an_event_that_was_slipped_in_is_found(five: list[Event], renewal: Renewal) -> None:
    end = Chain.objects.get(renewal=renewal)
    write("forged", renewal)
    Chain.objects.filter(pk=end.pk).update(length=end.length, hash=end.hash)

    assert [(b.number, b.what) for b in found()] == [(6, verification.NOT_AT_THE_END)]


def test_the_command_names_the_place_and_fails(five: list[Event], renewal: Renewal) -> None:
    with rewritable():
        Event.objects.filter(pk=five[2].pk).update(kind="other")

    said = StringIO()
    with pytest.raises(CommandError, match="broken in 1 place"):
        call_command("verify_events", stderr=said)
    assert said.getvalue().strip() == (
        f"Event 3 of {renewal.reference} (row {five[2].pk}): its content is not what was written."
    )
    with pytest.raises(tasks.Broken):
        tasks.verify()


def test_who_is_erased_leaves_the_chain_whole_and_no_trace(five: list[Event], ada: User) -> None:
    secret = ada.trail_secret
    ada.delete()

    counts = Counts()
    assert list(verification.breaks(counts)) == []
    assert counts.forgotten == 5
    assert not Event.objects.exclude(by=None).exists()
    assert len(set(Event.objects.values_list("by_mark", flat=True))) == 5
    assert secret not in str(list(Event.objects.values()))


def test_that_it_was_told_is_noted_and_breaks_nothing(five: list[Event]) -> None:
    Event.objects.update(told_at=timezone.now())

    assert found() == []


@pytest.mark.parametrize("change", ["kind", "details", "at", "hash", "number", "customer_visible"])
def test_the_database_refuses_to_change_an_event(five: list[Event], change: str) -> None:
    wrong = {"at": timezone.now(), "details": {}, "number": 9, "customer_visible": True}

    with pytest.raises(DatabaseError, match="an event is never changed"), transaction.atomic():
        Event.objects.filter(pk=five[0].pk).update(**{change: wrong.get(change, "x")})


def test_the_database_refuses_to_name_somebody_else(five: list[Event], ada: User) -> None:
    eve = make_user("eve@evil.example")

    with pytest.raises(DatabaseError, match="an event is never changed"), transaction.atomic():
        Event.objects.filter(pk=five[0].pk).update(by=eve)
    assert Event.objects.filter(pk=five[0].pk).update(by=None) == 1


def test_the_database_refuses_to_delete_an_event(five: list[Event]) -> None:
    """On SQLite the tests have to do without this guard; that it is made, another test sees."""
    if connection.vendor == "sqlite":
        pytest.skip("the tests empty this database row by row")
    with pytest.raises(DatabaseError, match="an event is never deleted"), transaction.atomic():
        five[0].delete()


def test_what_has_a_record_is_not_deleted(five: list[Event], acme: Customer) -> None:
    write("of-a-company", customer=acme)

    with pytest.raises(ProtectedError):
        five[0].renewal.delete()  # type: ignore[union-attr]
    with pytest.raises(ProtectedError):
        acme.delete()


def test_many_at_once_would_not_be_linked() -> None:
    with pytest.raises(TypeError, match="one by one"):
        Event.objects.bulk_create([Event(at=timezone.now(), kind="x")])


def test_an_event_that_exists_already_leaves_no_gap(renewal: Renewal) -> None:
    for _ in range(2):
        Event.objects.get_or_create(
            key="once", defaults={"at": timezone.now(), "kind": "x", "renewal": renewal}
        )
    write("after", renewal)

    assert found() == []
    assert Chain.objects.get(renewal=renewal).length == 2
