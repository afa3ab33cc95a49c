"""Incoming phone numbers of the 2010 API: the list, and what buying or re-pointing one demands."""

import re
from dataclasses import replace

from compliance.sandbox import paging, sids
from compliance.sandbox.clock import rfc2822
from compliance.sandbox.context import NO_CONTENT, Answer, Call
from compliance.sandbox.errors import Refusal, invalid
from compliance.sandbox.numberplan import Plan, plan_of
from compliance.sandbox.records import Json, Number

_SETTINGS: dict[str, tuple[str, object]] = {
    "SmsApplicationSid": ("sms_application_sid", ""),
    "SmsFallbackMethod": ("sms_fallback_method", "POST"),
    "SmsFallbackUrl": ("sms_fallback_url", ""),
    "SmsMethod": ("sms_method", "POST"),
    "SmsUrl": ("sms_url", ""),
    "StatusCallback": ("status_callback", ""),
    "StatusCallbackMethod": ("status_callback_method", "POST"),
    "TrunkSid": ("trunk_sid", None),
    "VoiceApplicationSid": ("voice_application_sid", ""),
    "VoiceCallerIdLookup": ("voice_caller_id_lookup", False),
    "VoiceFallbackMethod": ("voice_fallback_method", "POST"),
    "VoiceFallbackUrl": ("voice_fallback_url", None),
    "VoiceMethod": ("voice_method", "POST"),
    "VoiceReceiveMode": ("voice_receive_mode", "voice"),
    "VoiceUrl": ("voice_url", None),
    "EmergencyStatus": ("emergency_status", "Inactive"),
}


def listing(call: Call, account_sid: str) -> Answer:
    """There is no filter by bundle: whoever wants a bundle's numbers reads them all."""
    name, pattern = call.args.get("FriendlyName"), call.args.get("PhoneNumber")
    beta, origin = call.boolean(call.args, "Beta"), call.args.get("Origin")
    # A star stands for any digit; what is given may be any part of the number.
    digits = re.compile(re.escape(pattern).replace(r"\*", r"\d")) if pattern else None
    rows = [
        row
        for row in call.state.numbers.values()
        if row.account_sid == account_sid
        and (not name or row.friendly_name == name)
        and (digits is None or digits.search(row.phone_number))
        and beta is not True
        and origin in (None, "", "twilio")
    ]
    filters = ("FriendlyName", "Beta", "PhoneNumber", "Origin")
    return paging.v2010(call, "incoming_phone_numbers", rows, render, *filters)


def fetch(call: Call, account_sid: str, sid: str) -> Answer:
    return Answer(render(_own(call, account_sid, sid)))


def create(call: Call, account_sid: str) -> Answer:
    """Buys the number. Refusals come one at a time, each hiding the next: 21631 no address,
    21615 an address elsewhere, 21649 no bundle that fits and is approved, 21651.
    """
    phone_number = call.required("PhoneNumber")
    plan = plan_of(phone_number)
    if plan is None or any(n.phone_number == phone_number for n in call.state.numbers.values()):
        raise invalid(f"{phone_number} is not available")
    now = call.state.clock.now()
    number = Number(
        sid=sids.new("PN"),
        account_sid=account_sid,
        phone_number=phone_number,
        friendly_name=call.form.get("FriendlyName") or phone_number,
        iso_country=plan.country,
        type=plan.type,
        address_requirements=plan.address_requirements,
        date_created=now,
        date_updated=now,
    )
    _change(call, number)
    _check_demands(call, number, plan)
    call.state.numbers[number.sid] = number
    return Answer(render(number), 201)


def update(call: Call, account_sid: str, sid: str) -> Answer:
    """Also how a number is pointed to another bundle or address, and moved to another account of
    the same owner; the same demands hold as for buying.
    """
    number = _own(call, account_sid, sid)
    changed = replace(number, settings=dict(number.settings))
    target = call.form.get("AccountSid")
    if target and target != number.account_sid:
        account = call.state.accounts.get(target)
        if account is None or call.account.sid not in (target, account.owner_account_sid):
            raise invalid(f"The number cannot be moved to account {target}")
        changed.account_sid = target
    _change(call, changed)
    plan = plan_of(number.phone_number)
    if plan is not None and {"AccountSid", "BundleSid", "AddressSid"} & set(call.form):
        _check_demands(call, changed, plan)
    changed.date_updated = call.state.clock.now()
    call.state.numbers[sid] = changed
    return Answer(render(changed))


def delete(call: Call, account_sid: str, sid: str) -> Answer:
    del call.state.numbers[_own(call, account_sid, sid).sid]
    return NO_CONTENT


def _own(call: Call, account_sid: str, sid: str) -> Number:
    number = call.state.numbers.get(sid)
    if number is None or number.account_sid != account_sid:
        raise call.not_found()
    return number


