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
from compliance.answers.saving import Conflict, File, NotOpen, save
from compliance.answers.sharing import Place, places_for, use_elsewhere

__all__ = [
    "Conflict",
    "Details",
    "File",
    "NotOpen",
    "Place",
    "announce",
    "checklist_of",
    "details_of",
    "discard_draft",
    "draft_of",
    "held_items",
    "keep_draft",
    "leave",
    "others_at",
    "places_for",
    "save",
    "save_match",
    "use_elsewhere",
]
