"""The demo's mailbox: what was sent, to whomever, on a page. Outside of the demo it does not exist.

The mails lie in a folder, one file for each connection to the "mail server", as Django's file
backend writes them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

SHOWN = 30
LINE_BETWEEN = b"\n" + b"-" * 79 + b"\n"


@dataclass(frozen=True, kw_only=True)
class Sent:
    to: str
    subject: str
    text: str
    at: datetime


@login_not_required
@never_cache
@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    return render(request, "demo/mails.html", {"mails": newest_mails()})


def newest_mails() -> list[Sent]:
    folder = Path(getattr(settings, "EMAIL_FILE_PATH", None) or "/nowhere")
    files = sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    found: list[Sent] = []
    for file in files[:SHOWN]:
        at = datetime.fromtimestamp(file.stat().st_mtime, tz=UTC)
        messages = [part for part in file.read_bytes().split(LINE_BETWEEN) if part.strip()]
        found += [read(message, at) for message in reversed(messages)]
    return found[:SHOWN]


def read(message: bytes, at: datetime) -> Sent:
    parsed = message_from_bytes(message.lstrip(), EmailMessage, policy=policy.default)
    body = parsed.get_body(("plain",))
    return Sent(
        to=str(parsed["To"] or ""),
        subject=str(parsed["Subject"] or ""),
        text=str(body.get_content()).strip() if body is not None else "",
        at=at,
    )
