"""Rules of Australia and Japan. Japan's come in three groups, of which a company follows one."""

from compliance.sandbox.rulebook.build import Json, end_user, paper, requirement, requirements

_ON_THE_ADDRESS = "SID of the Address that the document shows."

AUSTRALIA = requirements(
    end_user(
        "individual",
        first_name="The person's first name.",
        last_name="The person's last name.",
    ),
    [
        requirement(
            "proof_of_address",
            "Address",
            "Where the person lives: within the area of the numbers' prefix, and no post-office"
            " box. No document is needed, only the address itself.",
            paper("address", "Address Validation", address_sids=_ON_THE_ADDRESS),
        ),
    ],
)

_REGISTERED = {
    "corporate_registry": "Corporate register certificate",
    "company_seal_certificate": "Company seal certificate",
}
_IDENTITY = {
    "drivers_license": "Driver's licence",
    "personal_id_card": "My Number card",
    "residence_permit": "Residence card",
    "health_insurance_certificate": "Health insurance certificate",
}


def _company(group: str) -> list[Json]:
    """Every group begins with the same three questions about the company."""
    return [
        requirement(
            f"business_name_info{group}",
            "Business Name",
            "Not older than six months.",
            *(
                paper(kind, name, business_name="The company's name, as registered.")
                for kind, name in _REGISTERED.items()
            ),
        ),
        requirement(
            f"business_address_info{group}",
            "Business Address",
            "The company's address in Japan, as registered.",
            *(
                paper(kind, name, address_sids=_ON_THE_ADDRESS)
                for kind, name in _REGISTERED.items()
            ),
        ),
        requirement(
            f"business_description_info{group}",
            "Business Description",
            "What the company does, as its papers say.",
            paper(
                "corporate_registry",
                "Corporate register certificate",
                business_description="The purpose of the company, as registered.",
            ),
            paper(
                "company_by_laws",
                "Articles of the company",
                business_description="The purpose of the company, as in its articles.",
            ),
        ),
    ]


def _person(name: str, title: str, description: str) -> Json:
    return requirement(
        name,
        title,
        description,
        *(
            paper(
                kind,
                label,
                first_name="First name as on the document.",
                last_name="Last name as on the document.",
                birth_date="Date of birth as on the document.",
            )
            for kind, label in _IDENTITY.items()
        ),
    )


JAPAN = requirements(
    end_user(
        "business",
        business_name="The company's full legal name, as registered.",
        business_description="What the company does.",
        first_name="First name of the person who represents the company.",
        last_name="Last name of the person who represents the company.",
        birth_date="Date of birth of that person, as YYYY-MM-DD.",
    ),
    [
        *_company(""),
        _person(
            "representative_info",
            "Representative",
            "The person who represents the company, by an official document with a photo.",
        ),
        requirement(
            "representative_authority_info",
            "Authority of the Representative",
            "Shows that this person may represent the company. Only the file counts.",
            paper(
                "government_issued_proof_of_authorized_representative",
                "Official proof of the representative",
            ),
            paper("letter_of_authorization", "Letter of authorisation"),
        ),
    ],
    [
        *_company("_2"),
        _person(
            "beneficial_owner_info",
            "Beneficial Owner",
            "If applicable: the person who owns most of the company.",
        ),
        requirement(
            "ownership_info",
            "Ownership",
            "If applicable: who owns the company. Only the file counts.",
            paper("shareholders_registry", "Register of shareholders"),
            paper("annual_securities_report", "Annual securities report"),
            paper("declaration_of_beneficial_ownership", "Declaration of beneficial ownership"),
        ),
    ],
    [
        *_company("_3"),
        _person(
            "owner_representative_info",
            "Representative of the Owner",
            "If applicable: the person who acts for an owner that is itself a company.",
        ),
        requirement(
            "owner_authority_info",
            "Authority of the Owner's Representative",
            "If applicable: the power of attorney. Only the file counts.",
            paper("power_of_attorney", "Power of attorney"),
        ),
        requirement(
            "ownership_info_3",
            "Ownership",
            "If applicable: the register of shareholders. Only the file counts.",
            paper("shareholders_registry", "Register of shareholders"),
        ),
    ],
)
