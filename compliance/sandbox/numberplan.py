"""Which country and which type a phone number has, as far as the seeded regulations go."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    country: str
    type: str
    address_requirements: str
    needs_bundle: bool = True


_PREFIXES = {
    "+1": Plan("US", "local", "none", needs_bundle=False),
    "+33": Plan("FR", "local", "local"),
    "+353": Plan("IE", "local", "local"),
    "+372": Plan("EE", "local", "any"),
    "+3725": Plan("EE", "mobile", "any"),
    "+44": Plan("GB", "local", "any"),
    "+447": Plan("GB", "mobile", "any"),
    "+49": Plan("DE", "local", "local"),
    "+61": Plan("AU", "local", "any"),
    "+614": Plan("AU", "mobile", "any"),
    "+81": Plan("JP", "local", "local"),
}


def plan_of(phone_number: str) -> Plan | None:
    if not phone_number.removeprefix("+").isdigit():
        return None
    fitting = [prefix for prefix in _PREFIXES if phone_number.startswith(prefix)]
    return _PREFIXES[max(fitting, key=len)] if fitting else None
