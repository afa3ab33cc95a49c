"""Rules of European countries: France, Germany, Ireland, the United Kingdom and Estonia."""

from compliance.sandbox.rulebook.build import end_user, paper, requirement, requirements

_COMPANY = {
    "business_name": "The company's full legal name, as it stands in the register.",
    "business_registration_number": "The number under which the company is registered.",
    "first_name": "First name of the person who may sign for the company.",
    "last_name": "Last name of the person who may sign for the company.",
}
_ON_THE_ADDRESS = "SID of the Address that the document shows."

_KBIS = "commercial_registrar_excerpt"
_ID = "government_issued_document"

FRANCE = requirements(
    end_user("business", **_COMPANY),
    [
        requirement(
            "business_name_info",
            "Business Name",
            "An extract that is not older than three months and names the company.",
            paper(
                _KBIS,
                "Register extract (Kbis) with the company's name",
                business_name="The company's name, letter by letter as on the extract.",
            ),
        ),
        requirement(
            "business_address_proof_info",
            "Business Address (Proof of Address)",
            "The company's seat in France. A post-office box is not enough.",
            paper(_KBIS, "Register extract with the French address", address_sids=_ON_THE_ADDRESS),
        ),
        requirement(
            "business_reg_no_info",
            "Business Registration Number",
            "The same extract may serve, when it shows the SIREN or SIRET.",
            paper(
                _KBIS,
                "Register extract (Kbis) with the number",
                document_number="The SIREN or SIRET on the extract.",
            ),
        ),
        requirement(
            "name_of_auth_rep_info",
            "Name of Authorized Representative",
            "An official document with a photo, of the person named for the company.",
            paper(
                _ID,
                "Official identity document",
                first_name="First name as on the identity document.",
                last_name="Last name as on the identity document.",
            ),
        ),
        requirement(
            "power_of_attorney_info",
            "Power of Attorney",
            "A signed power of attorney that lets us act for the company. Only the file counts.",
            paper("power_of_attorney", "Signed power of attorney"),
        ),
        requirement(
            "name_in_power_of_attorney_info",
            "Name of Person granted the Power of Attorney",
            "An official document with a photo, of the person who holds the power of attorney.",
            paper(
                _ID,
                "Official identity document",
                first_name="First name of the person who holds the power.",
                last_name="Last name of the person who holds the power.",
            ),
        ),
    ],
)

_GERMAN_PAPERS = {
    _KBIS: "Extract from the Handelsregister",
    "trade_license": "Trade licence (Gewerbeanmeldung)",
    "tax_document": "Letter from the tax office",
}

GERMANY = requirements(
    end_user(
        "business",
        **_COMPANY,
        business_website="The company's website, beginning with https://",
        email="An e-mail address at which the person can be reached.",
        comments="Anything that helps the reviewer. This is an optional field.",
    ),
    [
        requirement(
            "business_registration_info",
            "Proof of Registration",
            "Shows the registration number. Not older than a year.",
            *(
                paper(
                    kind,
                    _GERMAN_PAPERS[kind],
                    business_registration_number="The number, as the document shows it.",
                )
                for kind in (_KBIS, "tax_document")
            ),
        ),
        requirement(
            "business_identity_info",
            "Proof of Business Identity",
            "Shows the company's full name.",
            *(
                paper(kind, name, business_name="The company's name, as the document shows it.")
                for kind, name in _GERMAN_PAPERS.items()
            ),
        ),
        requirement(
            "business_address_info",
            "Proof of Address",
            "Shows an address in the area of the numbers' prefix. A post-office box is not enough.",
            *(
                paper(kind, name, address_sids=_ON_THE_ADDRESS)
                for kind, name in _GERMAN_PAPERS.items()
            ),
        ),
    ],
)

IRELAND = requirements(
    end_user(
        "business",
        **_COMPANY,
        business_website="The company's website, beginning with https://",
        email="An e-mail address at which the person can be reached.",
        business_identity=(
            "How the company uses the numbers. Choose any one of the following values: "
            "[DIRECT_CUSTOMER, INDEPENDENT_SOFTWARE_VENDOR]."
        ),
        is_subassigned=(
            "Whether the numbers are passed on to somebody else. Choose any one of the following "
            "values : [YES, NO]."
        ),
        comments="Anything that helps the reviewer. This is an optional field.",
    ),
    [
        requirement(
            "business_address_info",
            "Business Address",
            "An address in Ireland with its Eircode, in the area of the numbers' prefix.",
            paper("business_address", "Business address", address_sids=_ON_THE_ADDRESS),
        ),
    ],
)

_BRITISH_PROOFS = {
    "utility_bill": "Utility bill",
    "tax_notice": "Tax notice",
    "rent_receipt": "Rent receipt",
    "title_deed": "Title deed",
    _ID: "Identity document with the address on it",
}

UNITED_KINGDOM = requirements(
    end_user(
        "individual",
        first_name="The person's first name.",
        last_name="The person's last name.",
        email="An e-mail address at which the person can be reached.",
        phone_number="A phone number at which the person can be reached, beginning with +.",
        comments="Anything that helps the reviewer. This is an optional field.",
    ),
    [
        requirement(
            "individual_address_info",
            "Individual Address",
            "The address where the person lives. A post-office box is not enough.",
            paper("individual_address", "Home address", address_sids=_ON_THE_ADDRESS),
        ),
        requirement(
            "proof_of_identity_info",
            "Proof of Identity",
            "Both sides in one file, if there is something on both.",
            *(
                paper(
                    kind,
                    name,
                    first_name="First name as on the document.",
                    last_name="Last name as on the document.",
                    birth_date="Date of birth as on the document.",
                )
                for kind, name in (("passport", "Passport"), (_ID, "Identity card"))
            ),
        ),
        requirement(
            "proof_of_address_info",
            "Proof of Address",
            "Not older than three months, and with the same address.",
            *(
                paper(kind, name, address_sids=_ON_THE_ADDRESS)
                for kind, name in _BRITISH_PROOFS.items()
            ),
        ),
    ],
)

ESTONIA = requirements(
    end_user("business", business_name=_COMPANY["business_name"]),
    [
        requirement(
            "business_name_info",
            "Business Name",
            "An extract from the business register of the company's own country.",
            paper(
                _KBIS,
                "Extract from the business register",
                business_name="The company's name, as the extract shows it.",
            ),
        ),
    ],
)
