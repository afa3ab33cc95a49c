"""What is stored. Each module holds one idea; no model calls Twilio or sends anything."""

from compliance.models.answer import Answer, Draft, Upload
from compliance.models.chain import Chain
from compliance.models.item import Item
from compliance.models.mirror import Account, Bundle, Regulation, RegulationChange
from compliance.models.note import Note
from compliance.models.people import Customer, Membership, SignInLink, User
from compliance.models.pulse import Pulse
from compliance.models.record import Event, Mail, because, on_behalf
from compliance.models.renewal import Renewal
from compliance.models.staged import StagedFile
from compliance.models.stray import Stray

__all__ = [
    "Account",
    "Answer",
    "Bundle",
    "Chain",
    "Customer",
    "Draft",
    "Event",
    "Item",
    "Mail",
    "Membership",
    "Note",
    "Pulse",
    "Regulation",
    "RegulationChange",
    "Renewal",
    "SignInLink",
    "StagedFile",
    "Stray",
    "Upload",
    "User",
    "because",
    "on_behalf",
]
