"""What a company and its people may ask for: all that we hold about them, and that it is erased."""

from compliance.personal.erasing import InFlight, Plan, cancel_first, erase, plan, why_not
from compliance.personal.exporting import archive, archive_name, note_export

__all__ = [
    "InFlight",
    "Plan",
    "archive",
    "archive_name",
    "cancel_first",
    "erase",
    "note_export",
    "plan",
    "why_not",
]
