"""What rows measure on: made-up customers and registrations, written in bulk."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count, islice
from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from compliance import sealing
from compliance.models import Account, Bundle, Customer, Mail, Regulation, Renewal, User
from compliance.models.renewal import REFERENCE_ALPHABET
from tests.factories import GERMANY, SOME_OPEN, make_regulation, make_user, sid

BATCH = 2000
_references = count()
# Four of five open, of each state something: more than there will ever be.
STATES = (
    Renewal.State.NEEDS_INFO,
    Renewal.State.NEEDS_INFO,
    Renewal.State.READY,
    Renewal.State.IN_REVIEW,
    Renewal.State.COMPLETED,
    Renewal.State.NEEDS_INFO,
    Renewal.State.IN_REVIEW,
    Renewal.State.REJECTED,
    Renewal.State.DETECTED,
    Renewal.State.COMPLETED,
)
COUNTRIES = ("DE", "GB", "AU", "FR", "IE")


def settle(alias: str = "default") -> None:
    """What the database would do by itself within minutes of being filled."""
    with connections[alias].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connections[alias].vendor == "postgresql" else "ANALYZE")


def main_account() -> Account:
    account, _made = Account.objects.get_or_create(
        sid=settings.TWILIO_ACCOUNT_SID,
        defaults={"is_main": True, "polled_at": timezone.now(), "synced_at": timezone.now()},
    )
    return account


def regulations() -> list[Regulation]:
    """One for each country."""
    return [make_regulation(GERMANY, country=country) for country in COUNTRIES]


def customers(number: int) -> list[Customer]:
    return Customer.objects.bulk_create(
        [
            Customer(name=f"Company {place:06}", time_zone="Europe/Berlin")
            for place in range(number)
        ],
        batch_size=BATCH,
    )


def editor_of(customer: Customer, email: str = "ada@acme.example") -> User:
    return make_user(email, name="Ada Ackermann", customer=customer)


def signed_in(user: User, **options: Any) -> Client:
    """A browser that has been here before: its first request wrote the session."""
    client = Client(**options)
    client.force_login(user)
    client.get("/session/")
    return client


@transaction.atomic
def registrations(
    number: int,
    owners: Sequence[Customer],
    *,
    now: datetime,
    states: Sequence[Renewal.State] = STATES,
) -> None:
    """So many bundles with numbers, dates and renewals, spread over customers and states."""
    account, rules = main_account(), regulations()
    bundles = (
        Bundle(
            sid=sid("BU"),
            account=account,
            customer=owners[place % len(owners)],
            regulation=rules[place % len(rules)],
            friendly_name=f"Registration {place:06}",
            status=Bundle.Status.APPROVED,
            valid_until=None
            if states[place % len(states)] in Renewal.ENDED
            else _until(place, now),
            numbers=[f"+4930{place:07}", f"+4931{place:07}"],
            email=f"office-{place:06}@example.com",
            date_created=now - timedelta(days=400),
            date_updated=now - timedelta(days=30),
            read_at=now,
        )
        for place in range(number)
    )
    place = 0
    while batch := list(islice(bundles, BATCH)):
        renewals(Bundle.objects.bulk_create(batch), first=place, now=now, states=states)
        place += len(batch)


def renewals(
    bundles: Sequence[Bundle],
    *,
    first: int,
    now: datetime,
    states: Sequence[Renewal.State] = STATES,
) -> None:
    """One for each bundle. All have one key: to make a hundred thousand takes a minute."""
    key = sealing.new_key()
    rows = []
    for place, bundle in enumerate(bundles, start=first):
        state = states[place % len(states)]
        ended = state in Renewal.ENDED
        evaluated = state not in (*Renewal.ENDED, Renewal.State.DETECTED)
        results = list(SOME_OPEN) if evaluated else []
        rows.append(
            Renewal(
                bundle=bundle,
                reference=_reference(next(_references)),
                state=state,
                valid_until=_until(place, now),
                copy_sid=sid("BU") if evaluated else "",
                copy_status="in-review" if state == Renewal.State.IN_REVIEW else "",
                opened_at=now - timedelta(days=2, seconds=place),
                ended_at=now - timedelta(seconds=place) if ended else None,
                evaluation={"sid": sid("EL"), "status": "noncompliant", "results": results},
                evaluated_hash="1" * 64 if evaluated else "",
                trouble="refused" if place % 50 == 7 and not ended else "",
                key=key,
            )
        )
    Renewal.objects.bulk_create(rows)


def _reference(number: int) -> str:
    """Made up at random, a hundred thousand would hold some twice. No other begins with a vowel."""
    letters = []
    for _ in range(5):
        number, letter = divmod(number, len(REFERENCE_ALPHABET))
        letters.append(REFERENCE_ALPHABET[letter])
    return "CMP-A" + "".join(letters)


@transaction.atomic
def mails(*, now: datetime) -> None:
    """Two for each renewal: all have left but every fiftieth."""
    rows = (
        Mail(
            key=f"{kind}:{pk}",
            kind=kind,
            renewal_id=pk,
            result=Mail.Result.FAILED if pk % 50 == 0 else Mail.Result.SENT,
            tried_at=now - timedelta(days=1, seconds=pk),
        )
        for pk in Renewal.objects.values_list("pk", flat=True)
        for kind in (Mail.Kind.FOUND, Mail.Kind.REMINDER)
    )
    while batch := list(islice(rows, BATCH)):
        Mail.objects.bulk_create(batch)


def _until(place: int, now: datetime) -> datetime:
    """From two days to four months ahead."""
    return now + timedelta(days=2 + place * 7 % 120, hours=place % 24)
