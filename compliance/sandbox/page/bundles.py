"""The reviewer's desk: every bundle with its items, and the form for a verdict on it."""

import json
from datetime import datetime, timedelta

from markupsafe import Markup

from compliance.sandbox.clock import iso
from compliance.sandbox.page import html
from compliance.sandbox.records import WAITING, Account, Bundle, Document, Json
from compliance.sandbox.review_codes import REVIEW_CODES
from compliance.sandbox.state import State

_ORDER = {status: rank for rank, status in enumerate((*WAITING, "draft", "twilio-rejected"))}


def show(state: State) -> Markup:
    groups = [_account(state, account) for account in state.accounts.values()]
    return html.section("bundles", "Bundles", *groups)


def read(values: dict[str, str]) -> Json:
    """A verdict form's members as the control API takes them: a document counts as rejected when
    it got a code or a reason.
    """
    documents = [
        {"sid": sid, "code": values[f"code.{sid}"], "reason": values.get(f"reason.{sid}", "")}
        for sid in (name.removeprefix("code.") for name in values if name.startswith("code."))
        if values[f"code.{sid}"] or values.get(f"reason.{sid}")
    ]
    return {**values, "documents": documents}


def _account(state: State, account: Account) -> Markup:
    rows = [b for b in state.bundles.values() if b.account_sid == account.sid]
    latest = datetime.max.replace(tzinfo=state.clock.now().tzinfo)
    rows.sort(key=lambda row: (_ORDER.get(row.status, 9), row.valid_until or latest))
    title = Markup("<h3>{} {}</h3>").format(account.friendly_name, html.code(account.sid))
    return html.join([title, *(_bundle(state, row) for row in rows)])


def _bundle(state: State, bundle: Bundle) -> Markup:
    regulation = state.regulations[bundle.regulation_sid]
    summary = Markup('<span class="name">{}</span> {} <span class="when">{}</span>').format(
        bundle.friendly_name, html.badge(bundle.status), _when(state, bundle)
    )
    known = html.facts(
        [
            ("SID", html.code(bundle.sid)),
            ("Copy of", html.code(bundle.copy_of) if bundle.copy_of else ""),
            ("Rule", regulation.friendly_name),
            ("E-mail", bundle.email),
            ("Callback", bundle.status_callback),
            ("Rejected because", bundle.failure_reason),
            ("Numbers", ", ".join(number.phone_number for number in state.numbers_of(bundle))),
            ("Reviewer", "a person decides" if bundle.held else ""),
        ]
    )
    return html.fold(
        summary,
        known,
        *(_item(u.sid, f"End-User: {u.type}", u.attributes) for u in state.end_users_of(bundle)),
        _verdict(state, bundle),
        _deadline(bundle),
        anchor=bundle.sid,
        unfolded=bundle.status in WAITING,
    )


def _when(state: State, bundle: Bundle) -> str:
    if bundle.valid_until is None:
        return ""
    left = bundle.valid_until - state.clock.now()
    day = f"{bundle.valid_until.day} {bundle.valid_until:%B %Y}"
    if left <= timedelta(0):
        return f"was valid until {day}"
    days = -(-left // timedelta(days=1))
    return f"valid until {day}, {days} {'day' if days == 1 else 'days'}"


def _item(sid: str, title: str, attributes: Json, *more: Markup) -> Markup:
    values = [
        (name, value if isinstance(value, str) else json.dumps(value))
        for name, value in attributes.items()
    ]
    return Markup('<div class="item"><h4>{} {}</h4>{}{}</div>').format(
        title, html.code(sid), html.facts(values), html.join(more)
    )


def _verdict(state: State, bundle: Bundle) -> Markup:
    """Documents stand in the form, so that a rejection can name them."""
    action = f"bundles/{bundle.sid}"
    decides = bundle.status != "draft"
    documents = [_document(state, d, decides=decides) for d in state.documents_of(bundle)]
    if not decides:
        return html.join(documents)
    # Enter in a field presses the first button, which must not be the one that approves.
    leave = _button(action, "in-review", "Leave in review")
    buttons = [
        *([leave] if bundle.status in WAITING else []),
        _button(action, "reject", "Reject", "bad"),
        _button(action, "approve", "Approve", "good"),
        _button(action, "provisional", "Approve provisionally"),
    ]
    return html.form(
        f"{action}/reject",
        *documents,
        html.field("Reason for rejecting the bundle", "reason", hint="May stay empty"),
        Markup('<div class="buttons">{}</div>').format(html.join(buttons)),
        css="verdict",
    )


def _button(action: str, verb: str, words: str, css: str = "") -> Markup:
    return Markup('<button class="{}" formaction="/page/{}/{}">{}</button>').format(
        css, action, verb, words
    )


def _document(state: State, document: Document, *, decides: bool) -> Markup:
    title = f"{document.type}, {document.mime_type or 'no file'}"
    if document.size:
        title += f", {document.size:,} bytes"
    more = [html.facts([("Address", _address(state, sid)) for sid in document.addresses()])]
    more.append(html.badge(document.status))
    if document.file:
        more.append(Markup('<a href="/files/{}">Open the file</a>').format(document.sid))
    if document.failure_reason or document.errors:
        said = f"{document.failure_reason or ''} {json.dumps(document.errors or [])}"
        more.append(html.text(said, "trouble"))
    if decides:
        codes = {"": "no code"} | {str(c): f"{c} {words}" for c, words in REVIEW_CODES.items()}
        more.append(
            Markup('<div class="row">{}{}</div>').format(
                html.select("Reject with code", f"code.{document.sid}", codes),
                html.field("and reason", f"reason.{document.sid}"),
            )
        )
    return _item(document.sid, title, document.attributes, *more)


def _address(state: State, sid: str) -> str:
    row = state.addresses.get(sid)
    if row is None:
        return "deleted"
    return f"{row.customer_name}, {row.street}, {row.postal_code} {row.city}, {row.iso_country}"


def _deadline(bundle: Bundle) -> Markup:
    return html.form(
        f"bundles/{bundle.sid}/deadline",
        html.field(
            "Valid until (UTC; empty: no date)",
            "valid_until",
            (iso(bundle.valid_until) or "").removesuffix("Z"),
            kind="datetime-local",
        ),
        html.button("Set the date"),
        css="row",
    )
