"""What a customer entered: written down first, delivered to Twilio afterwards."""

from compliance.answers.matching import Details, details_of, save_match
from compliance.answers.reading import checklist_of, held_items
from compliance.answers.saving import Conflict, File, NotOpen, save

__all__ = [
    "Conflict",
    "Details",
    "File",
    "NotOpen",
    "checklist_of",
    "details_of",
    "held_items",
    "save",
    "save_match",
]
