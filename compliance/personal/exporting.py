"""All that we hold about a company and its people, as one zip: a JSON file, and the documents that
are still with us. It is made while it is sent, and is never a file of ours."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db.models import Q

from compliance import sealing
from compliance.answers.saving import bytes_of
from compliance.models import (
    Answer,
    Bundle,
    Customer,
    Event,
    Mail,
    Membership,
    Renewal,
    StagedFile,
    User,
)
from compliance.models.record import SEALED_REASON

EXPORTED = "customer-exported"
README = (
    "All that the portal holds about this company and its people. Times are in UTC. 'company', "
    "'people' and 'bundles' are the directory; 'updates' has, for each update of a bundle, what "
    "was entered ('answers'), what Twilio was last seen to hold ('items'), what was typed and not "
    "saved ('drafts'), the staff's notes, and what happened; 'record' and 'mails' are what belongs "
    "to no update. Files that Twilio does not hold yet are in the folder 'documents'. What an "
    "update was about is erased when it ends. Twilio keeps what was sent to it."
)


def archive_name(customer: Customer, *, now: datetime) -> str:
    return f"customer-{customer.public_id}-{now:%Y-%m-%d}.zip"


def note_export(customer: Customer, *, by: User | None, now: datetime) -> None:
    """On record before anybody has it.

    :param by: None from the command line.
    """
    Event.objects.create(at=now, kind=EXPORTED, customer=customer, by=by)


class Outlet(io.RawIOBase):
    """A file without an end that can be emptied on the way."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held += data
        return len(data)

    def drawn(self) -> bytes:
        data, self._held = bytes(self._held), bytearray()
        return data


def archive(customer: Customer, *, now: datetime) -> Iterator[bytes]:
    """The zip, piece by piece."""
    outlet = Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as bundle:
        text = json.dumps(contents(customer, now=now), ensure_ascii=False, indent=2, default=str)
        bundle.writestr("customer.json", text)
        yield outlet.drawn()
        for name, data in documents(customer):
            bundle.writestr(name, data)
            yield outlet.drawn()
    yield outlet.drawn()


def documents(customer: Customer) -> Iterator[tuple[str, bytes]]:
    waiting = Answer.objects.filter(renewal__bundle__customer=customer, upload__isnull=False)
    for answer in waiting.select_related("renewal", "upload").order_by("pk").iterator(20):
        yield _path(answer, "answer"), bytes_of(answer)
    staged = StagedFile.objects.filter(renewal__bundle__customer=customer)
    for file in staged.select_related("renewal").order_by("pk").iterator(20):
        yield _path(file, "staged"), file.data()


def _path(row: Any, what: str) -> str:
    """Its name has been made harmless when it came in; the number tells two of one name apart."""
    return f"documents/{row.renewal.reference}/{what}-{row.pk}-{row.file_name}"


def contents(customer: Customer, *, now: datetime) -> dict[str, Any]:
    members = customer.memberships.select_related("user").order_by("user__email")
    people = {membership.user_id for membership in members}
    names = _names(people)
    of_it = Q(customer=customer) | Q(customer=None, person__in=people)
    return {
        "readme": README,
        "made": now,
        "company": {
            "name": customer.name,
            "number": str(customer.public_id),
            "time_zone": customer.time_zone,
            "subaccount": customer.account.sid if customer.account else None,
            "added": customer.created_at,
            "erased": customer.erased_at,
        },
        "people": [_person(membership) for membership in members],
        "bundles": [_bundle(bundle) for bundle in customer.bundles.order_by("pk")],
        "updates": [
            _renewal(renewal, names)
            for renewal in Renewal.objects.filter(bundle__customer=customer)
            .select_related("bundle")
            .order_by("opened_at", "pk")
        ],
        "record": [
            _event(event, names)
            for event in Event.objects.filter(of_it, renewal=None).order_by("at", "pk")
        ],
        "mails": [
            _mail(mail, names)
            for mail in Mail.objects.filter(
                Q(customer=customer) | Q(customer=None, renewal=None, recipient__in=people),
                renewal=None,
            ).order_by("tried_at", "pk")
        ],
    }


def _names(people: set[int]) -> dict[int, str]:
    """Of the company's own people; whoever else had a part is not theirs to be told of."""
    return dict(User.objects.filter(pk__in=people).values_list("pk", "email"))


def _who(pk: int | None, names: dict[int, str]) -> str | None:
    return None if pk is None else names.get(pk, "support")


