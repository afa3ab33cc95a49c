"""Programmable Messaging of the 2010 API, as far as somebody may send an SMS. None is sent: what
was taken is kept for people and tests to look at.
"""

import re

from compliance.sandbox import sids
from compliance.sandbox.clock import rfc2822
from compliance.sandbox.context import Answer, Call
from compliance.sandbox.errors import Refusal
from compliance.sandbox.records import Json

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
_LONGEST = 1600


def create(call: Call, account_sid: str) -> Answer:
    """201 with the status *queued* (*accepted* behind a Messaging Service, which has yet to choose
    a sender). Refusals: 21604 no recipient, 21603 no sender, 21602 no body, 21617 a body that is
    too long, 21211 a recipient that is no number, 21606 a sender that is not the account's.
    """
    to, body = _given(call, "To", 21604), _given(call, "Body", 21602)
    service = call.form.get("MessagingServiceSid", "").strip()
    sender = "" if service else _given(call, "From", 21603)
    if not _E164.fullmatch(to):
        raise Refusal(21211, f"The 'To' number {to} is not a valid phone number")
    if len(body) > _LONGEST:
        raise Refusal(21617, f"The message body exceeds the limit of {_LONGEST} characters")
    if sender and not (_NAME.fullmatch(sender) or _owns(call, account_sid, sender)):
        raise Refusal(21606, f"The 'From' number {sender} is not a number of this account")
    sid, now = sids.new("SM"), rfc2822(call.state.clock.now())
    uri = f"/2010-04-01/Accounts/{account_sid}/Messages/{sid}"
    message: Json = {
        "account_sid": account_sid,
        "api_version": "2010-04-01",
        "body": body,
        "date_created": now,
        "date_sent": None,
        "date_updated": now,
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": sender or None,
        "messaging_service_sid": service or None,
        "num_media": "0",
        "num_segments": "0" if service else str(_segments(body)),
        "price": None,
        "price_unit": "USD",
        "sid": sid,
        "status": "accepted" if service else "queued",
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": to,
        "uri": f"{uri}.json",
    }
    call.state.messages.append(message)
    return Answer(message, 201)


def _given(call: Call, name: str, code: int) -> str:
    value = call.form.get(name, "").strip()
    if not value:
        raise Refusal(code, f"A '{name}' is required to send a message")
    return value


def _owns(call: Call, account_sid: str, number: str) -> bool:
    return any(
        row.account_sid == account_sid and row.phone_number == number
        for row in call.state.numbers.values()
    )


def _segments(body: str) -> int:
    """160 characters, or 70 beyond Latin; a message of several loses some of each to its header."""
    whole, part = (160, 153) if body.isascii() else (70, 67)
    return 1 if len(body) <= whole else -(-len(body) // part)
