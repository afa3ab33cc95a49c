"""What nobody outside Twilio knows for sure. Each switch stands for one such question, says
which answer the sandbox assumes, and lets a test or a person try the other one.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Switch:
    """``choices`` lists the values; without it, the default's type is what may be set."""

    default: bool | int | str
    about: str
    choices: tuple[str, ...] = ()

    def parse(self, value: object) -> bool | int | str:
        """Read a value from JSON or from a form's text. Raises ValueError."""
        if self.choices:
            if value not in self.choices:
                raise ValueError(f"must be one of: {', '.join(self.choices)}")
            return str(value)
        if isinstance(self.default, bool):
            words = {"true": True, "on": True, "false": False, "off": False}
            if isinstance(value, bool):
                return value
            if str(value).lower() not in words:
                raise ValueError("must be true or false")
            return words[str(value).lower()]
        if isinstance(value, bool):
            raise ValueError("must be a whole number")
        try:
            return int(str(value))
        except ValueError:
            raise ValueError("must be a whole number") from None


SWITCHES: dict[str, Switch] = {
    # Submitting and changing a bundle
    "submit_refused_code": Switch(20001, "Error code when a submission fails its evaluation."),
    "unpublished_code": Switch(20001, "Error code of every other refusal that has no known code."),
    "status_with_properties": Switch(
        "refuse",
        "Status together with other properties in one update: 22204, or do both.",
        ("refuse", "allow"),
    ),
    "withdraw": Switch(False, "A bundle in pending-review can be taken back to draft."),
    "edit_approved_properties": Switch(
        True, "Name, e-mail and callback of an approved bundle can be changed."
    ),
    # Items
    "lock_assignments": Switch(
        True, "Items cannot be assigned to or taken from a bundle that is in review or approved."
    ),
    "lock_items_in_review": Switch(
        True, "Attributes of an item cannot change while a bundle with it is in review."
    ),
    "lock_items_of_approved": Switch(
        False, "Attributes of an item cannot change while an approved bundle holds it."
    ),
    "attributes_update": Switch(
        "replace",
        "New Attributes replace the old ones, or are merged into them.",
        ("replace", "merge"),
    ),
    "end_user_extra_attributes": Switch(
        "refuse",
        "Attributes that the End-User's type does not know: refused, or stored.",
        ("refuse", "accept"),
    ),
    "document_extra_attributes": Switch(
        "accept",
        "Attributes that the document's type does not know: refused, or stored.",
        ("refuse", "accept"),
    ),
    "foreign_end_user_code": Switch(
        70002, "Error code for assigning an End-User of another account (70002 or 22205)."
    ),
    "assign_addresses": Switch(False, "An Address SID can be assigned as an item (else 22206)."),
    "second_address_document": Switch(
        "refuse",
        "A second document of the same address type in one bundle: 70002, or accepted.",
        ("refuse", "accept"),
    ),
    "second_end_user": Switch(
        "accept", "A second End-User in one bundle: accepted, or 70002.", ("refuse", "accept")
    ),
    # Evaluations
    "document_groups": Switch(
        "any",
        "Several groups of documents: one complete group is enough, or all are needed.",
        ("any", "all"),
    ),
    "mismatch_code": Switch(
        22217, "Code of a document's field that differs from the End-User's (22217 or 22218)."
    ),
    "partial_failure": Switch(
        "first-invalid",
        "Reason and code of an object that is there but incomplete: its first wrong field's,"
        " or null.",
        ("first-invalid", "null"),
    ),
    "check_choices": Switch(
        True, "A value must be one of those that the field's description lists."
    ),
    "two_addresses_break": Switch(
        True, "A document with two addresses makes the evaluation answer 500."
    ),
    # Copies and replacement
    "copy_from": Switch(
        "approved-or-rejected",
        "Bundles that can be copied.",
        ("approved", "approved-or-rejected", "any"),
    ),
    "address_must_stay": Switch(
        True, "ReplaceItems refuses a copy whose addresses differ from the original's (22229)."
    ),
    "replaced_items": Switch(
        "unassigned",
        "What ReplaceItems does with the original's old items.",
        ("unassigned", "deleted"),
    ),
    "callback_on_replace": Switch(False, "A callback tells that ReplaceItems cleared the date."),
    # Review
    "other_documents_after_rejection": Switch(
        "draft",
        "Status, after a rejection, of the documents that were not named in it.",
        ("draft", "approved", "pending-review"),
    ),
    # Lists
    "friendly_name_filter": Switch(
        "equal", "How the FriendlyName filter compares.", ("equal", "prefix", "contains")
    ),
    "has_no_valid_until": Switch(
        "without",
        "HasValidUntilDate=false: only bundles without a date, or no filter at all.",
        ("without", "all"),
    ),
    "nulls_when_sorting": Switch(
        "last", "Bundles without a date when sorting by valid-until.", ("last", "first")
    ),
    "page_without_token": Switch(
        "offset",
        "Page without PageToken: counts pages, or is ignored.",
        ("offset", "first"),
    ),
    "versionless_not_found": Switch(True, "The path in a 404 of the numbers host leaves out /v2."),
    # Uploads
    "upload_limit_bytes": Switch(5_000_000, "The largest file that the upload host takes."),
    "upload_types": Switch(
        "any",
        "Files that the upload host takes: any (a reviewer sorts them out), or PDF, JPEG and PNG.",
        ("any", "pdf-jpeg-png"),
    ),
    "upload_replaces_file": Switch(
        False, "The upload host takes a new file for an existing document (else 404)."
    ),
    # Numbers and load
    "number_address_in_bundle": Switch(
        True, "A number's address must stand in its bundle when the bundle has one (21651)."
    ),
    "concurrency_limit": Switch(0, "Requests of one account at a time before 429; 0: no limit."),
}


def defaults() -> dict[str, bool | int | str]:
    return {name: switch.default for name, switch in SWITCHES.items()}
