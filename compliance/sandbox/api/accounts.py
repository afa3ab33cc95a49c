"""Accounts of the 2010 API. A main account sees itself and its subaccounts, with their tokens;
a subaccount sees itself.
"""

from compliance.sandbox import paging, sids
from compliance.sandbox.clock import rfc2822
from compliance.sandbox.context import Answer, Call
from compliance.sandbox.errors import invalid
from compliance.sandbox.records import Account, Json

STATUSES = ("active", "suspended", "closed")

_SUBRESOURCES = {
    "available_phone_numbers": "AvailablePhoneNumbers",
    "calls": "Calls",
    "conferences": "Conferences",
    "incoming_phone_numbers": "IncomingPhoneNumbers",
    "notifications": "Notifications",
    "outgoing_caller_ids": "OutgoingCallerIds",
    "recordings": "Recordings",
    "transcriptions": "Transcriptions",
    "addresses": "Addresses",
    "signing_keys": "SigningKeys",
    "connect_apps": "ConnectApps",
    "sip": "SIP",
    "authorized_connect_apps": "AuthorizedConnectApps",
    "usage": "Usage",
    "keys": "Keys",
    "applications": "Applications",
    "short_codes": "SMS/ShortCodes",
    "queues": "Queues",
    "messages": "Messages",
    "balance": "Balance",
}


def listing(call: Call) -> Answer:
    name, status = call.args.get("FriendlyName"), call.args.get("Status")
    rows = [
        row
        for row in call.state.accounts.values()
        if _is_visible(call, row)
        and (not name or row.friendly_name == name)
        and (not status or row.status == status)
    ]
    return paging.v2010(call, "accounts", rows, _render, "FriendlyName", "Status")


def create(call: Call) -> Answer:
    """A subaccount of the caller's."""
    now = call.state.clock.now()
    account = Account(
        sid=sids.new("AC"),
        friendly_name=call.form.get("FriendlyName") or f"SubAccount {now:%Y-%m-%d %H:%M}",
        auth_token=sids.new(""),
        owner_account_sid=call.account.sid,
        date_created=now,
        date_updated=now,
    )
    call.state.accounts[account.sid] = account
    return Answer(_render(account), 201)


def fetch(call: Call, sid: str) -> Answer:
    return Answer(_render(_visible(call, sid)))


def update(call: Call, sid: str) -> Answer:
    """FriendlyName and Status; a closed account stays closed."""
    account = _visible(call, sid)
    status = call.form.get("Status")
    if status is not None:
        if status not in STATUSES or account.sid == call.account.sid or account.status == "closed":
            raise invalid(f"The account's status cannot be set to {status}")
        account.status = status
    if "FriendlyName" in call.form:
        account.friendly_name = call.required("FriendlyName")
    account.date_updated = call.state.clock.now()
    return Answer(_render(account))


def _is_visible(call: Call, account: Account) -> bool:
    return call.account.sid in (account.sid, account.owner_account_sid)


def _visible(call: Call, sid: str) -> Account:
    account = call.state.accounts.get(sid)
    if account is None or not _is_visible(call, account):
        raise call.not_found()
    return account


def _render(row: Account) -> Json:
    root = f"/2010-04-01/Accounts/{row.sid}"
    return {
        "auth_token": row.auth_token,
        "date_created": rfc2822(row.date_created),
        "date_updated": rfc2822(row.date_updated),
        "friendly_name": row.friendly_name,
        "owner_account_sid": row.owner_account_sid,
        "sid": row.sid,
        "status": row.status,
        "subresource_uris": {name: f"{root}/{path}.json" for name, path in _SUBRESOURCES.items()},
        "type": row.type,
        "uri": f"{root}.json",
    }
