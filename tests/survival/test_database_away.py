"""PostgreSQL is killed and comes back while web, worker and timetable run: pages say so, and all
three go on without being started anew."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import pytest
import requests

from compliance.models import Renewal
from compliance.sandbox import Sandbox, seed
from tests import servers, serving
from tests.conftest import cannot_run
from tests.serving import Portal
from tests.survival.waiting import await_, back, say
from tests.world import World

pytestmark = pytest.mark.processes

TOKEN = "only-for-tests-only-for-tests"
KEY = "acme-de-passes"
OPEN = """
from django.utils import timezone
from compliance import sync
from compliance.models import Customer, Membership, User
customer = Customer.objects.create(name="Acme GmbH")
Membership.objects.create(user=User.objects.create_user("ada@acme.example"), customer=customer)
sync.sync(now=timezone.now())
"""
SEND = f"""
from django.utils import timezone
from compliance import workflow
from compliance.models import Renewal, User
renewal = Renewal.objects.get(bundle__sid="{seed.BUNDLES[KEY]}")
workflow.send(renewal, by=User.objects.get(), now=timezone.now())
"""


@dataclass
class Cluster:
    """A PostgreSQL of the test's own, that it may kill, and a database in it."""

    server: servers.Server
    url: str


@pytest.fixture
def cluster() -> Cluster:
    try:
        server = servers.start_postgres()
    except servers.Missing as missing:
        cannot_run(str(missing))
    return Cluster(server, serving.migrated_database(server))


def test_the_portal_outlives_its_database(
    cluster: Cluster, running_portal: Callable[..., Portal], sandbox: Sandbox
) -> None:
    world = World(sandbox)
    portal = running_portal(
        database="sqlite", broker="redis", DATABASE_URL=cluster.url, OPERATIONS_TOKEN=TOKEN
    )
    run = ("shell", "--no-imports", "-c")
    portal.manage(*run, OPEN)
    await_(lambda: state_of(cluster) == Renewal.State.READY)
    pids = {name: process.pid for name, process in portal.processes.items()}

    cluster.server.kill()
    health = requests.get(f"{portal.base_url}/healthz", timeout=60)
    assert (health.status_code, health.text) == (503, "The database does not answer.\n")
    # A page that has to ask the database who is there.
    page = requests.get(portal.base_url, cookies={"session": "of-somebody"}, timeout=60)
    assert page.status_code == 503
    assert "Whatever you had saved before is safe." in page.text
    cluster.server.start()

    back(portal, "database killed", token=TOKEN)
    assert {name: process.pid for name, process in portal.processes.items()} == pids
    assert all(process.poll() is None for process in portal.processes.values())
    # This cluster commits asynchronously: what it did in its last moments may have to be done anew.
    await_(lambda: state_of(cluster) == Renewal.State.READY)
    began = time.monotonic()
    portal.manage(*run, SEND)
    await_(lambda: state_of(cluster) == Renewal.State.IN_REVIEW)
    say(f"sent {time.monotonic() - began:.1f} s after it was asked for")
    (copy_sid,) = world.at_twilio(seed.BUNDLES[KEY])["copies"]
    assert world.at_twilio(copy_sid)["status"] == "pending-review"


def state_of(cluster: Cluster) -> str:
    with psycopg.connect(cluster.url) as connection:
        row = connection.execute(
            "SELECT state FROM compliance_renewal r JOIN compliance_bundle b ON b.id = r.bundle_id"
            " WHERE b.sid = %s",
            [seed.BUNDLES[KEY]],
        ).fetchone()
    return str(row[0]) if row else ""
