"""A registration's page in each of its stages, and sending it."""

from datetime import datetime, timedelta
from typing import Any

from compliance.models import Renewal
from tests.factories import (
    ALL_FINE,
    COMPANY,
    DETAILS_OPEN,
    EXTRACT_FINE,
    german_renewal,
    make_account,
    make_answer,
    make_bundle,
    make_event,
    make_item,
    make_regulation,
    make_renewal,
)
from tests.journey.states.state import VIEWER, Stage, state

UPDATE = "Update your registration for Germany"
STANDS = "Your registration for Germany"
LONG_WORD = "Registergerichtsbezirksverwaltungsauszugsbestaetigung"


def registration(stage: Stage, **about: Any) -> Renewal:
    return german_renewal(stage.customer, now=stage.now, **about)


def complete(stage: Stage, state: str, **about: Any) -> Renewal:
    return registration(stage, state=state, results=ALL_FINE, **about)


def soon(stage: Stage) -> datetime:
    """As if just now, for as long as the walk takes."""
    return stage.now + timedelta(hours=1)


@state("preparing", heading=UPDATE, sees="Getting your form ready.")
def _preparing(stage: Stage) -> Renewal:
    bundle = make_bundle(stage.customer, now=stage.now, days=20)
    return make_renewal(
        bundle, now=stage.now, state="detected", results=None, opened_at=soon(stage)
    )


@state("preparing-slowly", heading=UPDATE, sees="This is taking longer than usual.")
def _preparing_slowly(stage: Stage) -> Renewal:
    bundle = make_bundle(stage.customer, now=stage.now, days=20)
    return make_renewal(bundle, now=stage.now, state="detected", results=None)


@state("fixing", heading=UPDATE, sees="Below is only what we still need", button="Business details")
def _fixing(stage: Stage) -> Renewal:
    renewal = registration(stage)
    make_event(renewal, "needs-info", at=stage.now, things=2)
    return renewal


@state("fixing-as-viewer", heading=UPDATE, sees="Below is only what we still need", role=VIEWER)
def _fixing_as_viewer(stage: Stage) -> Renewal:
    return registration(stage)


@state("late", heading=UPDATE, sees="It is later than we recommend", button="Business details")
def _late(stage: Stage) -> Renewal:
    return registration(stage, days=1)


@state("expired-open", heading=UPDATE, sees="This registration expired", button="Business details")
def _expired_open(stage: Stage) -> Renewal:
    return registration(stage, days=-1)


@state("expired", heading=STANDS, sees="This registration expired")
def _expired(stage: Stage) -> Renewal:
    bundle = make_bundle(stage.customer, now=stage.now, days=-3)
    return make_renewal(bundle, now=stage.now, state="cancelled")


@state("expired-by-hand", heading=STANDS, sees="We need to do one step by hand")
def _expired_by_hand(stage: Stage) -> Renewal:
    bundle = make_bundle(stage.customer, now=stage.now, days=-1)
    return make_renewal(bundle, now=stage.now, state="detected", results=None, trouble="no-copy")


@state("away", heading=UPDATE, sees="We cannot fetch the latest status", button="Business details")
def _away(stage: Stage) -> Renewal:
    renewal = registration(stage)
    renewal.bundle.account = make_account(unreachable_since=stage.now - timedelta(minutes=9))
    renewal.bundle.save()
    return renewal


@state("checking", heading=UPDATE, sees="We are checking them now")
def _checking(stage: Stage) -> Renewal:
    renewal = registration(stage)
    make_answer(renewal, now=stage.now, by=stage.user)
    return renewal


@state("gone-wrong", heading=UPDATE, sees="has not gone through yet", button="Business details")
def _gone_wrong(stage: Stage) -> Renewal:
    renewal = registration(stage, trouble="not-delivered")
    make_answer(renewal, "business_name_info", now=stage.now, by=stage.user)
    return renewal


@state("ready", heading=UPDATE, sees="Everything is complete", button="Check and send")
def _ready(stage: Stage) -> Renewal:
    renewal = complete(stage, "ready")
    make_answer(renewal, now=stage.now, by=stage.user, state="delivered")
    return renewal


@state("ready-at-once", heading=UPDATE, sees="already meet the new rules", button="Check and send")
def _ready_at_once(stage: Stage) -> Renewal:
    return complete(stage, "ready")


@state("ready-as-viewer", heading=UPDATE, sees="Only an editor of your company", role=VIEWER)
def _ready_as_viewer(stage: Stage) -> Renewal:
    return complete(stage, "ready")


