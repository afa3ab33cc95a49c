"""What customers are told: the mails of a renewal over real HTTP, and their words on rows made by
hand.
"""

from typing import Any

from django.core import mail

from compliance import notifications, tasks
from compliance.models import Chain, Event, Mail, Membership, Renewal, User
from tests import factories
from tests.notifications.telling import Result, State, at, found, german, subjects
from tests.record import rewritable
from tests.world import World


def test_a_renewal_is_told_from_the_first_mail_to_up_to_date(world: World) -> None:
    world.people()
    Membership.objects.exclude(user__email="zoe@lumiere.example").update(mails=False)
    world.sync()
    key = "lumiere-fr-local"

    def tell() -> list[str]:
        notifications.tell(now=world.clock())
        return [subject.partition(" by ")[0] for subject in subjects()]

    assert tell() == []
    world.work(key)
    with rewritable():
        Event.objects.exclude(renewal=world.renewal(key)).delete()
    Chain.objects.exclude(renewal=world.renewal(key)).delete()
    Renewal.objects.exclude(pk=world.renewal(key).pk).delete()
    assert tell() == ["Please update your phone registration for France"]
    assert tell() == []
    world.answer_all(key)
    assert tell() == []
    world.submit(key)
    assert tell() == []
    renewal = world.work(key)
    assert tell() == ["Sent for checking: your phone registration for France"]
    copy = world.at_twilio(renewal.copy_sid)
    refused = next(d["sid"] for d in copy["documents"] if d["type"] == "power_of_attorney")
    verdict = {"sid": refused, "code": 18002, "reason": "Madame Martin's name is not readable."}
    world.control(f"bundles/{renewal.copy_sid}/reject", reason="", documents=[verdict])
    world.look(key)
    notifications.tell(now=world.clock())
    [changes] = mail.outbox
    assert "The document cannot be read." in changes.body
    assert "Martin" not in changes.body
    assert subjects() == ["Changes needed to your phone registration for France"]
    world.answer_all(key)
    assert tell() == []
    world.send(key)
    assert tell() == ["Sent for checking: your phone registration for France"]
    world.control(f"bundles/{renewal.copy_sid}/approve")
    assert world.look(key).state == State.COMPLETED
    assert tell() == ["Your phone registration for France is up to date"]
    assert tell() == []
    assert not Mail.objects.exclude(result=Result.SENT).exists()


def test_the_task_tells_and_the_timetable_has_it(db: None, settings: Any) -> None:
    renewal, _ada = german(tasks.timezone.now())
    found(renewal, tasks.timezone.now())

    tasks.tell()

    assert len(mail.outbox) == 1
    entry = settings.CELERY_BEAT_SCHEDULE["tell"]
    assert entry["task"] == tasks.tell.name
    assert entry["options"]["expires"] < entry["schedule"]


# --- What it looks like -----------------------------------------------------------------------


def test_the_first_mail_says_what_why_how_long_by_when_and_what_if_not(db: None) -> None:
    renewal, _ada = german(at(10))
    found(renewal, at(10))

    notifications.tell(now=at(10))

    [message] = mail.outbox
    url = f"http://localhost:8000/r/{renewal.reference}/"
    assert message.to == ["ada@acme.example"]
    assert message.subject == "Please update your phone registration for Germany by 25 November"
    for words in (
        "This is about the registration of +49 30 901820.",
        "The rules for phone numbers in Germany have changed",
        "What we need from you: 2 details and 1 document (Proof of the business name).",
        "It takes about 10 minutes.",
        "Please send it by Wednesday 25 November 2026 (in 15 days), so that checking can finish "
        "before Monday 30 November 2026, 13:00 (Europe/Berlin).",
        "If not, the registration expires on 30 November",
        f"Update registration:\n{url}\n",
        "listed as a contact for Acme GmbH",
        "never ask for documents by e-mail",
    ):
        assert words in message.body
    [(html, kind)] = message.alternatives
    assert kind == "text/html"
    assert f'<a href="{url}"' in html
    assert "<table" not in html
    assert "<img" not in html


def test_the_html_says_the_same_words_as_the_plain_text(db: None) -> None:
    import html as entities
    import re

    renewal, _ada = german(at(10))
    found(renewal, at(10))

    notifications.tell(now=at(10))

    [message] = mail.outbox
    page = re.sub(r"<(head)>.*?</\1>|<[^>]*>", " ", message.alternatives[0][0], flags=re.DOTALL)
    said = set(entities.unescape(page).split())
    assert {word for word in message.body.split() if word != "--"} - said <= {
        "-",
        "registration:",
    }


def test_no_personal_data_is_in_a_mail(db: None) -> None:
    renewal, _ada = german(at(10), state=State.REJECTED, rejections=1, results=factories.ALL_FINE)
    item = renewal.items.get(type="commercial_registrar_excerpt")
    renewal.items.filter(pk=item.pk).delete()
    factories.make_item(
        renewal,
        item.type,
        {"business_name": "Acme GmbH"},
        refused_at=at(10),
        reason="Ada Ackermann is not on it.",
        codes=[18020],
        mime_type="application/pdf",
    )
    factories.make_event(renewal, "rejected", at=at(10))

    notifications.tell(now=at(10))

    [message] = mail.outbox
    everything = message.message().as_string()
    assert "Proof of the business name: The representative you named" in message.body
    for secret in ("Ackermann", "HRB 1234", "A registration"):
        assert secret not in everything


def test_a_mail_speaks_its_readers_language_and_the_companys_time_zone(db: None) -> None:
    renewal, ada = german(at(10))
    Membership.objects.filter(user=ada).update(role=Membership.Role.VIEWER)
    User.objects.filter(pk=ada.pk).update(language="de")
    renewal.bundle.customer.time_zone = "Australia/Sydney"  # type: ignore[union-attr]
    renewal.bundle.customer.save()  # type: ignore[union-attr]
    found(renewal, at(10))

    notifications.tell(now=at(10))

    [message] = mail.outbox
    assert "Deutschland" in message.subject
    assert "(Australia/Sydney)" in message.body
    assert '<html lang="de">' in message.alternatives[0][0]
