"""What a customer entered: written down first, delivered to Twilio afterwards."""

from compliance.answers.reading import checklist_of, held_items
from compliance.answers.saving import Conflict, File, NotOpen, save

__all__ = ["Conflict", "File", "NotOpen", "checklist_of", "held_items", "save"]
