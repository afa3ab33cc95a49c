"""Whatever stops a renewal or befalls it has a sentence for support that says what can be done."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance.models import Renewal, Stray, User
from compliance.wording.situations import EVENTS, STRAYS, TROUBLES, of_event, of_trouble
from tests import factories
from tests.pages.reading import words

ROOT = Path(__file__).resolve().parent.parent.parent / "compliance"
SOURCE = "\n".join(
    file.read_text(encoding="utf-8")
    for file in ROOT.rglob("*.py")
    if "wording" not in file.parts and "sandbox" not in file.parts
)


def test_each_trouble_that_can_be_has_a_sentence() -> None:
    raised = set(re.findall(r'(?:Trouble\(|_trouble\(case, |trouble=)"([a-z-]+)"', SOURCE))
    assert len(raised) >= 8
    assert raised - TROUBLES.keys() == set()
    assert {slug for slug in TROUBLES if not slug.startswith("refused-")} == raised


def test_each_sentence_about_an_event_is_about_one_that_there_is() -> None:
    known = {kind for kind in EVENTS if f'"{kind}"' in SOURCE}
    # That one comes with the borders between companies.
    assert EVENTS.keys() - known <= {"bundle-assigned"}


@pytest.mark.parametrize(
    "slug", [*TROUBLES, "refused-21628", "refused-0", "something-new-of-tomorrow"]
)
def test_it_says_what_to_do(slug: str) -> None:
    sentence = of_trouble(slug)
    assert re.search(r"[Rr]etry|[Ss]tart over|Put them right|Ask ", sentence), sentence


@pytest.mark.django_db
def test_the_page_of_the_renewal_says_it(client: Client) -> None:
    client.force_login(User.objects.create_superuser("ops@demo.example"))
    now: datetime = timezone.now()
    acme = factories.make_customer()
    renewal = factories.german_renewal(acme, now=now, state=Renewal.State.APPROVED)
    Renewal.objects.filter(pk=renewal.pk).update(trouble="refused-22229")
    factories.make_event(renewal, "copy-gone", at=now)
    shown = words(client.get(reverse("admin:compliance_renewal_change", args=[renewal.pk])))
    assert of_trouble("refused-22229") in shown
    assert of_event("copy-gone") in shown


@pytest.mark.django_db
def test_what_is_left_at_twilio_is_listed_with_what_to_do(client: Client) -> None:
    client.force_login(User.objects.create_superuser("ops@demo.example"))
    now: datetime = timezone.now()
    account = factories.make_account()
    for why in Stray.Why.values:
        Stray.objects.create(
            account=account, sid=factories.sid("RD"), why=why, found_at=now, seen_at=now
        )
    shown = words(client.get(reverse("admin:compliance_renewal_left_over")))
    assert set(STRAYS) == set(Stray.FOR_SUPPORT)
    assert [why for why in STRAYS if str(STRAYS[why]) not in shown] == []
    for stray in Stray.objects.all():
        assert (stray.sid in shown) == (stray.why in Stray.FOR_SUPPORT)
