"""Regulations: what a country demands for a type of number and of End-User. The same for every
account, and the SID stays when the demands change.
"""

import copy
from collections.abc import Iterator

from compliance.sandbox import paging
from compliance.sandbox.context import Answer, Call
from compliance.sandbox.errors import Refusal
from compliance.sandbox.numbertypes import end_user_type, number_type
from compliance.sandbox.records import Json, Regulation


def listing(call: Call) -> Answer:
    """22212 for an unknown EndUserType, 22213 for an unknown NumberType; a combination that has
    no regulation is an empty list.
    """
    args = call.args
    end_user, number = args.get("EndUserType"), args.get("NumberType")
    wanted_end_user = end_user_type(end_user) if end_user else None
    wanted_number = number_type(number) if number else None
    if end_user and not wanted_end_user:
        raise Refusal(22212, f"{end_user} is not a type of End-User")
    if number and not wanted_number:
        raise Refusal(22213, f"{number} is not a type of phone number")
    country = args.get("IsoCountry", "").upper()
    rows = [
        row
        for row in call.state.regulations.values()
        if not row.retired
        and (not country or row.iso_country == country)
        and (not wanted_number or row.number_type == wanted_number)
        and (not wanted_end_user or row.end_user_type == wanted_end_user)
    ]
    filters = ("EndUserType", "IsoCountry", "NumberType", "IncludeConstraints")
    return paging.v2(call, "results", rows, lambda row: _render(call, row), *filters)


def fetch(call: Call, sid: str) -> Answer:
    row = call.state.regulations.get(sid)
    if row is None or row.retired:
        raise call.not_found()
    return Answer(_render(call, row))


def _render(call: Call, row: Regulation) -> Json:
    requirements = copy.deepcopy(row.requirements)
    if call.boolean(call.args, "IncludeConstraints"):
        for field in _detailed_fields(requirements):
            is_list = field.get("machine_name") == "address_sids"
            field["constraint"] = "List" if is_list else "String"
    return {
        "sid": row.sid,
        "friendly_name": row.friendly_name,
        "iso_country": row.iso_country,
        "number_type": row.number_type,
        "end_user_type": row.end_user_type,
        "requirements": requirements,
        "url": call.numbers_url("Regulations", row.sid),
    }


def _detailed_fields(requirements: Json) -> Iterator[Json]:
    for wanted in requirements.get("end_user", []):
        yield from wanted.get("detailed_fields", [])
    for group in requirements.get("supporting_document", []):
        for wanted in group:
            for kind in wanted["accepted_documents"]:
                yield from kind.get("detailed_fields", [])