@state("offers", heading=UPDATE, sees="Use it there too", button="Use it where ticked")
def _offers(stage: Stage) -> Renewal:
    renewal = complete(stage, "ready")
    make_answer(renewal, now=stage.now, state="delivered", by=stage.user)
    fields = ["business_registration_number", "email"]
    make_event(renewal, "answer-saved", at=stage.now, by=stage.user, task="details", fields=fields)
    elsewhere = make_bundle(
        stage.customer, now=stage.now, days=20, regulation=make_regulation(country="FR")
    )
    other = make_renewal(elsewhere, now=stage.now, results=(DETAILS_OPEN, EXTRACT_FINE))
    make_item(other, "business", {**COMPANY, "business_registration_number": "", "email": ""})
    return renewal


@state("reviewing", heading=STANDS, sees="Your update is being checked.")
def _reviewing(stage: Stage) -> Renewal:
    looked = stage.now - timedelta(minutes=5)
    return complete(stage, "in_review", submitted_at=stage.now, looked_at=looked)


@state("reviewing-slowly", heading=STANDS, sees="This is taking longer than usual.")
def _reviewing_slowly(stage: Stage) -> Renewal:
    return complete(stage, "in_review", submitted_at=stage.now - timedelta(days=4))


@state("provisional", heading=STANDS, sees="Provisionally approved.")
def _provisional(stage: Stage) -> Renewal:
    return complete(stage, "in_review", copy_status="provisionally-approved")


def refused(stage: Stage, code: int = 18002, **about: Any) -> Renewal:
    renewal = complete(stage, "rejected", **about)
    renewal.items.get(type="commercial_registrar_excerpt").delete()
    make_item(
        renewal,
        "commercial_registrar_excerpt",
        {"business_name": LONG_WORD},
        refused_at=stage.now,
        reason=f"{LONG_WORD} is missing.",
        codes=[code],
    )
    return renewal


@state("changes", heading=UPDATE, sees="One document was not accepted.", button="Proof of the")
def _changes(stage: Stage) -> Renewal:
    return refused(stage, rejections=1)


@state("changes-third", heading=UPDATE, sees="Would it help to talk it through?", button="Proof of")
def _changes_third(stage: Stage) -> Renewal:
    return refused(stage, 29999, rejections=3)


@state("changes-unexplained", heading=UPDATE, sees="gave no details")
def _changes_unexplained(stage: Stage) -> Renewal:
    return complete(stage, "rejected", rejections=1)


@state("finishing", heading=STANDS, sees="We are updating your registration now.")
def _finishing(stage: Stage) -> Renewal:
    return complete(stage, "approved", submitted_at=stage.now, decided_at=soon(stage))


@state("finishing-slowly", heading=STANDS, sees="takes longer than usual")
def _finishing_slowly(stage: Stage) -> Renewal:
    return complete(stage, "approved", decided_at=stage.now - timedelta(hours=2))


@state("finishing-by-hand", heading=STANDS, sees="We need to do one step by hand.")
def _finishing_by_hand(stage: Stage) -> Renewal:
    return complete(stage, "approved", trouble="date-still-there")


@state("done", heading=STANDS, sees="Your registration is up to date")
def _done(stage: Stage) -> Renewal:
    bundle = make_bundle(stage.customer, now=stage.now)
    return make_renewal(bundle, now=stage.now, state="completed", submitted_at=stage.now)


# --- Sending ----------------------------------------------------------------------------------

CHECK = "Check your answers"
SEND = "Send for checking"


@state("send", heading=CHECK, sees="By sending you confirm", button=SEND, page="send/")
def _send(stage: Stage) -> Renewal:
    return complete(stage, "ready")


@state("send-late", heading=CHECK, sees="It is later than", button=SEND, page="send/")
def _send_late(stage: Stage) -> Renewal:
    return complete(stage, "ready", days=1)


@state("send-expired", heading=CHECK, sees="This registration expired", button=SEND, page="send/")
def _send_expired(stage: Stage) -> Renewal:
    return complete(stage, "ready", days=-1)


@state("send-as-viewer", heading=CHECK, sees="Only an editor", role=VIEWER, page="send/")
def _send_as_viewer(stage: Stage) -> Renewal:
    return complete(stage, "ready")


@state(
    "sent", heading="Sent for checking", sees="You do not need to do anything.",
    button="See the status", page="sent/",
)  # fmt: skip
def _sent(stage: Stage) -> Renewal:
    return complete(stage, "in_review", submitted_at=stage.now)


@state(
    "sent-too-early", heading=UPDATE, sees="It cannot be sent yet.", button="Business details",
    page="send/",
)  # fmt: skip
def _sent_too_early(stage: Stage) -> Renewal:
    return registration(stage)
