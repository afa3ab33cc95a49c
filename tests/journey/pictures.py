"""The rows behind the README's pictures, made inside a running portal: a company as it might be."""

from datetime import timedelta

from django.utils import timezone

from compliance import answers
from compliance.answers import File
from compliance.models import Bundle
from tests.factories import (
    ALL_FINE,
    german_renewal,
    make_answer,
    make_bundle,
    make_customer,
    make_event,
    make_regulation,
    make_renewal,
    make_user,
)
from tests.pages.scene import session_of


def build() -> dict[str, str]:
    """The session to look with, and the paths of the pages by the names of their pictures."""
    now = timezone.now()
    acme = make_customer("Acme GmbH")
    ada = make_user("ada@acme.example", name="Ada Ackermann", customer=acme)
    fixing = german_renewal(acme, now=now)
    make_event(fixing, "needs-info", at=now - timedelta(hours=3), things=2)
    for name in ("handelsregister-1.jpg", "handelsregister-2.jpg"):
        answers.stage(
            fixing, task="business_name_info", document="commercial_registrar_excerpt", by=ada,
            file=File(name=name, type="image/jpeg", data=140_000 * b"photo"), doubts=[], now=now,
        )  # fmt: skip
    ready = german_renewal(acme, now=now, days=34, state="ready", results=ALL_FINE)
    make_answer(ready, now=now, by=ada, state="delivered")
    sent = now - timedelta(hours=2)
    reviewed = german_renewal(
        acme, now=now, days=27, state="in_review", results=ALL_FINE, submitted_at=sent,
        looked_at=now - timedelta(minutes=4),
    )  # fmt: skip
    make_event(reviewed, "needs-info", at=now - timedelta(days=2), things=2)
    make_event(reviewed, "sent", at=sent, by=ada)
    for country in ("FR", "AU"):
        regulation = make_regulation(country=country)
        make_renewal(
            make_bundle(acme, now=now, regulation=regulation, numbers=["+33170189010"]),
            now=now,
            state="completed",
        )
    Bundle.objects.filter(pk=ready.bundle_id).update(numbers=["+498912345670"])
    Bundle.objects.filter(pk=reviewed.bundle_id).update(numbers=["+494012345670"])
    return {
        "session": session_of(ada),
        "home": "/",
        "registration": f"/r/{fixing.reference}/",
        "document": f"/r/{fixing.reference}/business_name_info/",
        "check": f"/r/{ready.reference}/send/",
        "being-checked": f"/r/{reviewed.reference}/",
    }