def _person(membership: Membership) -> dict[str, Any]:
    user = membership.user
    return {
        "email": user.email,
        "name": user.name,
        "language": user.language,
        "phone": user.phone,
        "role": membership.role,
        "gets_mails": membership.mails,
        "named_by_colleague": membership.invited_as,
        "added": user.date_joined,
        "first_signed_in_for_the_company": membership.joined_at,
        "last_signed_in": user.last_login,
        "active": user.is_active,
        "other_addresses": list(
            EmailAddress.objects.filter(user=user).values_list("email", flat=True)
        ),
        "ways_in": [
            {"type": way.type, "added": way.created_at, "last_used": way.last_used_at}
            for way in Authenticator.objects.filter(user=user).order_by("pk")
        ],
        "links_mailed": [
            {"sent": link.created_at, "used": link.used_at, "for": link.wanted}
            for link in user.sign_in_links.order_by("pk")
        ],
    }


def _bundle(bundle: Bundle) -> dict[str, Any]:
    return {
        "sid": bundle.sid,
        "name": bundle.friendly_name,
        "status": bundle.status,
        "valid_until": bundle.valid_until,
        "email": bundle.email,
        "phone_numbers": bundle.numbers,
        "last_read": bundle.read_at,
    }


def _renewal(renewal: Renewal, names: dict[int, str]) -> dict[str, Any]:
    return {
        "reference": renewal.reference,
        "bundle": renewal.bundle.sid,
        "state": renewal.state,
        "deadline": renewal.valid_until,
        "opened": renewal.opened_at,
        "submitted": renewal.submitted_at,
        "decided": renewal.decided_at,
        "ended": renewal.ended_at,
        "last_seen_by_the_company": renewal.seen_by_customer_at,
        "trouble": renewal.trouble,
        "trouble_in_words": _opened(lambda: renewal.trouble_detail),
        "last_evaluation": renewal.evaluation,
        "first_evaluation": renewal.first_evaluation,
        "answers": [_answer(answer, names) for answer in _of(renewal, "answers")],
        "items": [
            {
                "sid": item.sid,
                "type": item.type,
                "status": item.status,
                "contents": _opened(item.contents),
            }
            for item in _of(renewal, "items")
        ],
        "drafts": [
            {
                "task": draft.task,
                "by": _who(draft.user_id, names),
                "saved": draft.saved_at,
                "inputs": _opened(draft.inputs),
            }
            for draft in _of(renewal, "drafts")
        ],
        "files_not_saved": [
            {
                "task": file.task,
                "by": _who(file.user_id, names),
                "chosen": file.staged_at,
                "file": _path(file, "staged"),
            }
            for file in _of(renewal, "staged")
        ],
        "notes": [
            {"at": note.at, "text": _opened(lambda note=note: note.text)}
            for note in _of(renewal, "notes")
        ],
        "record": [_event(event, names) for event in _of(renewal, "events")],
        "mails": [_mail(mail, names) for mail in _of(renewal, "mails")],
    }


def _of(renewal: Renewal, what: str) -> list[Any]:
    """Its rows, which need the renewal's key to be read."""
    rows = list(getattr(renewal, what).order_by("pk"))
    for row in rows:
        row.renewal = renewal
    return rows


def _answer(answer: Answer, names: dict[int, str]) -> dict[str, Any]:
    return {
        "task": answer.task,
        "type": answer.type,
        "state": answer.state,
        "saved": answer.saved_at,
        "by": _who(answer.saved_by_id, names),
        "values": _opened(answer.values),
        "refused_because": _opened(lambda: answer.refused_message),
        "file_name": answer.file_name,
        "file_sha256": answer.file_sha256,
        "file": _path(answer, "answer") if hasattr(answer, "upload") else None,
        "at_twilio": [sid for sid in (answer.item_sid, answer.address_sid) if sid],
    }


def _event(event: Event, names: dict[int, str]) -> dict[str, Any]:
    details = {name: value for name, value in event.details.items() if name != SEALED_REASON}
    if reason := _opened(lambda: event.reason):
        details["reason"] = reason
    return {
        "at": event.at,
        "what": event.kind,
        "by": _who(event.by_id, names),
        "about": _who(event.person_id, names),
        "details": details,
    }


def _mail(mail: Mail, names: dict[int, str]) -> dict[str, Any]:
    return {
        "kind": mail.kind,
        "way": mail.channel,
        "to": _who(mail.recipient_id, names),
        "subject": mail.subject,
        "sent": mail.sent_at,
        "result": mail.result,
    }


def _opened(read: Any) -> Any:
    try:
        return read()
    except sealing.Unreadable:
        return "can't be opened any more"
