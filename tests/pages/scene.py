"""Rows for a browser to look at, made inside a running portal: ``portal.manage("shell", ...)``
imports this. Prints what the test needs to know: Ada's session and each registration's reference.
"""

import io
import json
from datetime import timedelta

import pikepdf
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from compliance.answers.saving import bytes_of
from compliance.models import Answer, Customer, Renewal, User
from tests.factories import (
    ADDRESS_MISSING,
    ALL_FINE,
    DETAILS_FINE,
    EXTRACT_DIFFERS,
    german_renewal,
    made_for_it,
    make_answer,
    make_customer,
    make_event,
    make_item,
    make_user,
)

LONG_WORD = "Registergerichtsbezirksverwaltungsauszugsbestaetigung"


def build() -> None:
    now = timezone.now()
    acme = make_customer("Acme GmbH")
    ada = make_user("ada@acme.example", customer=acme)
    refused = german_renewal(acme, now=now, state="rejected", results=ALL_FINE, rejections=3)
    refused.items.get(type="commercial_registrar_excerpt").delete()
    make_item(
        refused,
        "commercial_registrar_excerpt",
        {"business_name": LONG_WORD},
        refused_at=now,
        reason=f"{LONG_WORD} is missing.",
        codes=[18002],
    )
    differing = (DETAILS_FINE, EXTRACT_DIFFERS, ADDRESS_MISSING)
    renewals = {
        "fixing": german_renewal(acme, now=now),
        "checking": german_renewal(acme, now=now),
        "plain": german_renewal(acme, now=now),
        "late": german_renewal(acme, now=now, days=1, results=differing),
        "ready": german_renewal(acme, now=now, state="ready", results=ALL_FINE),
        "reviewed": german_renewal(acme, now=now, state="in_review", results=ALL_FINE),
        "refused": refused,
    }
    made_for_it(renewals["late"], now=now)
    make_event(renewals["fixing"], "needs-info", at=now, things=2)
    make_answer(renewals["checking"], now=now)
    print(json.dumps({"session": session_of(ada), **references(renewals)}))  # noqa: T201


def a_company_of_many() -> None:
    """Ada's, with names as long as they get."""
    acme = Customer.objects.get(name="Acme GmbH")
    make_user(f"{LONG_WORD.lower()}@acme.example", name=LONG_WORD, customer=acme, role="viewer")


def settle(reference: str) -> None:
    """What a worker would bring about: the answers have arrived, and nothing is missing."""
    renewal = Renewal.objects.get(reference=reference)
    renewal.answers.update(state="delivered")
    Renewal.objects.filter(pk=renewal.pk).update(state="ready")


def forget(reference: str) -> None:
    """As if nothing had been answered or uploaded."""
    renewal = Renewal.objects.get(reference=reference)
    renewal.answers.all().delete()
    renewal.staged.all().delete()


def kept(reference: str, task: str) -> str:
    """The file of an answer in a few words."""
    answer = Answer.objects.get(renewal__reference=reference, task=task)
    with pikepdf.open(io.BytesIO(bytes_of(answer))) as document:
        turned = [int(sheet.get("/Rotate", 0)) for sheet in document.pages]
    staged = answer.renewal.staged.count()
    return f"{answer.file_name} {len(turned)} pages, turned {turned}, {staged} staged"


def grow_idle(session_key: str, **span: float) -> None:
    """Nobody has been there for so long."""
    session = SessionStore(session_key)
    session["started_at"] = session["seen_at"] = (timezone.now() - timedelta(**span)).timestamp()
    session.save()


def references(renewals: dict[str, Renewal]) -> dict[str, str]:
    return {name: renewal.reference for name, renewal in renewals.items()}


def session_of(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)
