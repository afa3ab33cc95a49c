"""What a customer entered: written down first, delivered to Twilio afterwards."""

from compliance.answers.drafts import (
    announce,
    at_task,
    discard_draft,
    keep_draft,
    leave,
)
from compliance.answers.leftovers import discard, discard_addresses, doom
from compliance.answers.matching import Details, details_of, save_match
from compliance.answers.reading import checklist_of, everything_of, held_items, shared_sids
from compliance.answers.reusing import (
    Sent,
    addresses_used_elsewhere,
    fits,
    refused_elsewhere,
    reuse,
    sent_elsewhere,
    tell_of_refusals,
    used_elsewhere,
)
from compliance.answers.saving import Conflict, File, NotOpen, display_name, save
from compliance.answers.sharing import Place, places_for, use_elsewhere
from compliance.answers.staging import (
    MOST_FILES,
    TooMany,
    discard_staged,
    forget_staged,
    stage,
    staged_files,
)

__all__ = [
    "MOST_FILES",
    "Conflict",
    "Details",
    "File",
    "NotOpen",
    "Place",
    "Sent",
    "TooMany",
    "addresses_used_elsewhere",
    "announce",
    "at_task",
    "checklist_of",
    "details_of",
    "discard",
    "discard_addresses",
    "discard_draft",
    "discard_staged",
    "display_name",
    "doom",
    "everything_of",
    "fits",
    "forget_staged",
    "held_items",
    "keep_draft",
    "leave",
    "places_for",
    "refused_elsewhere",
    "reuse",
    "save",
    "save_match",
    "sent_elsewhere",
    "shared_sids",
    "stage",
    "staged_files",
    "tell_of_refusals",
    "use_elsewhere",
    "used_elsewhere",
]