def _change(call: Call, number: Number) -> None:
    form = call.form
    if form.get("FriendlyName"):
        number.friendly_name = form["FriendlyName"]
    for name in ("BundleSid", "AddressSid", "EmergencyAddressSid", "IdentitySid"):
        if name in form:
            attribute = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
            setattr(number, attribute, form[name].strip() or None)
    for name, (member, default) in _SETTINGS.items():
        if name in form:
            is_flag = isinstance(default, bool)
            number.settings[member] = call.boolean(form, name) if is_flag else form[name]


def _check_demands(call: Call, number: Number, plan: Plan) -> None:
    state = call.state
    if not plan.needs_bundle and plan.address_requirements == "none":
        return
    if not number.address_sid:
        raise Refusal(21631, "The phone number needs an address, and AddressSid was empty")
    address = state.addresses.get(number.address_sid)
    if address is None or address.account_sid != number.account_sid:
        raise Refusal(21631, f"There is no address {number.address_sid}")
    if plan.address_requirements == "local" and address.iso_country != plan.country:
        raise Refusal(21615, "The address is not in the area that the phone number belongs to")
    if plan.needs_bundle:
        _check_bundle(call, number, plan)


def _check_bundle(call: Call, number: Number, plan: Plan) -> None:
    state = call.state
    if not number.bundle_sid:
        kind = f"country: [{plan.country}], numberType: [{plan.type.upper()}]"
        raise Refusal(21649, f"A bundle must come with this number, {kind}")
    bundle = state.bundles.get(number.bundle_sid)
    if bundle is None or bundle.account_sid != number.account_sid:
        raise Refusal(21649, "Bundle not found")
    if bundle.status != "twilio-approved":
        raise Refusal(21649, f"The bundle's status is not twilio-approved but {bundle.status}")
    regulation = state.regulations[bundle.regulation_sid]
    if (regulation.iso_country, regulation.number_type) != (plan.country, plan.type):
        raise Refusal(21649, "The bundle is for another country or another type of number")
    addresses = state.addresses_of(bundle)
    elsewhere = bool(addresses) and number.address_sid not in addresses
    if state.flag("number_address_in_bundle") and elsewhere:
        raise Refusal(21651, "The address is not one of those in the bundle")


def render(row: Number) -> Json:
    settings = dict(_SETTINGS.values()) | row.settings
    values = settings | {
        "account_sid": row.account_sid,
        "address_requirements": row.address_requirements,
        "address_sid": row.address_sid,
        "api_version": "2010-04-01",
        "beta": False,
        "bundle_sid": row.bundle_sid,
        "capabilities": {"voice": True, "sms": row.type == "mobile", "mms": False, "fax": False},
        "date_created": rfc2822(row.date_created),
        "date_updated": rfc2822(row.date_updated),
        "emergency_address_sid": row.emergency_address_sid,
        "emergency_address_status": "unregistered",
        "friendly_name": row.friendly_name,
        "identity_sid": row.identity_sid,
        "origin": "twilio",
        "phone_number": row.phone_number,
        "sid": row.sid,
        "status": "in-use",
        "type": row.type,
        "uri": f"/2010-04-01/Accounts/{row.account_sid}/IncomingPhoneNumbers/{row.sid}.json",
    }
    return {name: values[name] for name in _ORDER}


_ORDER = (
    "account_sid",
    "address_requirements",
    "address_sid",
    "api_version",
    "beta",
    "capabilities",
    "date_created",
    "date_updated",
    "emergency_status",
    "emergency_address_sid",
    "emergency_address_status",
    "friendly_name",
    "identity_sid",
    "origin",
    "phone_number",
    "sid",
    "sms_application_sid",
    "sms_fallback_method",
    "sms_fallback_url",
    "sms_method",
    "sms_url",
    "status_callback",
    "status_callback_method",
    "trunk_sid",
    "uri",
    "voice_application_sid",
    "voice_caller_id_lookup",
    "voice_fallback_method",
    "voice_fallback_url",
    "voice_method",
    "voice_url",
    "bundle_sid",
    "voice_receive_mode",
    "status",
    "type",
)
_DEPENDENT_ORDER = (
    "sid",
    "account_sid",
    "friendly_name",
    "phone_number",
    "voice_url",
    "voice_method",
    "voice_fallback_url",
    "voice_fallback_method",
    "voice_caller_id_lookup",
    "date_created",
    "date_updated",
    "sms_url",
    "sms_method",
    "sms_fallback_url",
    "sms_fallback_method",
    "address_requirements",
    "capabilities",
    "status_callback",
    "status_callback_method",
    "api_version",
    "voice_application_sid",
    "sms_application_sid",
    "trunk_sid",
    "emergency_status",
    "emergency_address_sid",
    "uri",
)


def render_dependent(row: Number) -> Json:
    """The same number as an address lists it; its capabilities are spelled differently, and
    what is not set is null.
    """
    values = render(row)
    able = values["capabilities"]
    values["capabilities"] = {"Voice": able["voice"], "SMS": able["sms"], "MMS": able["mms"]}
    return {name: values[name] or None for name in _DEPENDENT_ORDER} | {
        "voice_caller_id_lookup": values["voice_caller_id_lookup"]
    }
