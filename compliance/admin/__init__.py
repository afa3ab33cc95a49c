"""What support works with. What the workflow and the mirror own is shown, never edited."""

from compliance.admin import leftovers, mirror, people, record, renewals, third_party

__all__ = ["leftovers", "mirror", "people", "record", "renewals", "third_party"]
