"""What is deleted at Twilio under our feet, and versions that meet: each ends where a person reads
what to do."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from compliance.models import Renewal
from compliance.sandbox import seed
from compliance.wording.situations import of_trouble
from tests.world import World

State = Renewal.State
KEY = "acme-de-passes"
TOKEN = "only-for-tests-only-for-tests"


def without_its_address(world: World, sid: str) -> None:
    state = world.sandbox.state
    with state.lock:
        for address in state.addresses_of(state.bundles[sid]):
            state.addresses.pop(address, None)


def test_a_bundle_whose_address_was_deleted_waits_for_a_person(world: World) -> None:
    """Error 22230: it can't be copied."""
    world.people()
    world.sync()
    without_its_address(world, seed.BUNDLES[KEY])
    renewal = world.work(KEY)
    assert (renewal.state, renewal.trouble) == (State.DETECTED, "refused-22230")
    assert "bring the address back" in of_trouble(renewal.trouble)
    assert world.at_twilio(seed.BUNDLES[KEY])["copies"] == []


def test_an_address_deleted_after_the_copy_is_asked_for_or_stays_with_a_person(
    world: World,
) -> None:
    renewal = world.prepared(KEY)
    without_its_address(world, renewal.copy_sid)
    renewal = world.send(KEY)
    # Nothing was sent that would be turned down for it.
    assert renewal.state == State.NEEDS_INFO or renewal.trouble
    assert world.at_twilio(renewal.copy_sid)["status"] == "draft"


@pytest.mark.django_db
def test_a_version_whose_migrations_are_under_way_takes_no_requests_yet(
    client: Client, settings: Any
) -> None:
    settings.OPERATIONS_TOKEN = TOKEN
    applied = "SELECT name FROM django_migrations WHERE app = 'compliance' ORDER BY id DESC"
    with connection.cursor() as cursor:
        cursor.execute(applied)
        (last,) = cursor.fetchone()
        cursor.execute(
            "DELETE FROM django_migrations WHERE app = 'compliance' AND name = %s", [last]
        )
    assert schema(client) == {
        "state": "behind",
        "age": None,
        "detail": "migrations that are not applied: 1",
    }


@pytest.mark.django_db
def test_a_version_beside_a_newer_ones_migrations_goes_on(client: Client, settings: Any) -> None:
    settings.OPERATIONS_TOKEN = TOKEN
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)",
            ["compliance", "9999_of_tomorrow", timezone.now()],
        )
    assert schema(client)["state"] == "ok"


def schema(client: Client) -> Any:
    answer = client.get("/readyz", headers={"Authorization": f"Bearer {TOKEN}"})
    found = answer.json()
    if found["parts"]["schema"]["state"] != "ok":
        assert answer.status_code == 503
    return found["parts"]["schema"]
