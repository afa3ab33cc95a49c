"""What the scale run does within its portal's environment: ``python -m tests.bench.crowd WHAT ...``
prints its answer as JSON.

The bundle of number N is called as the stand-in for Twilio calls it, and its copy as that of number
N + COPIES.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

from compliance.sandbox import sids

# The only one that holds bundles.
ACCOUNT = "Chaos 0"
COPIES = 10_000_000
BATCH = 2000
PROBE_SECONDS = 5.0


def bundle_sid(number: int) -> str:
    return sids.fixed("BU", f"chaos {number}")


def fill(customers: int, bundles: int, open_: int) -> None:
    """Companies, and their bundles: all but ``open_`` have been renewed before."""
    from django.utils import timezone

    from compliance import sync
    from compliance.models import Account, Bundle, Customer, Membership, Renewal, User

    now = timezone.now()
    sync.discover(now=now)
    sync.poll(now=now)
    account = Account.objects.get(friendly_name=ACCOUNT)
    companies = Customer.objects.bulk_create(
        [Customer(name=f"Company {number:05}") for number in range(customers)]
    )
    editors = User.objects.bulk_create(
        [User(email=f"editor-{number}@company.example") for number in range(customers)]
    )
    Membership.objects.bulk_create(
        [
            Membership(user=user, customer=customer)
            for user, customer in zip(editors, companies, strict=True)
        ]
    )
    User.objects.create_superuser("ops@portal.example")
    for first in range(0, bundles, BATCH):
        numbers = range(first, min(first + BATCH, bundles))
        made = Bundle.objects.bulk_create(
            [
                Bundle(
                    sid=bundle_sid(number),
                    account=account,
                    customer=companies[number % customers],
                    friendly_name=f"Chaos {number}",
                    status=Bundle.Status.APPROVED,
                    read_at=now,
                )
                for number in numbers
            ]
        )
        Renewal.objects.bulk_create(
            [
                Renewal(
                    bundle=bundle,
                    # Of so many that are made by chance some are the same.
                    reference=f"OLD-{number:07}",
                    state=Renewal.State.COMPLETED,
                    valid_until=now - timedelta(days=90),
                    opened_at=now - timedelta(days=120),
                    ended_at=now - timedelta(days=100),
                    key=None,
                )
                for number, bundle in zip(numbers, made, strict=True)
                if number >= open_
            ]
        )


def hand_over(number: int) -> list[tuple[str, str]]:
    """So many of the open renewals are with the reviewer: tag and callback address of each, in the
    order of their bundles' numbers."""
    from django.utils import timezone

    from compliance.callback_address import callback_url
    from compliance.models import Bundle, Renewal

    by_sid = {
        renewal.bundle.sid: renewal for renewal in Renewal.objects.open().select_related("bundle")
    }
    given = [by_sid[bundle_sid(place)] for place in range(number)]
    for place, renewal in enumerate(given):
        renewal.state = Renewal.State.IN_REVIEW
        renewal.copy_sid = bundle_sid(COPIES + place)
        renewal.copy_status = Bundle.Status.PENDING_REVIEW
        renewal.submitted_at = timezone.now()
        renewal.next_look_at = None
    fields = ["state", "copy_sid", "copy_status", "submitted_at", "next_look_at"]
    Renewal.objects.bulk_update(given, fields, batch_size=500)
    return [(renewal.tag, callback_url(renewal)) for renewal in given]


def sync() -> float:
    """Seconds that one took."""
    from django.utils import timezone

    from compliance import sync
    from compliance.models import Account

    return seconds(
        lambda: sync.sync_account(Account.objects.get(friendly_name=ACCOUNT), now=timezone.now())
    )


def visit() -> dict[str, str]:
    """Sessions of a customer and of staff, and a page of the customer's."""
    from compliance.models import Renewal, User
    from tests.pages.scene import session_of

    renewal = Renewal.objects.open().select_related("bundle__customer").latest("pk")
    assert renewal.bundle.customer is not None
    return {
        "customer": session_of(renewal.bundle.customer.people.get()),
        "staff": session_of(User.objects.get(is_superuser=True)),
        "registration": f"/r/{renewal.reference}/",
    }


def probe(file: Path, over: Path) -> None:
    """A line of JSON every few seconds until ``over`` is there: what polling and finding the due
    takes, in seconds, and how the renewals stand."""
    from django.utils import timezone

    from compliance import sync as mirror
    from compliance.models import Event, Renewal

    began = time.monotonic()
    last = False
    while not last:
        last = over.exists()
        now = timezone.now()
        found = {
            "t": time.monotonic() - began,
            "poll": seconds(lambda: mirror.poll(now=timezone.now())),
            "sweep": seconds(look_for_the_due),
            "due": Renewal.objects.due(now=now).count(),
            "open": Renewal.objects.open().count(),
            "in review": Renewal.objects.filter(state=Renewal.State.IN_REVIEW).count(),
            "trouble": Renewal.objects.exclude(trouble="").count(),
            "callbacks": Event.objects.filter(kind="callback").count(),
        }
        with file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(found) + "\n")
        time.sleep(0 if last else PROBE_SECONDS)


def look_for_the_due() -> None:
    """As a sweep does, which then hands them out."""
    from django.utils import timezone

    from compliance.models import Account, Renewal

    now = timezone.now()
    resting = Account.objects.resting(now=now)
    due = Renewal.objects.due(now=now).exclude(bundle__account__in=resting)
    list(due.order_by("valid_until").values_list("pk", flat=True)[:200])


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main(what: str, *arguments: str) -> Any:
    if what == "probe":
        return probe(Path(arguments[0]), Path(arguments[1]))
    known: dict[str, Callable[..., Any]] = {
        "fill": fill,
        "hand-over": hand_over,
        "sync": sync,
        "visit": visit,
    }
    return known[what](*map(int, arguments))


if __name__ == "__main__":
    django.setup()
    print(json.dumps(main(*sys.argv[1:])))  # noqa: T201
