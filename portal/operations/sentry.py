"""Sends errors to Sentry if ``SENTRY_DSN`` names one, without anything that customers entered.

What is sent: the kind of an error, the way to it through the code, the name of the page or task,
the number of the request and the renewal's reference. What is not: bodies, cookies, headers,
addresses with their parameters, people, the values of variables, and the words of an error, which
can repeat what somebody typed.
"""

from typing import TYPE_CHECKING, Any

import sentry_sdk
from sentry_sdk.transport import Transport
from sentry_sdk.types import Event, Hint
from sentry_sdk.utils import BadDsn, Dsn

from compliance import trail

if TYPE_CHECKING:
    from sentry_sdk._types import DataCollectionUserOptions

LEFT_OUT = ("user", "extra", "breadcrumbs", "server_name", "modules", "request", "threads")
# Of the contexts only what the machine and the trace are.
CONTEXTS = ("trace", "runtime", "os")
# In the place of ``send_default_pii=False``; what else an integration adds is scrubbed below.
NOTHING: "DataCollectionUserOptions" = {
    "user_info": False,
    "cookies": {"mode": "off"},
    "http_headers": {"request": {"mode": "off"}},
    "http_bodies": [],
    "url_query_params": {"mode": "off"},
    "database_query_data": False,
    "queues": False,
    "stack_frame_variables": False,
}


def is_dsn(text: str) -> bool:
    try:
        Dsn(text)
    except BadDsn:
        return False
    return True


def start(dsn: str, *, transport: type[Transport] | Transport | None = None) -> None:
    """Nothing is sent without a usable address; ``manage.py check`` says what is wrong with it."""
    if not is_dsn(dsn):
        return
    sentry_sdk.init(
        dsn=dsn,
        transport=transport,
        data_collection=NOTHING,
        max_breadcrumbs=0,
        send_client_reports=False,
        auto_session_tracking=False,
        before_send=scrubbed,
    )


def scrubbed(event: Event, hint: Hint) -> Event:
    found: dict[str, Any] = {key: value for key, value in event.items() if key not in LEFT_OUT}
    contexts: dict[str, Any] = dict(found.get("contexts") or {})
    found["contexts"] = {name: contexts[name] for name in CONTEXTS if name in contexts}
    for error in (found.get("exception") or {}).get("values") or []:
        error["value"] = ""
        for frame in (error.get("stacktrace") or {}).get("frames") or []:
            frame.pop("vars", None)
    if "logentry" in found:
        # The sentence without what was put into it.
        found["logentry"] = {"message": found["logentry"].get("message", "")}
    found["tags"] = {
        "request_id": trail.request_id.get(),
        "renewal": trail.reference.get(),
    }
    return found  # type: ignore[return-value]  # a TypedDict cannot be made by key
