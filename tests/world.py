"""The world in which the engine is tested: the sandbox, the demo's cast, and a clock.

Everything goes over real HTTP with the real SDK; only the setting of the base URL points it here.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import requests
from django.utils import timezone

from compliance import answers, sync, workflow
from compliance.accounts import connect, main_account
from compliance.gateway import Twilio
from compliance.models import Account, Bundle, Chain, Customer, Event, Membership, Renewal, User
from compliance.requirements import ADDRESS_FIELD, Field, Option, Task, addresses_in
from compliance.sandbox import Sandbox, seed
from tests.patience import PATIENCE
from tests.portal import specimens
from tests.record import rewritable

CAST = {
    "Acme GmbH": "ada@acme.example",
    "Atelier Lumiere SARL": "zoe@lumiere.example",
    "Mia Wilson": "mia@wilson.example",
    "Kite & Co": "kim@kite.example",
}
PLAUSIBLE: Mapping[str, str] = {
    "text": "Acme GmbH",
    "long-text": "We answer our customers' calls.",
    "email": "ada@acme.example",
    "phone": "+493023125001",
    "date": "1984-04-12",
    "country": "DE",
}
PLACES: Mapping[str, Mapping[str, str]] = {
    "AU": {
        "street": "15 Specimen Street",
        "city": "Sydney",
        "region": "NSW",
        "postal_code": "2000",
    },
    "DE": {"street": "Musterstr. 12", "city": "Berlin", "region": "Berlin", "postal_code": "10115"},
    "FR": {"street": "4 quai du Modele", "city": "Lyon", "region": "Rhone", "postal_code": "69002"},
    "GB": {
        "street": "7 Example Road",
        "city": "London",
        "region": "London",
        "postal_code": "N1 9GU",
    },
    "IE": {"street": "9 Pier Lane", "city": "Cork", "region": "Cork", "postal_code": "T12 AB34"},
    "JP": {
        "street": "1-2-3 Mihon",
        "city": "Chiyoda-ku",
        "region": "Tokyo",
        "postal_code": "100-0001",
    },
}


class World:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.ahead = timedelta()

    # --- Time -------------------------------------------------------------------------------

    def clock(self) -> datetime:
        return timezone.now() + self.ahead

    def later(self, **span: float) -> None:
        """Our own clock moves; the sandbox's stays."""
        self.ahead += timedelta(**span)

    # --- Twilio -----------------------------------------------------------------------------

    def control(self, what: str, /, **values: Any) -> Any:
        url = f"{self.sandbox.base_url}/sandbox/{what}"
        response = requests.post(url, json=values, timeout=PATIENCE)
        response.raise_for_status()
        return response.json()

    def at_twilio(self, sid: str) -> Any:
        """Everything about one bundle, from the sandbox itself; None if it is gone."""
        response = requests.get(f"{self.sandbox.base_url}/sandbox/bundles/{sid}", timeout=PATIENCE)
        if response.status_code == 404:
            return None
        response.raise_for_status()
        return response.json()

    def items_of(self, sid: str) -> set[str]:
        bundle = self.at_twilio(sid)
        return {item["sid"] for item in bundle["end_users"] + bundle["documents"]}

    def strays(self) -> set[str]:
        """End-Users and documents at Twilio that no bundle holds."""
        state = self.sandbox.state
        held = {assignment.object_sid for assignment in list(state.assignments.values())}
        return {*state.end_users, *state.documents} - held

    def requests(self) -> list[Any]:
        response = requests.get(f"{self.sandbox.base_url}/sandbox/requests", timeout=PATIENCE)
        found: list[Any] = response.json()["requests"]
        return found

    def made(self, method: str, ending: str) -> int:
        """How often Twilio has made something at such an address."""
        return sum(
            entry["method"] == method and entry["path"].endswith(ending) and entry["status"] == 201
            for entry in self.requests()
        )

    def submissions(self) -> int:
        return sum(
            entry["fields"].get("Status") == ["pending-review"] and entry["status"] == 200
            for entry in self.requests()
        )

    def fault(self, kind: str, **values: Any) -> None:
        self.control("faults", kind=kind, **values)

    def control_delete(self, what: str) -> None:
        requests.delete(f"{self.sandbox.base_url}/sandbox/{what}", timeout=PATIENCE)

    def clear_faults(self) -> None:
        self.control_delete("faults")

    def start_afresh(self, *, only: Collection[str] = tuple(seed.BUNDLES)) -> None:
        """A new day at Twilio, with ``only`` these bundles, and with us."""
        self.sandbox.reset()
        bundles = self.sandbox.state.bundles
        for sid in set(bundles) - {seed.BUNDLES[key] for key in only}:
            del bundles[sid]
        with rewritable():
            Event.objects.all().delete()
        Chain.objects.all().delete()
        Renewal.objects.all().delete()
        Bundle.objects.all().delete()
        self.ahead = timedelta()
        self.sync()
        self.control_delete("requests")

    # --- Us ---------------------------------------------------------------------------------

    def people(self) -> None:
        for name, email in CAST.items():
            customer = Customer.objects.create(name=name, time_zone="Europe/Berlin")
            user = User.objects.create_user(email)
            Membership.objects.create(user=user, customer=customer)

    def harbour(self) -> None:
        """The customer who has a subaccount of its own."""
        sync.discover(now=self.clock())
        customer = Customer.objects.create(
            name="Harbour Cafe Ltd", account=Account.objects.get(sid=seed.SUBACCOUNT_SID)
        )
        user = User.objects.create_user("owen@harbour.example")
        Membership.objects.create(user=user, customer=customer)

    def twilio(self) -> Twilio:
        """The main account, as somebody else might use it."""
        return connect(main_account())

    def poll(self) -> None:
        sync.poll(now=self.clock())

    def sync(self) -> None:
        sync.sync(now=self.clock())

    def renewal(self, key: str) -> Renewal:
        return Renewal.objects.select_related("bundle__regulation", "bundle__account").get(
            bundle__sid=seed.BUNDLES[key]
        )

    def work(self, key: str) -> Renewal:
        """What the worker does with one renewal when it is due."""
        workflow.advance(self.renewal(key).pk, clock=self.clock)
        return self.renewal(key)

    def prepared(self, key: str) -> Renewal:
        """From the deadline to the customer's turn."""
        self.people()
        self.sync()
        return self.work(key)

    def due(self, key: str) -> None:
        """As a callback or a poll would have it."""
        Renewal.objects.filter(pk=self.renewal(key).pk).update(next_look_at=self.clock())

    def look(self, key: str) -> Renewal:
        self.due(key)
        return self.work(key)

    def user(self, renewal: Renewal) -> User:
        assert renewal.bundle.customer is not None
        return renewal.bundle.customer.people.get()

    def save(
        self,
        key: str,
        task: Task,
        *,
        option: Option | None = None,
        file: bytes | None = None,
        **values: Any,
    ) -> None:
        renewal = self.renewal(key)
        option = option or task.options[0]
        earlier = renewal.answers.filter(task=task.key).first()
        answers.save(
            renewal,
            task=task,
            option=option,
            values={field.name: plausible(renewal, field) for field in option.fields} | values,
            file=self.scan(file) if option.needs_file else None,
            version=earlier.version if earlier else 0,
            by=self.user(renewal),
            now=self.clock(),
        )

    def scan(self, data: bytes | None = None) -> answers.File:
        return answers.File(name="scan.pdf", type="application/pdf", data=data or specimens.pdf())

    def answer_all(self, key: str) -> Renewal:
        """Do every task as proposed, one after the other, and let the worker deliver."""
        for task in answers.checklist_of(self.renewal(key)).tasks:
            self.save(key, task)
        return self.work(key)

    def submit(self, key: str) -> None:
        """The customer's click on Send."""
        renewal = self.renewal(key)
        workflow.send(renewal, by=self.user(renewal), now=self.clock())

    def send(self, key: str) -> Renewal:
        self.submit(key)
        return self.work(key)


def plausible(renewal: Renewal, field: Field) -> Any:
    """What somebody might enter there."""
    if field.kind == "choice":
        return field.choices[0]
    if field.name == ADDRESS_FIELD:
        known = addresses_in(answers.held_items(renewal))
        if known:
            return {"sid": known[0]}
        country = renewal.bundle.regulation.iso_country if renewal.bundle.regulation else "DE"
        return {"customer_name": "Mia Wilson", "iso_country": country, **PLACES[country]}
    return field.twin or field.value or PLAUSIBLE[field.kind]
