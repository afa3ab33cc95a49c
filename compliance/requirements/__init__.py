"""From a regulation, an evaluation and the items of a bundle to what a customer has to do.

Pure: values in, values out, standard library only. No country, document or field is known by name;
what is known are the shapes that Twilio publishes and the conventions of its prose.
"""

from compliance.requirements.attributes import (
    addresses_in,
    addresses_of,
    asks_for_local_address,
    attributes_to_send,
)
from compliance.requirements.checklist import checklist
from compliance.requirements.shapes import (
    ADDRESS_FIELD,
    DETAILS,
    Checklist,
    Field,
    Fine,
    Held,
    Option,
    Reason,
    Task,
)

__all__ = [
    "ADDRESS_FIELD",
    "DETAILS",
    "Checklist",
    "Field",
    "Fine",
    "Held",
    "Option",
    "Reason",
    "Task",
    "addresses_in",
    "addresses_of",
    "asks_for_local_address",
    "attributes_to_send",
    "checklist",
]
