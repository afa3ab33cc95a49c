"""The list of registrations."""

from datetime import timedelta

from compliance.models import Membership, Renewal
from tests.factories import (
    ALL_FINE,
    german_renewal,
    make_account,
    make_bundle,
    make_customer,
    make_renewal,
)
from tests.journey.states.state import NOBODY, Stage, state

HEADING = "Your registrations"


@state("home-none", heading=HEADING, sees="No registrations yet", role=NOBODY)
def _none(stage: Stage) -> str:
    return "/"


@state("home-fine", heading=HEADING, sees="Everything is up to date")
def _fine(stage: Stage) -> str:
    account = make_account(polled_at=stage.now)
    make_renewal(
        make_bundle(stage.customer, now=stage.now, account=account), now=stage.now,
        state="completed",
    )  # fmt: skip
    return "/"


@state(
    "home-due",
    heading=HEADING,
    sees="1 registration needs your attention",
    button="Update registration",
)
def _due(stage: Stage) -> str:
    german_renewal(stage.customer, now=stage.now)
    return "/"


@state(
    "home-several",
    heading=HEADING,
    sees="We cannot fetch the latest status right now.",
    button="See what to change",
)
def _several(stage: Stage) -> str:
    now, acme = stage.now, stage.customer
    other = make_customer("Ackermann und Tochter Gesellschaft mit beschraenkter Haftung")
    Membership.objects.create(user=stage.user, customer=other, role=Membership.Role.EDITOR)
    german_renewal(acme, now=now, state="rejected", results=ALL_FINE, days=1, rejections=1)
    german_renewal(acme, now=now, state="ready", results=ALL_FINE)
    german_renewal(other, now=now, days=30)
    german_renewal(other, now=now, state="in_review", results=ALL_FINE)
    german_renewal(acme, now=now, state="approved", results=ALL_FINE)
    away = make_account(unreachable_since=now - timedelta(minutes=20))
    bundle = make_bundle(
        acme, now=now, days=12, account=away, numbers=[f"+49309018{n:02}" for n in range(7)]
    )
    make_renewal(bundle, now=now, state=Renewal.State.DETECTED, results=None)
    make_bundle(other, now=now, days=-2)
    make_renewal(make_bundle(acme, now=now), now=now, state="completed")
    return "/"
