"""P2: the page of a form with 14 fields of which none is right, and the fragment that a waiting
page asks for again and again; against the least that a signed-in person can be answered."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from compliance.models import Renewal
from tests.bench import world
from tests.bench.figures import Figure, compared, counted, in_turn
from tests.bench.floors import hello as floor
from tests.bench.row import Bench, Row
from tests.factories import (
    EVERY_KIND,
    accepted,
    failing,
    german_renewal,
    make_bundle,
    make_customer,
    make_item,
    make_regulation,
    make_renewal,
    result,
)

# Beside one field of each kind.
MORE = (
    ("last_name", "Last Name"),
    ("business_name", "Business Name"),
    ("business_registration_number", "Business Registration Number"),
    ("business_website", "Business Website"),
    ("business_registration_authority", "Business Registration Authority"),
    ("business_identity", "Business Identity"),
)


@dataclass(frozen=True)
class Size:
    times: int


def run(bench: Bench, size: Size) -> Iterator[Figure]:
    now = timezone.now()
    world.main_account()
    acme = make_customer()
    ada = world.signed_in(world.editor_of(acme))
    form = reverse("task", args=[_all_wrong(acme).reference, "details"])
    page = ada.get(form).content.decode()
    fields = page.count('<div class="field">')
    assert fields >= 14, fields
    moving = german_renewal(acme, now=now, state=Renewal.State.IN_REVIEW)
    status = reverse("registration-status", args=[moving.reference])
    assert "data-hx-get" in ada.get(status).content.decode()
    with override_settings(ROOT_URLCONF=floor.__name__):
        for what, address, at_most in (
            ("form with 14 failing fields: CPU, against a signed-in hello", form, 4),
            ("status fragment: CPU, against a signed-in hello", status, 1.5),
        ):
            ours, hellos = in_turn(
                lambda address=address: ada.get(address),
                lambda: ada.get(floor.ADDRESS),
                rounds=bench.rounds,
                times=size.times,
                clock=time.process_time,
            )
            yield compared(what, ours, hellos, unit="s", at_most=at_most)
            yield counted(
                f"{what.partition(':')[0]}: queries", _queries(ada, address), unit="queries"
            )


def _all_wrong(customer: object) -> Renewal:
    now = timezone.now()
    rule = dict(EVERY_KIND["end_user"][0])
    more = accepted("individual", "", *MORE)
    rule["fields"] = [*rule["fields"], *more["fields"]]
    rule["detailed_fields"] = [*rule["detailed_fields"], *more["detailed_fields"]]
    rules = {"end_user": [rule], "supporting_document": []}
    regulation = make_regulation(rules, country="AU", end_user_type="individual")
    bundle = make_bundle(customer, now=now, days=20, regulation=regulation)
    wrong = [failing(name, name.replace("_", " ").title()) for name in rule["fields"]]
    renewal = make_renewal(
        bundle,
        now=now,
        results=[
            result("individual_info", "individual", "Your details", code=22214, invalid=wrong)
        ],
    )
    make_item(renewal, "individual", dict.fromkeys(rule["fields"], ""))
    return renewal


def _queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return len(captured)


ROW = Row(
    name="P2",
    title="a form, and the fragment of a waiting page",
    run=run,
    full=Size(times=30),
    smoke=Size(times=1),
)
