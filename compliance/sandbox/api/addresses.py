"""Addresses of the 2010 API, with a validation that is as unforgiving as the real one."""

import re

from compliance.sandbox import paging, sids
from compliance.sandbox.api import numbers
from compliance.sandbox.clock import rfc2822
from compliance.sandbox.context import NO_CONTENT, Answer, Call
from compliance.sandbox.errors import Refusal, invalid
from compliance.sandbox.records import Address, Json

_POSTAL_CODES = {
    "AU": r"\d{4}",
    "DE": r"\d{5}",
    "EE": r"\d{5}",
    "FR": r"\d{5}",
    "GB": r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}",
    "IE": r"[A-Z]\d[\dW] [A-Z\d]{4}",
    "JP": r"\d{3}-\d{4}",
    "US": r"\d{5}(-\d{4})?",
}
_FIELDS = {
    "CustomerName": "customer_name",
    "Street": "street",
    "City": "city",
    "Region": "region",
    "PostalCode": "postal_code",
}


def create(call: Call, account_sid: str) -> Answer:
    """All parts are required; 21628 when the address cannot be true, 21629 when a corrected one
    may not be stored without asking.
    """
    parts = {attribute: call.required(name) for name, attribute in _FIELDS.items()}
    country = call.required("IsoCountry").upper()
    if not re.fullmatch(r"[A-Z]{2}", country):
        raise invalid("IsoCountry must be a country's code of two letters")
    parts = _validated(call, country, parts)
    now = call.state.clock.now()
    address = Address(
        sid=sids.new("AD"),
        account_sid=account_sid,
        iso_country=country,
        friendly_name=_friendly_name(call),
        street_secondary=call.form.get("StreetSecondary") or None,
        emergency_enabled=call.boolean(call.form, "EmergencyEnabled") or False,
        date_created=now,
        date_updated=now,
        customer_name=parts["customer_name"],
        street=parts["street"],
        city=parts["city"],
        region=parts["region"],
        postal_code=parts["postal_code"],
    )
    call.state.addresses[address.sid] = address
    return Answer(_render(call, address), 201)


def listing(call: Call, account_sid: str) -> Answer:
    args, emergency = call.args, call.boolean(call.args, "EmergencyEnabled")
    country = args.get("IsoCountry", "").upper()
    rows = [
        row
        for row in reversed(call.state.addresses.values())
        if row.account_sid == account_sid
        and (not args.get("CustomerName") or row.customer_name == args["CustomerName"])
        and (not args.get("FriendlyName") or row.friendly_name == args["FriendlyName"])
        and (emergency is None or row.emergency_enabled == emergency)
        and (not country or row.iso_country == country)
    ]
    filters = ("CustomerName", "FriendlyName", "EmergencyEnabled", "IsoCountry")
    return paging.v2010(call, "addresses", rows, lambda row: _render(call, row), *filters)


def fetch(call: Call, account_sid: str, sid: str) -> Answer:
    return Answer(_render(call, _own(call, account_sid, sid)))


def update(call: Call, account_sid: str, sid: str) -> Answer:
    """21630 once a document with this address was approved. The country cannot change."""
    address = _own(call, account_sid, sid)
    if _is_verified(call, address):
        raise Refusal(21630, "The address belongs to a verified document and cannot be changed")
    parts = {
        attribute: call.required(name) if name in call.form else getattr(address, attribute)
        for name, attribute in _FIELDS.items()
    }
    for attribute, value in _validated(call, address.iso_country, parts).items():
        setattr(address, attribute, value)
    if "FriendlyName" in call.form:
        address.friendly_name = _friendly_name(call)
    if "StreetSecondary" in call.form:
        address.street_secondary = call.form["StreetSecondary"] or None
    emergency = call.boolean(call.form, "EmergencyEnabled")
    address.emergency_enabled = address.emergency_enabled if emergency is None else emergency
    address.date_updated = call.state.clock.now()
    return Answer(_render(call, address))


def delete(call: Call, account_sid: str, sid: str) -> Answer:
    """A bundle that points to it can then no longer be copied (22230)."""
    del call.state.addresses[_own(call, account_sid, sid).sid]
    return NO_CONTENT


def dependent_numbers(call: Call, account_sid: str, sid: str) -> Answer:
    address = _own(call, account_sid, sid)
    rows = [n for n in call.state.numbers.values() if n.address_sid == address.sid]
    return paging.v2010(call, "dependent_phone_numbers", rows, numbers.render_dependent)


def _own(call: Call, account_sid: str, sid: str) -> Address:
    address = call.state.addresses.get(sid)
    if address is None or address.account_sid != account_sid:
        raise call.not_found()
    return address


def _friendly_name(call: Call) -> str | None:
    name = call.form.get("FriendlyName") or None
    if name is not None and len(name) > 64:
        raise invalid("FriendlyName of an address takes 64 characters at most")
    return name


def _validated(call: Call, country: str, parts: dict[str, str]) -> dict[str, str]:
    """The address as it is stored. Twilio corrects what it can unless told not to."""
    pattern = _POSTAL_CODES.get(country)
    right = dict(parts, postal_code=_tidy_postal_code(country, parts["postal_code"]))
    if sum(letter.isalpha() for letter in right["street"]) < 2:
        raise Refusal(21628, "The address could not be validated: the street is not complete")
    if pattern and not re.fullmatch(pattern, right["postal_code"]):
        raise Refusal(21628, f"The address could not be validated: bad postal code for {country}")
    dublin = re.match(r"D(\d\d) ", right["postal_code"]) if country == "IE" else None
    if dublin and "dublin" in right["city"].lower():
        right["city"] = f"Dublin {int(dublin[1])}"
    if right != parts and call.boolean(call.form, "AutoCorrectAddress") is False:
        better = ", ".join(right[name] for name in ("street", "city", "postal_code"))
        raise Refusal(21629, f"The address could not be validated. Did you mean: {better}?")
    return right


def _tidy_postal_code(country: str, text: str) -> str:
    plain = re.sub(r"[\s-]", "", text.upper())
    cuts = {"GB": (-3, " "), "IE": (3, " "), "JP": (3, "-")}
    if country in cuts and len(plain) > 4:
        at, mark = cuts[country]
        return plain[:at] + mark + plain[at:]
    return text.strip().upper()


def _is_verified(call: Call, address: Address) -> bool:
    return any(
        document.status in ("approved", "provisionally-approved")
        and address.sid in document.addresses()
        for document in call.state.documents.values()
    )


def _render(call: Call, row: Address) -> Json:
    return {
        "account_sid": row.account_sid,
        "city": row.city,
        "customer_name": row.customer_name,
        "date_created": rfc2822(row.date_created),
        "date_updated": rfc2822(row.date_updated),
        "emergency_enabled": row.emergency_enabled,
        "friendly_name": row.friendly_name,
        "iso_country": row.iso_country,
        "postal_code": row.postal_code,
        "region": row.region,
        "sid": row.sid,
        "street": row.street,
        "street_secondary": row.street_secondary,
        "validated": row.validated,
        "verified": _is_verified(call, row),
        "uri": f"/2010-04-01/Accounts/{row.account_sid}/Addresses/{row.sid}.json",
    }
