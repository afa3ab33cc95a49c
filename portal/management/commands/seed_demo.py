"""Fills the demo: its people, its companies, and renewals at every stage.

Everything goes the way that it goes in earnest: the bundles are read from the sandbox, and those
that are under way were sent to its reviewer. Run again, it leaves alone what is there.
"""

import time
from typing import Any

import requests
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from compliance import sync, workflow
from compliance.models import Account, Customer, Membership, Renewal, User
from compliance.sandbox import seed

OPS = "ops@demo.example"
# Company: time zone, editors, its own subaccount.
CAST: dict[str, tuple[str, dict[str, str], str]] = {
    "Acme GmbH": (
        "Europe/Berlin",
        {"ada@acme.example": "Ada Stern", "bea@acme.example": "Bea Mond"},
        "",
    ),
    "Atelier Lumiere SARL": ("Europe/Paris", {"zoe@lumiere.example": "Zoe Martin"}, ""),
    "Mia Wilson": ("Australia/Sydney", {"mia@wilson.example": "Mia Wilson"}, ""),
    "Harbour Cafe Ltd": (
        "Europe/London",
        {"owen@harbour.example": "Owen Byrne"},
        seed.SUBACCOUNT_SID,
    ),
    "Kite & Co": ("Europe/London", {"kim@kite.example": "Kim Kite"}, ""),
}
VIEWERS = {"bea@acme.example"}

PATIENCE_SECONDS = 60
State = Renewal.State


class Command(BaseCommand):
    help = "Fills the demo's database from the sandbox. Refuses to run outside of the demo."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO or not settings.TWILIO_BASE_URL:
            raise CommandError(
                "seed_demo writes invented customers: it runs with DEMO=true and TWILIO_BASE_URL "
                "set to the sandbox only."
            )
        fresh = not Customer.objects.exists()
        self._people()
        self._await_the_sandbox()
        sync.discover(now=timezone.now())
        self._own_subaccounts()
        sync.sync(now=timezone.now())
        for pk in Renewal.objects.open().values_list("pk", flat=True):
            workflow.advance(pk)
        if fresh:
            self._under_way()

    def _people(self) -> None:
        if not User.objects.filter(email=OPS).exists():
            User.objects.create_superuser(OPS, name="Olga Ops")
        for name, (time_zone, people, _) in CAST.items():
            customer, _created = Customer.objects.get_or_create(
                name=name, defaults={"time_zone": time_zone}
            )
            for email, person in people.items():
                user = User.objects.filter(email=email).first() or User.objects.create_user(
                    email, name=person
                )
                role = Membership.Role.VIEWER if email in VIEWERS else Membership.Role.EDITOR
                Membership.objects.get_or_create(
                    user=user, customer=customer, defaults={"role": role}
                )

    def _own_subaccounts(self) -> None:
        for name, (_, _people, account_sid) in CAST.items():
            account = Account.objects.filter(sid=account_sid).first() if account_sid else None
            if account is not None:
                Customer.objects.filter(name=name, account=None).update(account=account)

    def _under_way(self) -> None:
        """One is being checked, one came back with a remark, one is approved and held up."""
        waiting = self._sent("being checked")
        self._sandbox(f"bundles/{waiting.copy_sid}/in-review")
        refused = self._sent("changes needed")
        document = refused.items.filter(type="power_of_attorney").first()
        self._sandbox(
            f"bundles/{refused.copy_sid}/reject",
            reason="One of the documents can't be accepted.",
            documents=[
                {
                    "sid": document.sid if document else "",
                    "code": 18002,
                    "reason": "The second page is too dark to read.",
                }
            ],
        )
        self._look(refused)
        held_up = self._sent("finishing")
        self._sandbox(f"bundles/{held_up.copy_sid}/approve")
        self._sandbox(
            "faults",
            kind="status",
            method="POST",
            path=f"{held_up.bundle.sid}/ReplaceItems",
            status=503,
        )
        self._look(held_up)

    def _sent(self, stage: str) -> Renewal:
        """Sent by the first of its people who may, and arrived at the reviewer."""
        sid = seed.BUNDLES[seed.ON_THE_WAY[stage]]
        renewal = self._come_to(Renewal.objects.get(bundle__sid=sid), State.READY)
        by = User.objects.filter(customers__bundles__renewals=renewal).order_by("pk")[0]
        workflow.send(renewal, by=by, now=timezone.now())
        return self._come_to(renewal, State.IN_REVIEW)

    def _look(self, renewal: Renewal) -> None:
        Renewal.objects.filter(pk=renewal.pk).update(next_look_at=timezone.now())
        workflow.advance(renewal.pk)

    def _come_to(self, renewal: Renewal, state: str) -> Renewal:
        """Help it along to this state. A worker may be at it too: nothing moves here meanwhile."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while renewal.state != state:
            if time.monotonic() > give_up:
                raise CommandError(
                    f"{renewal.reference} is {renewal.state} and did not come to be {state} within "
                    f"{PATIENCE_SECONDS} seconds. Is the sandbox still running?"
                )
            workflow.advance(renewal.pk)
            renewal = Renewal.objects.get(pk=renewal.pk)
            time.sleep(0.05)
        return renewal

    def _await_the_sandbox(self) -> None:
        """It may be starting at the same time."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                requests.get(settings.TWILIO_BASE_URL, timeout=10)
            except requests.RequestException as error:
                if time.monotonic() > give_up:
                    raise CommandError(f"The sandbox does not answer: {error}") from None
                time.sleep(0.05)
            else:
                return

    def _sandbox(self, what: str, /, **values: Any) -> None:
        response = requests.post(
            f"{settings.TWILIO_BASE_URL}/sandbox/{what}", json=values, timeout=10
        )
        response.raise_for_status()
