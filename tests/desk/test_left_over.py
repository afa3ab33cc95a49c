"""The list of copies that no renewal works with: what a worker finds, and what a page says."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from compliance import sync
from compliance.accounts import main_account
from compliance.admin import dashboard
from compliance.models import Bundle, Renewal, StrayCopy, User
from compliance.sandbox import seed
from tests.factories import german_renewal, make_customer, sid
from tests.world import World

KEY = "acme-de-local"
LIST = "/admin/compliance/renewal/stray-copies/"


@pytest.fixture
def ops(db: None, client: Client, settings: Any) -> Client:
    settings.STAFF_SECOND_FACTOR = False
    client.force_login(User.objects.create_superuser("ops@demo.example", name="Olga Ops"))
    return client


def stray(world: World, name: str) -> str:
    return world.twilio().create_copy(seed.BUNDLES[KEY], friendly_name=name).sid


def look(world: World) -> None:
    sync.list_copies(main_account(), now=world.clock())


def test_a_worker_lists_what_no_renewal_works_with_and_says_whose_it_is(
    world: World, ops: Client
) -> None:
    renewal = world.prepared(KEY)
    assert "Twilio has not been asked yet." in ops.get(LIST).content.decode()
    spare = stray(world, f"Acme {renewal.tag}")
    theirs, forged = stray(world, "Acme"), stray(world, "Acme [CMP-ZZZZZZ]")
    requests = len(world.requests())

    look(world)

    found = dict(StrayCopy.objects.unused().values_list("sid", "is_ours"))
    assert found == {spare: True, theirs: False, forged: False}
    assert {request["method"] for request in world.requests()[requests:]} <= {"GET"}
    page = ops.get(LIST).content.decode()
    assert f"ours, made for {renewal.reference}" in page
    assert "not ours: it does not carry our mark" in page
    assert "not ours: no renewal of this bundle is called CMP-ZZZZZZ" in page
    assert page.count("It is not provably ours, so it is left alone.") == 2
    delete = reverse("admin:compliance_renewal_delete_copy", args=[renewal.pk])
    assert f"{delete}?copy={spare}" in page
    assert f"{delete}?copy={theirs}" not in page
    assert dashboard.strays()[0].count == 3


def test_what_is_gone_or_taken_up_leaves_the_list(world: World, ops: Client) -> None:
    renewal = world.prepared(KEY)
    first, second = stray(world, f"Acme {renewal.tag}"), stray(world, "Acme")
    look(world)
    world.twilio().delete_bundle(second)
    look(world)
    assert list(StrayCopy.objects.values_list("sid", flat=True)) == [first]
    Renewal.objects.filter(pk=renewal.pk).update(copy_sid=first)
    assert first not in ops.get(LIST).content.decode()
    assert "No stray copy is known." in ops.get(LIST).content.decode()


def test_the_page_of_a_renewal_has_its_own(world: World, ops: Client) -> None:
    renewal = world.prepared(KEY)
    case = reverse("admin:compliance_renewal_change", args=[renewal.pk])
    assert "They have not been listed yet." in ops.get(case).content.decode()
    spare = stray(world, f"Acme {renewal.tag}")
    look(world)
    assert spare in ops.get(case).content.decode()


def test_what_the_reviewer_has_is_not_offered(world: World, ops: Client) -> None:
    renewal = world.prepared(KEY)
    renewal.bundle.stray_copies.create(
        sid="BU1", status="in-review", is_ours=True, mark=renewal.reference, found_at=world.clock()
    )
    page = ops.get(LIST).content.decode()
    assert "Twilio allows nothing with it while it is in-review." in page
    assert "copy=BU1" not in page


def test_silence_of_twilio_is_noted_and_the_list_stays(world: World, ops: Client) -> None:
    renewal = world.prepared(KEY)
    renewal.bundle.stray_copies.create(sid="BU1", is_ours=True, found_at=world.clock())
    world.fault("status", status=503)
    look(world)
    assert StrayCopy.objects.count() == 1
    assert main_account().unreachable_since is not None
    assert Bundle.objects.filter(copies_read_at__isnull=False).count() == 0


def test_many_cost_no_more_queries_than_few(ops: Client) -> None:
    now, acme = timezone.now(), make_customer("Acme GmbH")

    def cost(count: int) -> int:
        for _each in range(count):
            renewal = german_renewal(acme, now=now)
            renewal.bundle.stray_copies.create(sid=sid("BU"), is_ours=True, found_at=now)
        ops.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            ops.get(LIST)
        return len(queries)

    few = cost(2)
    assert cost(12) == few
