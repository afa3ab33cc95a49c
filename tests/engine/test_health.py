"""What a watchman is told."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from compliance.models import Renewal
from tests.world import World


def test_all_is_well_when_nothing_is_overdue(world: World, client: Client) -> None:
    world.prepared("acme-de-passes")
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_work_that_nobody_takes_is_seen(world: World, client: Client) -> None:
    renewal = world.prepared("acme-de-passes")
    Renewal.objects.filter(pk=renewal.pk).update(next_look_at=timezone.now() - timedelta(hours=1))
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.content == b"Work is due and no worker takes it.\n"


def test_work_that_support_has_paused_keeps_nobody_awake(world: World, client: Client) -> None:
    renewal = world.prepared("acme-de-passes")
    long_ago = timezone.now() - timedelta(hours=1)
    Renewal.objects.filter(pk=renewal.pk).update(next_look_at=long_ago, paused_at=long_ago)
    assert client.get("/healthz").status_code == 200
