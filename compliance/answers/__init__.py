"""What a customer entered: written down first, delivered to Twilio afterwards."""

from compliance.answers.drafts import (
    announce,
    discard_draft,
    draft_of,
    keep_draft,
    leave,
    others_at,
)
from compliance.answers.matching import Details, details_of, save_match
from compliance.answers.reading import checklist_of, held_items
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
    "TooMany",
    "announce",
    "checklist_of",
    "details_of",
    "discard_draft",
    "discard_staged",
    "display_name",
    "draft_of",
    "forget_staged",
    "held_items",
    "keep_draft",
    "leave",
    "others_at",
    "places_for",
    "save",
    "save_match",
    "stage",
    "staged_files",
    "use_elsewhere",
]
