"""P10: what staff look at, with 100,000 renewals beside the same with 100."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from django.db import connections
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from compliance.models import Renewal
from tests.bench import world
from tests.bench.figures import Figure, compared, counted, in_turn
from tests.bench.row import Bench, Row
from tests.bench.two_databases import another, on
from tests.factories import make_user

TOKEN = "only-for-the-benchmark"
QUEUE = "/admin/compliance/renewal/"
# Of the renewal in the middle of them all.
PAGES = {
    "dashboard": "/admin/",
    "queue": QUEUE,
    "queue, page 2": f"{QUEUE}?p=2",
    "queue: needs a person": f"{QUEUE}?attention=trouble",
    "queue: late risk": f"{QUEUE}?attention=late",
    "queue: customer's turn": f"{QUEUE}?attention=customer",
    "queue: no progress": f"{QUEUE}?attention=stuck",
    "queue: mail undelivered": f"{QUEUE}?attention=mail",
    "queue: stage": f"{QUEUE}?stage=ready",
    "queue: country": f"{QUEUE}?country=DE",
    "queue: number": QUEUE + "?q={number}",
    "queue: reference": QUEUE + "?q={reference}",
    "queue: company": QUEUE + "?q={company}",
    "queue: e-mail": QUEUE + "?q={email}",
    "queue: SID": QUEUE + "?q={sid}",
    "a case": QUEUE + "{pk}/change/",
    "customers": "/admin/compliance/customer/",
    "customers: name": "/admin/compliance/customer/?q={company}",
    "mails": "/admin/compliance/mail/",
    "/metrics": "/metrics",
}


@dataclass(frozen=True)
class Size:
    many: int
    few: int
    times: int


def run(bench: Bench, size: Size) -> Iterator[Figure]:
    with (
        override_settings(OPERATIONS_TOKEN=TOKEN),
        another(bench.database, bench.folder / "other"),
    ):
        bench.say(f"{size.many:,} renewals")
        large = _filled("default", size.many)
        with on("other"):
            small = _filled("default", size.few)
        for label, page in PAGES.items():
            ours = partial(_ask, "default", *large, page)
            its = partial(_ask, "other", *small, page)
            bench.say(label)
            yield compared(
                f"{label}: {size.many:,} renewals against {size.few}",
                *in_turn(ours, its, rounds=bench.rounds, times=size.times),
                unit="s",
                at_most=3,
            )
            asked = _queries("default", ours), _queries("other", its)
            # A list with a second page first asks for the keys of the page that is shown.
            yield counted(
                f"{label}: queries", asked[0], floor=asked[1], unit="queries", at_most=asked[1] + 1
            )


def _filled(alias: str, renewals: int) -> tuple[Client, dict[str, object]]:
    """A member of the staff, and what can be looked for."""
    now = timezone.now()
    owners = world.customers(max(100, renewals // 100))
    world.registrations(renewals, owners, now=now)
    world.mails(now=now)
    world.settle(alias)
    staff = make_user("ops@portal.example", staff=True)
    staff.is_superuser = True
    staff.save()
    middle = Renewal.objects.select_related("bundle__customer").order_by("pk")[renewals // 2]
    assert middle.bundle.customer is not None
    return world.signed_in(staff), {
        "number": middle.bundle.numbers[0],
        "reference": middle.reference,
        "company": middle.bundle.customer.name,
        "email": middle.bundle.email,
        "sid": middle.bundle.sid,
        "pk": middle.pk,
    }


def _ask(database: str, client: Client, wanted: dict[str, object], page: str) -> None:
    with on(database):
        address = page.format(**wanted).replace("+", "%2B")
        response = client.get(address, headers={"Authorization": f"Bearer {TOKEN}"})
        assert response.status_code == 200, (address, response.status_code)
        if "{" in page:
            # A company has more renewals than a page shows.
            found = "company" if "{company}" in page else "reference"
            assert str(wanted[found]) in response.text


def _queries(database: str, asking: partial[None]) -> int:
    with CaptureQueriesContext(connections[database]) as captured:
        asking()
    return len(captured)


ROW = Row(
    name="P10",
    title="what staff look at",
    run=run,
    full=Size(many=100_000, few=100, times=1),
    smoke=Size(many=300, few=100, times=1),
)
