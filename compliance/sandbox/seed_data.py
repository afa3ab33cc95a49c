"""The demo's cast: who they are, where they live, which bundles they have and what is wrong with
each. All of it invented; phone numbers are from the ranges kept for fiction where there are any.
"""

from dataclasses import dataclass, field
from typing import Any

MAIN, SUBACCOUNT = "main", "subaccount"


@dataclass(frozen=True)
class Place:
    name: str
    street: str
    city: str
    region: str
    postal_code: str
    country: str
    account: str = MAIN


@dataclass(frozen=True)
class Paper:
    """``place`` names an address that the document carries; ``file`` is pdf, png or nothing."""

    type: str
    attributes: dict[str, Any] = field(default_factory=dict)
    place: str | None = None
    file: str | None = "pdf"


@dataclass(frozen=True)
class SeedBundle:
    """``days`` until the deadline, None for no deadline; below zero the date has passed."""

    customer: str
    title: str
    email: str
    country: str
    days: float | None
    fault: str
    end_user: dict[str, Any]
    papers: tuple[Paper, ...]
    numbers: tuple[str, ...]
    account: str = MAIN


PLACES = {
    "acme-berlin": Place("Acme GmbH", "Musterstr. 12", "Berlin", "Berlin", "10115", "DE"),
    "acme-cologne": Place("Acme GmbH", "Domplatz 3", "Koeln", "NRW", "50667", "DE"),
    "acme-paris": Place("Acme GmbH", "8 rue des Essais", "Paris", "Paris", "75011", "FR"),
    "acme-dublin": Place("Acme GmbH", "2 Sample Quay", "Dublin 8", "Dublin", "D08 X2Y3", "IE"),
    "acme-tokyo": Place("Acme GmbH", "1-2-3 Mihon", "Chiyoda-ku", "Tokyo", "100-0001", "JP"),
    "acme-london": Place("Ada Stern", "7 Example Road", "London", "London", "N1 9GU", "GB"),
    "lumiere-lyon": Place(
        "Atelier Lumiere SARL", "4 quai du Modele", "Lyon", "Rhone", "69002", "FR"
    ),
    "mia-sydney": Place("Mia Wilson", "15 Specimen Street", "Sydney", "NSW", "2000", "AU"),
    "harbour-bath": Place(
        "Owen Byrne", "3 Harbour Row", "Bristol", "Bristol", "BS1 4QA", "GB", SUBACCOUNT
    ),
    "harbour-cork": Place(
        "Harbour Cafe Ltd", "9 Pier Lane", "Cork", "Cork", "T12 AB34", "IE", SUBACCOUNT
    ),
    "kite-leeds": Place("Kim Kite", "21 Kite Lane", "Leeds", "Leeds", "LS1 4AP", "GB"),
    "kite-perth": Place("Kim Kite", "5 Tail Terrace", "Perth", "WA", "6000", "AU"),
    "lost-galway": Place("Lost & Found", "1 Nowhere Lane", "Galway", "Galway", "H91 E2K3", "IE"),
}

_ADA, _ZOE, _MIA = "ada@acme.example", "zoe@lumiere.example", "mia@wilson.example"
_OWEN, _KIM = "owen@harbour.example", "kim@kite.example"

_ACME = {
    "business_name": "Acme GmbH",
    "business_registration_number": "HRB 123456",
    "business_website": "https://acme.example",
    "first_name": "Ada",
    "last_name": "Stern",
    "email": _ADA,
}
_ADA_STERN = {
    "first_name": "Ada",
    "last_name": "Stern",
    "email": _ADA,
    "phone_number": "+442079460101",
}
_IRISH = {"business_identity": "DIRECT_CUSTOMER", "is_subassigned": "NO"}
_FRENCH_FIELDS = ("business_name", "business_registration_number", "first_name", "last_name")


def _only(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: values[name] for name in names}


