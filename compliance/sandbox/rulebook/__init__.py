"""The regulations that the sandbox begins with, and for each a change that could come next.

Their shapes and machine names are those of published payloads; the sentences are ours.
"""

import copy
from dataclasses import dataclass
from typing import Any

from compliance.sandbox.rulebook import asia_pacific, europe
from compliance.sandbox.rulebook.build import paper, requirement

Json = dict[str, Any]


@dataclass(frozen=True)
class Rule:
    """``unmatched``: requirements that are about another person than the End-User."""

    country: str
    friendly_name: str
    number_type: str
    end_user_type: str
    requirements: Json
    unmatched: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """A new rule ready to be enacted."""

    about: str
    requirements: Json


RULES = {
    "AU": Rule(
        "AU", "Australia: Local - Individual", "local", "individual", asia_pacific.AUSTRALIA
    ),
    "DE": Rule("DE", "Germany: Local - Business", "local", "business", europe.GERMANY),
    "EE": Rule("EE", "Estonia: Mobile - Business", "mobile", "business", europe.ESTONIA),
    "FR": Rule(
        "FR",
        "France: Local - Business",
        "local",
        "business",
        europe.FRANCE,
        ("name_in_power_of_attorney_info",),
    ),
    "GB": Rule(
        "GB", "United Kingdom: Local - Individual", "local", "individual", europe.UNITED_KINGDOM
    ),
    "IE": Rule("IE", "Ireland: Local - Business", "local", "business", europe.IRELAND),
    "JP": Rule(
        "JP",
        "Japan: Local - Business",
        "local",
        "business",
        asia_pacific.JAPAN,
        (
            "beneficial_owner_info",
            "owner_representative_info",
        ),
    ),
}


def _with_field(key: str, name: str, label: str, description: str) -> Json:
    requirements = copy.deepcopy(RULES[key].requirements)
    user = requirements["end_user"][0]
    user["fields"].append(name)
    user["detailed_fields"].append(
        {"machine_name": name, "friendly_name": label, "description": description}
    )
    return requirements


def _with_requirement(key: str, added: Json) -> Json:
    requirements = copy.deepcopy(RULES[key].requirements)
    for group in requirements["supporting_document"]:
        group.append(added)
    return requirements


_DATE = "Birth date, as YYYY-MM-DD."
_FOR_EMERGENCIES = requirement(
    "emergency_address_info",
    "Emergency Address",
    "Where help is to be sent when somebody calls for it from one of the numbers.",
    paper(
        "emergency_address", "Emergency address", address_sids="SID of the Address to send help to."
    ),
)

CHANGES = {
    "AU": Change(
        "The date of birth is asked for", _with_field("AU", "birth_date", "Birth Date", _DATE)
    ),
    "DE": Change(
        "The company's purpose is asked for",
        _with_field("DE", "business_purpose", "Business Purpose", "What the numbers are for."),
    ),
    "EE": Change(
        "The registration number is asked for",
        _with_field(
            "EE",
            "business_registration_number",
            "Business Registration Number",
            "The number under which the company is registered.",
        ),
    ),
    "FR": Change(
        "The company's website is asked for",
        _with_field("FR", "business_website", "Business Website", "Beginning with https://"),
    ),
    "GB": Change("An emergency address is asked for", _with_requirement("GB", _FOR_EMERGENCIES)),
    "IE": Change("An emergency address is asked for", _with_requirement("IE", _FOR_EMERGENCIES)),
    "JP": Change(
        "The company's website is asked for",
        _with_field("JP", "business_website", "Business Website", "Beginning with https://"),
    ),
}
