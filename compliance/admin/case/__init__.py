"""One renewal, as support reads it: what its customer sees, how far it is, what stands in the way,
and what has been said. Personal values are covered; ``reveal`` shows them, for a reason.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from compliance.admin.actions import actions_for
from compliance.admin.case.contents import contents
from compliance.admin.case.evaluation import findings
from compliance.admin.case.steps import steps
from compliance.admin.case.view import seen_by_customer
from compliance.admin.left_over import panel
from compliance.models import Event, Renewal
from compliance.models.record import SEALED_REASON
from compliance.wording.situations import of_event, of_trouble

EVENTS_SHOWN = 300


@dataclass(frozen=True, kw_only=True)
class Line:
    """One event of the timeline; ``says`` is what it means, where its kind does not say enough."""

    at: datetime
    kind: str
    says: str
    by: str
    details: str
    visible: bool


def context_of(request: HttpRequest, renewal: Renewal, *, now: datetime) -> dict[str, Any]:
    newest = renewal.events.select_related("by").order_by("-at", "-pk")
    events = rows_of(renewal, newest[:EVENTS_SHOWN])
    answers = rows_of(renewal, renewal.answers.select_related("saved_by").order_by("pk"))
    items = rows_of(renewal, renewal.items.order_by("pk"))
    may_reveal = request.user.has_perm("compliance.reveal_values")
    return {
        "renewal": renewal,
        "bundle": renewal.bundle,
        "customer": renewal.bundle.customer,
        "trouble": of_trouble(renewal.trouble),
        "ended": renewal.state in Renewal.ENDED,
        "seen": seen_by_customer(renewal, answers, now=now),
        "steps": steps(renewal, events, answers),
        "findings": findings(renewal),
        "contents": contents(renewal, items, answers),
        "notes": rows_of(renewal, renewal.notes.select_related("by").order_by("-at", "-pk")),
        "may_note": request.user.has_perm("compliance.add_note"),
        "mails": list(renewal.mails.select_related("recipient").order_by("-tried_at", "-pk")),
        "timeline": [_line(event) for event in events],
        "cut": len(events) == EVENTS_SHOWN,
        "actions": actions_for(request, renewal),
        "copies": panel(request, renewal),
        "reveal_url": reverse("admin:compliance_renewal_reveal", args=[renewal.pk])
        if may_reveal
        else "",
        "note_url": reverse("admin:compliance_renewal_note", args=[renewal.pk]),
        "now": now,
    }


def rows_of(renewal: Renewal, rows: Iterable[Any]) -> list[Any]:
    """What they hold is sealed under the renewal's key, which need not be read anew for each."""
    found = list(rows)
    for row in found:
        row.renewal = renewal
    return found


def _line(event: Event) -> Line:
    details = {**event.details, **({"reason": event.reason} if event.reason else {})}
    details.pop(SEALED_REASON, None)
    return Line(
        at=event.at,
        kind=event.kind,
        says=of_event(event.kind),
        by=str(event.by or gettext("system")),
        details=", ".join(
            f"{name}: {brief(value)}" for name, value in details.items() if value != ""
        ),
        visible=event.customer_visible,
    )


def brief(value: Any) -> str:
    """A digest or a long list would stretch the page."""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 60 or (" " in text and len(text) <= 200) else f"{text[:12]}..."