def _without(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def _register(values: dict[str, Any], place: str | None, **more: Any) -> Paper:
    return Paper(
        "commercial_registrar_excerpt",
        _only(values, "business_name", "business_registration_number") | more,
        place,
    )


def _identity(kind: str, first: str, last: str, **more: Any) -> Paper:
    return Paper(kind, {"first_name": first, "last_name": last} | more, file="png")


def _french(values: dict[str, Any], place: str, **more: Any) -> tuple[Paper, ...]:
    """Everything that the French rule asks for."""
    return (
        _register(values, place, document_number="812345678", **more),
        _identity("government_issued_document", values["first_name"], values["last_name"]),
        Paper("power_of_attorney"),
    )


def _british(first: str, last: str, place: str) -> tuple[Paper, ...]:
    """Everything that the British rule asks for."""
    return (
        Paper("individual_address", {}, place, file=None),
        _identity("passport", first, last, birth_date="1984-04-12"),
        Paper("utility_bill", {}, place),
    )


_LUMIERE = {
    "business_name": "Atelier Lumiere SARL",
    "business_registration_number": "812 345 678",
    "first_name": "Zoe",
    "last_name": "Martin",
}
_OWEN_BYRNE = {
    "first_name": "Owen",
    "last_name": "Byrne",
    "email": _OWEN,
    "phone_number": "+442079460301",
}
_HARBOUR = {
    "business_name": "Harbour Cafe Ltd",
    "business_registration_number": "654321",
    "business_website": "https://harbour.example",
    "first_name": "Owen",
    "last_name": "Byrne",
    "email": _OWEN,
}
_KIM_KITE = {
    "first_name": "Kim",
    "last_name": "Kite",
    "email": _KIM,
    "phone_number": "+442079460401",
}

SEED_BUNDLES = {
    "acme-de-local": SeedBundle(
        "Acme GmbH",
        "Berlin office",
        _ADA,
        "DE",
        5,
        "the End-User's website is missing",
        _without(_ACME, "business_website"),
        (_register(_ACME, "acme-berlin"),),
        ("+493023125001", "+493023125002", "+493023125003"),
    ),
    "acme-de-papers": SeedBundle(
        "Acme GmbH",
        "Cologne office",
        _ADA,
        "DE",
        12,
        "the proof of registration is missing (register extract or tax letter)",
        _ACME,
        (Paper("trade_license", {"business_name": "Acme GmbH"}, "acme-cologne"),),
        ("+492214710001",),
    ),
    "acme-fr-local": SeedBundle(
        "Acme GmbH",
        "Paris office",
        _ADA,
        "FR",
        20,
        "the company's name on the Kbis differs from the End-User's",
        _only(_ACME, *_FRENCH_FIELDS),
        _french(_ACME | {"business_name": "ACME Gesellschaft mbH"}, "acme-paris"),
        ("+33199000001", "+33199000002"),
    ),
    "acme-ie-local": SeedBundle(
        "Acme GmbH",
        "Dublin support",
        _ADA,
        "IE",
        45,
        "the End-User's two choices are missing (business_identity, is_subassigned)",
        _ACME,
        (Paper("business_address", {}, "acme-dublin", file=None),),
        ("+353209100001",),
    ),
    "acme-jp-local": SeedBundle(
        "Acme GmbH",
        "Tokyo office",
        _ADA,
        "JP",
        80,
        "the representative's identity and authority are missing",
        _only(_ACME, "business_name", "first_name", "last_name")
        | {"business_description": "Import of sample goods", "birth_date": "1984-04-12"},
        (
            Paper(
                "corporate_registry",
                {
                    "business_name": "Acme GmbH",
                    "business_description": "Import of sample goods",
                },
                "acme-tokyo",
            ),
        ),
        ("+81355500101", "+81355500102"),
    ),
    "acme-gb-local": SeedBundle(
        "Acme GmbH",
        "London line",
        _ADA,
        "GB",
        20,
        "the home address is missing, although the utility bill carries that address",
        _ADA_STERN,
        _british("Ada", "Stern", "acme-london")[1:],
        ("+442079460102", "+442079460103", "+442079460104", "+442079460105", "+442079460106"),
    ),
    "acme-de-passes": SeedBundle(
        "Acme GmbH",
        "Frankfurt hotline",
        _ADA,
        "DE",
        2,
        "nothing: it complies and only has to be sent",
        _ACME,
        (_register(_ACME, "acme-berlin"),),
        ("+496990009001",),
    ),
    "acme-de-current": SeedBundle(
        "Acme GmbH",
        "Munich sales",
        _ADA,
        "DE",
        None,
        "nothing: it is up to date",
        _ACME | {"comments": "Our second office"},
        (_register(_ACME, "acme-cologne"),),
        ("+498999998001", "+498999998002"),
    ),
    "lumiere-fr-local": SeedBundle(
        "Atelier Lumiere SARL",
        "Paris showroom",
        _ZOE,
        "FR",
        5,
        "everything but the company's name is missing; no address in the bundle",
        _only(_LUMIERE, "business_name"),
        (),
        ("+33199000101", "+33199000102"),
    ),
    "lumiere-fr-current": SeedBundle(
        "Atelier Lumiere SARL",
        "Lyon workshop",
        _ZOE,
        "FR",
        None,
        "nothing: it is up to date",
        _LUMIERE,
        _french(_LUMIERE, "lumiere-lyon"),
        ("+33199000103",),
    ),
    "mia-au-local": SeedBundle(
        "Mia Wilson",
        "Sydney studio",
        _MIA,
        "AU",
        12,
        "the address is missing; no address in the bundle",
        {"first_name": "Mia", "last_name": "Wilson"},
        (),
        ("+61255501001",),
    ),
    "mia-au-current": SeedBundle(
        "Mia Wilson",
        "Sydney home",
        _MIA,
        "AU",
        None,
        "nothing: it is up to date",
        {"first_name": "Mia", "last_name": "Wilson"},
        (Paper("address", {}, "mia-sydney", file=None),),
        ("+61255501002",),
    ),
    "harbour-gb-local": SeedBundle(
        "Harbour Cafe Ltd",
        "Bristol bookings",
        _OWEN,
        "GB",
        12,
        "the End-User's phone number is missing",
        _without(_OWEN_BYRNE, "phone_number"),
        _british("Owen", "Byrne", "harbour-bath"),
        ("+442079460302", "+442079460303"),
        SUBACCOUNT,
    ),
    "harbour-ie-local": SeedBundle(
        "Harbour Cafe Ltd",
        "Cork bookings",
        _OWEN,
        "IE",
        -3,
        "its date has passed, so it is rejected; the End-User's two choices are missing",
        _HARBOUR,
        (Paper("business_address", {}, "harbour-cork", file=None),),
        ("+353209100301",),
        SUBACCOUNT,
    ),
    "kite-gb-local": SeedBundle(
        "Kite & Co",
        "Leeds shop",
        _KIM,
        "GB",
        None,
        "nothing: it is up to date",
        _KIM_KITE,
        _british("Kim", "Kite", "kite-leeds"),
        ("+442079460402",),
    ),
    "kite-au-local": SeedBundle(
        "Kite & Co",
        "Perth shop",
        _KIM,
        "AU",
        None,
        "nothing: it is up to date",
        {"first_name": "Kim", "last_name": "Kite"},
        (Paper("address", {}, "kite-perth", file=None),),
        ("+61255501401",),
    ),
    "unknown-ie-local": SeedBundle(
        "nobody known",
        "Galway desk",
        "office@lost.example",
        "IE",
        30,
        "its e-mail belongs to no customer; the End-User's two choices are missing",
        _ACME | {"business_name": "Lost & Found", "email": "office@lost.example"},
        (Paper("business_address", {}, "lost-galway", file=None),),
        ("+353209100901",),
    ),
    # The three below comply, so that they can be taken as far as a demonstration needs.
    "way-being-checked": SeedBundle(
        "Acme GmbH",
        "Dublin sales",
        _ADA,
        "IE",
        30,
        "nothing: meant to be sent to review and left there",
        _ACME | _IRISH,
        (Paper("business_address", {}, "acme-dublin", file=None),),
        ("+353209100002",),
    ),
    "way-changes-needed": SeedBundle(
        "Atelier Lumiere SARL",
        "Lyon orders",
        _ZOE,
        "FR",
        25,
        "nothing: meant to be sent to review and turned down",
        _LUMIERE,
        _french(_LUMIERE, "lumiere-lyon"),
        ("+33199000104",),
    ),
    "way-finishing": SeedBundle(
        "Mia Wilson",
        "Sydney fax",
        _MIA,
        "AU",
        35,
        "nothing: meant to be approved and not yet put in place",
        {"first_name": "Mia", "last_name": "Wilson"},
        (Paper("address", {}, "mia-sydney", file=None),),
        ("+61255501003",),
    ),
}
