"""What an answer is made of, as a browser posts it."""

from datetime import UTC, datetime, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from compliance.models import Answer, Renewal
from tests.portal import specimens

DETAILS = {"f-business_registration_number": "HRB 98765", "f-email": "office@acme.example"}
# Day 3 of last month: never to come, and never too old.
ISSUED = (datetime.now(UTC).replace(day=1) - timedelta(days=1)).date().replace(day=3)
EXTRACT = {
    "f-business_name": "Acme GmbH",
    "f-issue_date-d": "3",
    "f-issue_date-m": str(ISSUED.month),
    "f-issue_date-y": str(ISSUED.year),
}


def whole_person(**changes: str) -> dict[str, str]:
    return {
        "version": "0",
        "f-first_name": "Mia",
        "f-comments": "",
        "f-email": "mia@example.com",
        "f-phone_number": "02 5550 1234",
        "f-birth_date-d": "12",
        "f-birth_date-m": "4",
        "f-birth_date-y": "1984",
        "f-nationality": "AU",
        "f-is_subassigned": "NO",
        "f-address_sids-pick": "0",
    } | changes


def url(renewal: Renewal, task: str = "details", query: str = "") -> str:
    return f"/r/{renewal.reference}/{task}/{query}"


def pdf(name: str = "extract.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, specimens.pdf(), content_type="application/pdf")


def saved(renewal: Renewal, task: str = "details") -> Answer:
    return renewal.answers.get(task=task)
