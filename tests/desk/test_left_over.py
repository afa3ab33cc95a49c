"""What is left over at Twilio: what a page says about it, and what it offers."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from compliance import accounts, sync
from compliance.admin import dashboard
from compliance.models import Account, Event, Renewal, Stray, User
from compliance.sandbox import seed
from compliance.workflow import desk
from tests.factories import german_renewal, make_customer, make_event, sid
from tests.world import World

KEY = "acme-de-passes"
LIST = "/admin/compliance/renewal/left-over/"
Why, Wish = Stray.Why, Renewal.Wish


@pytest.fixture
def ops(db: None, client: Client, settings: Any) -> Client:
    settings.STAFF_SECOND_FACTOR = False
    client.force_login(User.objects.create_superuser("ops@demo.example", name="Olga Ops"))
    return client


def read(client: Client, renewal: Renewal | None = None) -> str:
    """The list, or the page of one renewal."""
    case = renewal and reverse("admin:compliance_renewal_change", args=[renewal.pk])
    return client.get(case or LIST).content.decode()


def left_over(renewal: Renewal, /, **fields: Any) -> Stray:
    now = timezone.now()
    values = {"renewal": renewal, "reference": renewal.reference} | fields
    return Stray.objects.create(account=renewal.bundle.account, found_at=now, seen_at=now, **values)


def copy_of(world: World, name: str) -> str:
    return world.twilio().create_copy(seed.BUNDLES[KEY], friendly_name=name).sid


def ask(world: World, wish: str, about: str = "") -> Renewal:
    by = User.objects.get(email="ops@demo.example")
    desk.ask(world.renewal(KEY), wish, by=by, about=about, reason="why", now=world.clock())
    return world.work(KEY)


def offers(page: str, action: str, renewal: Renewal, copy: str) -> bool:
    return f"{reverse(f'admin:compliance_renewal_{action}', args=[renewal.pk])}?copy={copy}" in page


def test_what_a_worker_finds_for_one_renewal_stands_on_its_page(world: World, ops: Client) -> None:
    renewal = world.prepared(KEY)
    assert "They have not been listed yet." in read(ops, renewal)
    ours = copy_of(world, f"Acme {renewal.tag}")
    theirs, forged = copy_of(world, "Acme"), copy_of(world, "Acme [CMP-ZZZZZZ]")
    requests = len(world.requests())

    ask(world, Wish.FIND_COPIES)

    asked = world.requests()[requests:]
    assert {request["method"] for request in asked} == {"GET"}
    assert sum(request["path"].endswith("/Copies") for request in asked) == 1
    page = read(ops, renewal)
    asked_at = renewal.events.get(kind="copies-found").at
    assert f"Twilio was asked at {asked_at:%Y-%m-%d %H:%M} UTC." in page
    assert f"ours, made for {renewal.reference}" in page
    assert "not ours: it does not carry our mark" in page
    assert "not ours: no renewal of this bundle is called CMP-ZZZZZZ" in page
    assert page.count("It is not provably ours, so it is left alone.") == 2
    assert offers(page, "delete_copy", renewal, ours)
    assert offers(page, "adopt_copy", renewal, ours)
    assert not offers(page, "delete_copy", renewal, theirs)
    assert not offers(page, "delete_copy", renewal, forged)
    # Nothing that the desk as a whole has to decide about.
    assert "Nothing waits for a decision." in read(ops)
    assert dashboard.left_over()[0].count == 0


def test_what_is_gone_or_taken_up_leaves_the_page(world: World, ops: Client) -> None:
    renewal = world.prepared(KEY)
    first, second = copy_of(world, f"Acme {renewal.tag}"), copy_of(world, f"Acme {renewal.tag}")
    gone = copy_of(world, f"Acme {renewal.tag}")
    ask(world, Wish.FIND_COPIES)
    world.twilio().delete_bundle(gone)
    make_event(renewal, "stray-removed", at=world.clock(), sid=gone)
    page = read(ops, renewal)
    assert (first in page, second in page) == (True, True)
    assert not offers(page, "delete_copy", renewal, gone)
    ask(world, Wish.DELETE_COPY, about=first)
    Renewal.objects.filter(pk=renewal.pk).update(copy_sid=second)
    page = read(ops, renewal)
    assert "There are no others." in page
    assert not offers(page, "delete_copy", renewal, first)
    assert not offers(page, "adopt_copy", renewal, second)


@pytest.mark.parametrize("wish", [Wish.ADOPT_COPY, Wish.DELETE_COPY])
def test_what_the_reconcile_reports_is_decided_by_the_open_renewal(
    world: World, ops: Client, wish: str
) -> None:
    """Without a listing: what it has read is enough to be offered, and looked at again."""
    renewal = world.prepared(KEY)
    reported = copy_of(world, f"Acme {renewal.tag}")
    copy = world.sandbox.state.bundles[reported]
    copy.status, copy.date_created = "twilio-rejected", copy.date_created - timedelta(hours=1)
    Renewal.objects.update(opened_at=world.clock() - timedelta(hours=2))
    sync.reconcile(accounts.main_account(), clock=world.clock)
    assert Stray.objects.for_support().get().why == Why.NOT_A_DRAFT
    assert dashboard.left_over()[0].count == 1
    for page in (read(ops), read(ops, renewal)):
        assert reported in page
        assert offers(page, "adopt_copy", renewal, reported)
        assert offers(page, "delete_copy", renewal, reported)

    ask(world, wish, about=reported)

    assert (world.at_twilio(reported) is None) == (wish == Wish.DELETE_COPY)
    assert (world.renewal(KEY).copy_sid == reported) == (wish == Wish.ADOPT_COPY)
    assert not Stray.objects.exists()
    assert reported not in read(ops)


@pytest.mark.parametrize(
    ("sid_", "why", "status", "says"),
    [
        ("BU1", Why.NOT_A_DRAFT, "in-review", "Twilio allows nothing with it while it is in-rev"),
        ("BU1", Why.UNPROVEN, "draft", "It is not provably ours, so it is left alone."),
        ("BU1", Why.UNKNOWN, "draft", "CMP-ZZZZZZ"),
        ("RD1", Why.REFUSED, "", "error 20001"),
        ("AD1", Why.UNPROVEN, "", "address"),
    ],
)
def test_what_can_not_be_done_here_says_why(
    ops: Client, sid_: str, why: str, status: str, says: str
) -> None:
    renewal = german_renewal(make_customer(), now=timezone.now())
    left_over(
        renewal,
        sid=sid_,
        why=why,
        status=status,
        code=20001 if why == Why.REFUSED else None,
        **({"renewal": None, "reference": "CMP-ZZZZZZ"} if why == Why.UNKNOWN else {}),
    )
    page = read(ops)
    assert sid_ in page
    assert says in page
    assert f"copy={sid_}" not in page


@pytest.mark.parametrize(
    ("why", "says"),
    [
        (Why.NOT_A_DRAFT, "No renewal of this bundle is open that could take it up"),
        (Why.UNPROVEN, "It is not provably ours, so it is left alone."),
    ],
)
def test_a_copy_whose_bundle_has_no_open_renewal_can_not_be_taken_up(
    ops: Client, why: str, says: str
) -> None:
    ended = german_renewal(make_customer(), now=timezone.now(), state="cancelled")
    left_over(ended, sid="BU1", why=why, status="twilio-rejected")
    assert says in read(ops)
    assert "copy=BU1" not in read(ops)


def test_all_of_it_is_looked_for_when_somebody_asks(ops: Client, monkeypatch: Any) -> None:
    later = timezone.now() + timedelta(minutes=50)
    german_renewal(make_customer(), now=timezone.now())
    Account.objects.update(strays_due_at=later)
    url = reverse("admin:compliance_renewal_look_for_left_over")
    said = ops.get(url).content.decode()
    assert "some pages at once" in said
    assert "What is provably ours and nothing needs is deleted" in said
    assert list(Account.objects.values_list("strays_due_at", flat=True)) == [later]
    assert "A worker looks once an hour" in read(ops)
    asked = []
    monkeypatch.setattr("compliance.tasks.reconcile.delay", lambda: asked.append("reconcile"))
    ops.post(url)
    assert asked == ["reconcile"]
    assert list(Account.objects.values_list("strays_due_at", flat=True)) == [None]
    assert "A worker is about to look." in read(ops)


def test_a_page_marks_one_entry_of_the_menu(ops: Client) -> None:
    for name in ("renewal_left_over", "renewal_changelist", "regulation_campaigns"):
        link = reverse(f"admin:compliance_{name}")
        groups = ops.get(link).context["sidebar_navigation"]
        items = [item for group in groups for item in group["items"]]
        assert [item["link"] for item in items if item["active"]] == [link]


@pytest.mark.usefixtures("attendance_unnoted")
def test_many_cost_no_more_queries_than_few(ops: Client) -> None:
    now, acme = timezone.now(), make_customer("Acme GmbH")

    def cost(count: int) -> int:
        for _each in range(count):
            renewal = german_renewal(acme, now=now)
            left_over(renewal, sid=sid("BU"), why=Why.NOT_A_DRAFT, status="twilio-rejected")
            make_event(renewal, "copies-found", at=now, copies=[])
        ops.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            ops.get(LIST)
        return len(queries)

    few = cost(2)
    assert Event.objects.count() == 2
    assert cost(12) == few
