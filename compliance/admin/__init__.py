"""What support works with. What the workflow and the mirror own is shown, never edited."""

from compliance.admin import mirror, people, record, renewals, third_party

__all__ = ["mirror", "people", "record", "renewals", "third_party"]
