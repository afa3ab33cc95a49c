"""What the tests of mails have in common: a mail server, a month, and who is told."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from compliance.models import Event, Mail, Renewal, User
from tests import factories

Result, State = Mail.Result, Renewal.State
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


class Server(EmailBackend):
    """A mail server with a will of its own: what it raises, and when."""

    at_open: ClassVar[BaseException | None] = None
    at_send: ClassVar[BaseException | None] = None

    def open(self) -> bool:
        if Server.at_open:
            raise Server.at_open
        return True

    def send_messages(self, messages: Any) -> int:
        if Server.at_send:
            raise Server.at_send
        return super().send_messages(messages)


def subjects() -> list[str]:
    """What has been sent since the last time."""
    found = [message.subject for message in mail.outbox]
    mail.outbox.clear()
    return found


def at(day: int, hour: int = 12, minute: int = 0) -> datetime:
    """A moment of November 2026; the 10th is a Tuesday, like ``factories.noon``."""
    return factories.noon().replace(day=day, hour=hour, minute=minute)


def found(renewal: Renewal, now: datetime, **details: Any) -> Event:
    return factories.make_event(renewal, "needs-info", at=now, things=2, **details)


def german(now: datetime, *, days: float = 20, **fields: Any) -> tuple[Renewal, User]:
    customer = factories.make_customer()
    person = factories.make_user("ada@acme.example", customer=customer)
    return factories.german_renewal(customer, now=now, days=days, **fields), person
