"""Hands a message over: by mail to the configured server, or by SMS to Twilio."""

import logging
import re
from datetime import datetime
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext

from compliance.accounts import connect, main_account
from compliance.gateway import Gone, Refused, Unavailable
from compliance.models import Mail
from compliance.notifications import ledger
from compliance.notifications.ledger import Claim

logger = logging.getLogger(__name__)

# After these it is certain that the message has not left. ValueError: an address or a header that
# no mail can have.
REFUSALS = (SMTPResponseException, SMTPRecipientsRefused, ConnectionRefusedError, ValueError)


def deliver(claimed: Claim, *, now: datetime) -> bool:
    """False if the other side is away: then the rest need not be tried just now."""
    if claimed.channel == Mail.Channel.SMS:
        return _text(claimed, now=now)
    return _mail(claimed, now=now)


def _mail(claimed: Claim, *, now: datetime) -> bool:
    """The connection comes first: what fails there has certainly not left."""
    mail = email(claimed)
    connection = get_connection()
    try:
        connection.open()
    except (SMTPException, OSError) as error:
        ledger.note_failure(claimed, _reason(error, claimed), for_good=False, now=now)
        logger.warning("the mail server is away: %s", type(error).__name__)
        return False
    try:
        connection.send_messages([mail])
    except REFUSALS as error:
        ledger.note_failure(claimed, _reason(error, claimed), for_good=False, now=now)
    except (SMTPException, OSError) as error:
        ledger.note_doubt(claimed, _reason(error, claimed))
        return False
    else:
        ledger.note_sent(claimed, now=now)
    finally:
        _close(connection)
    return True


def email(claimed: Claim) -> EmailMultiAlternatives:
    """Plain text and HTML with the same words."""
    message = claimed.message
    context = {"brand_name": settings.BRAND_NAME, "message": message}
    with translation.override(claimed.language):
        mail = EmailMultiAlternatives(
            subject=message.subject,
            body=f"{render_to_string('mail/message.txt', context).strip()}\n",
            to=[claimed.address],
            reply_to=[settings.SUPPORT_EMAIL],
            headers={
                "Auto-Submitted": "auto-generated",
                "Message-ID": f"<{claimed.token}@{urlsplit(settings.PUBLIC_URL).hostname}>",
            },
        )
        mail.attach_alternative(render_to_string("mail/message.html", context), "text/html")
    return mail


def _close(connection: object) -> None:
    try:
        connection.close()  # type: ignore[attr-defined]
    except (SMTPException, OSError):
        # The message is gone by then; a server that hangs up first is no trouble.
        logger.info("the mail server hung up")


def _reason(error: Exception, claimed: Claim) -> str:
    """The server's own words, without the address that a refusal repeats."""
    address = re.compile(re.escape(claimed.address), re.IGNORECASE)
    return address.sub("...", _words(error))


def _words(error: Exception) -> str:
    if isinstance(error, SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()), (0, b""))
        return f"{code} {_text_of(said)}"
    if isinstance(error, SMTPResponseException):
        return f"{error.smtp_code} {_text_of(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"


def _text_of(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said


def _text(claimed: Claim, *, now: datetime) -> bool:
    """One SMS in the words of the subject. After a call without an answer it is left at that."""
    with translation.override(claimed.language):
        body = gettext("%(brand)s: %(subject)s. %(link)s") % {
            "brand": settings.BRAND_NAME,
            "subject": claimed.message.subject,
            "link": claimed.message.url,
        }
    try:
        connect(main_account()).send_message(
            to=claimed.address, sender=settings.SMS_FROM, body=body
        )
    except (Refused, Gone) as error:
        # About this number; others may be fine.
        ledger.note_failure(claimed, f"Twilio: {error}", for_good=True, now=now)
        return True
    except Unavailable as error:
        if error.cause in ("limit", "credentials", "busy"):
            ledger.note_failure(claimed, f"Twilio: {error}", for_good=False, now=now)
        else:
            ledger.note_doubt(claimed, f"Twilio: {error}")
        return False
    else:
        ledger.note_sent(claimed, now=now)
    return True
