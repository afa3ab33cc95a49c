"""SIZE: how the cost of each thing grows with the number of bundles, for ``make bench-plots``."""

from collections.abc import Callable, Iterator, Sequence
from statistics import median

from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from compliance import accounts, sync
from compliance.models import Account, Bundle, Customer, Renewal
from compliance.sync import bundles
from compliance.tasks import SWEEP_AT_MOST
from tests.bench import stub, world
from tests.bench.figures import Figure, counted, seconds
from tests.bench.row import Bench, Row
from tests.factories import make_user

ROUNDS = 5
# As many as each customer has.
EACH = 25


def run(bench: Bench, sizes: Sequence[int]) -> Iterator[Figure]:
    account = world.main_account()
    staff = make_user("ops@portal.example", staff=True)
    staff.is_superuser = True
    staff.save()
    ops = world.signed_in(staff)
    took: dict[str, list[float]] = {}
    for size in sizes:
        bench.say(f"{size:,} bundles")
        with stub.running(size) as twilio, override_settings(TWILIO_BASE_URL=twilio.base_url):
            bundles.mirror(accounts.connect(account), account, now=timezone.now())
            _give_away()
            world.settle()
            for what, do in _things(account, ops).items():
                do()
                took.setdefault(what, []).append(
                    median(seconds(do) for _ in range(min(ROUNDS, bench.rounds)))
                )
    for what, measured in took.items():
        raw = {"size": [float(size) for size in sizes], "y": measured}
        yield counted(
            f"{what}: with {sizes[-1]:,} against {sizes[0]:,} bundles",
            measured[-1],
            floor=measured[0],
            unit="s",
            raw=raw,
        )


def _things(account: Account, ops: Client) -> dict[str, Callable[[], object]]:
    """What is measured; the first customer has the same number of registrations at each size."""
    first = Customer.objects.order_by("pk")[0]
    editor = first.people.first() or world.editor_of(first)
    ada = world.signed_in(editor)
    needing = first.bundles.filter(renewals__state=Renewal.State.NEEDS_INFO).order_by("pk")[0]
    reference = needing.renewals.get().reference
    page = reverse("registration", args=[reference])
    status = reverse("registration-status", args=[reference])
    queue = "/admin/compliance/renewal/"
    return {
        # The first of these mirrors the numbers, one of which is looked for below.
        "sync, nothing has changed": lambda: sync.sync_account(account, now=timezone.now()),
        "poll": lambda: sync.poll(now=timezone.now()),
        "sweep, most are due": _sweep,
        "page: list": lambda: ada.get("/"),
        "page: registration": lambda: ada.get(page),
        "page: status": lambda: ada.get(status),
        "admin: queue": lambda: ops.get(queue),
        "admin: number": lambda: ops.get(f"{queue}?q={stub.number_of(7).removeprefix('+')}"),
        "admin: dashboard": lambda: ops.get("/admin/"),
    }


def _give_away() -> None:
    """The bundles that nobody has yet get customers, and renewals in every state."""
    while some := list(Bundle.objects.filter(customer=None).order_by("pk")[: world.BATCH]):
        owners = world.customers(-(-len(some) // EACH))
        for place, bundle in enumerate(some):
            bundle.customer = owners[place // EACH]
        Bundle.objects.bulk_update(some, ["customer"], batch_size=500)
        world.renewals(some, first=0, now=timezone.now())


def _sweep() -> list[int]:
    """What the sweep asks. More than half of the renewals are due, since the sync had news of them
    and no worker is there: as after an outage."""
    now = timezone.now()
    due = Renewal.objects.due(now=now).exclude(bundle__account__in=Account.objects.resting(now=now))
    return list(due.order_by("valid_until").values_list("pk", flat=True)[:SWEEP_AT_MOST])


ROW = Row(
    name="SIZE",
    title="cost against size",
    run=run,
    full=(1_000, 10_000, 100_000),
    smoke=(50, 100),
)
