"""Brings one saved answer to Twilio: address, then object, then its place in the copy.

Each call that makes something is preceded by a committed intent, and what is made carries a tag, so
that after a crash it is found again instead of made twice.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from compliance.answers.leftovers import Lease, discard
from compliance.answers.saving import bytes_of
from compliance.gateway import Gone, Item, Refused, Unavailable
from compliance.models import Answer, Renewal, Upload
from compliance.requirements import ADDRESS_FIELD, attributes_to_send

NAME_LENGTH = 255
ADDRESS_NAME_LENGTH = 64
FILE_NAMES = {
    "application/pdf": "document.pdf",
    "image/jpeg": "document.jpg",
    "image/png": "document.png",
}


class Wait(Exception):
    """Nothing is wrong; it is too early. With ``counted``, too many in a row are trouble."""

    def __init__(self, until: datetime, *, counted: bool = False) -> None:
        super().__init__()
        self.until = until
        self.counted = counted


def waiting_answers(renewal: Renewal) -> list[Answer]:
    """Details first: documents are compared with them."""
    answers = list(
        renewal.answers.filter(state=Answer.State.WAITING).select_related("upload").order_by("pk")
    )
    for answer in answers:
        answer.renewal = renewal
    return sorted(answers, key=lambda answer: answer.task != "details")


def deliver(lease: Lease, answer: Answer, *, then: Callable[[], None] | None = None) -> bool:
    """True when Twilio has it. False when Twilio refuses it: the customer then sees why.

    ``then`` runs in the transaction that stores the outcome, so that nobody sees the one without
    the other. Raises Unavailable or Wait when it has to be tried again, and Gone when what it was
    to change is not there any more: it stays with us, and the copy has to be read anew.
    """
    delivery = _Delivery(lease, answer, then=then or _nothing)
    try:
        delivery.run()
    except Refused as refusal:
        return delivery.refused(code=refusal.code, message=refusal.message)
    except Gone:
        delivery.refused(code=20404, message="")
        raise
    return delivery.done()


def _nothing() -> None:
    pass


class _Delivery:
    def __init__(
        self, lease: Lease, answer: Answer, *, then: Callable[[], None] = _nothing
    ) -> None:
        self.lease = lease
        self.then = then
        self.answer = answer
        self.renewal = lease.renewal
        self.version = answer.version
        self.is_new = not answer.changes_sid
        # In order, each once.
        self.supersedes = dict.fromkeys(answer.supersedes)

    def run(self) -> None:
        values = self.answer.values()
        address = values.pop(ADDRESS_FIELD, None)
        if address:
            values[ADDRESS_FIELD] = [self._address(address)]
        if not self.is_new:
            self._describe(
                self.lease.twilio().update_item(
                    self.answer.changes_sid, attributes=self._attributes(values)
                )
            )
            return
        is_first_try = not self.answer.item_sid and self.answer.intent_at is None
        if not self.answer.item_sid:
            made = self._find_or_make(values)
            self._write(item_sid=made)
        if is_first_try and not self.supersedes:
            # Made a moment ago, so no bundle holds it; and nothing has to leave before it.
            self.lease.twilio().assign(self.renewal.copy_sid, object_sid=self.answer.item_sid)
        else:
            self._put_in_place(self.answer.item_sid)

    # --- The object -----------------------------------------------------------------------

    def _attributes(self, new: Mapping[str, Any]) -> dict[str, Any]:
        """The complete attributes: those of the item to change, and the customer's."""
        answer = self.answer
        current: Mapping[str, Any] = {}
        if answer.changes_sid:
            item = self.renewal.items.filter(sid=answer.changes_sid).first()
            if item is not None:
                item.renewal = self.renewal
                current = item.contents().get("attributes") or {}
        regulation = self.renewal.bundle.regulation
        return attributes_to_send(
            regulation.requirements if regulation else {},
            type_=answer.type,
            end_user=self._is_end_user,
            current=current,
            new=new,
        )

    @property
    def _is_end_user(self) -> bool:
        return self.answer.task == "details"

    def _find_or_make(self, values: Mapping[str, Any]) -> str:
        answer = self.answer
        if answer.intent_at is not None:
            self._write(uncertain=True)
            mine = None
            tagged = self.lease.twilio().items_tagged(
                answer.tag_of_all_versions, end_users=self._is_end_user
            )
            for item in tagged:
                if mine is None and answer.tag in item.friendly_name and self._is_whole(item):
                    mine = self._describe(item)
                else:
                    # Of an earlier version, or not whole; it may even be in the copy.
                    self.supersedes[item.sid] = None
            if mine is not None:
                return mine
            self._wait_for_a_late_answer()
        self._intend()
        item = self._make(values)
        if not self._is_whole(item):
            discard(self.lease, [item.sid])
            raise Unavailable("server", "the file did not arrive")
        return self._describe(item)

    def _describe(self, item: Item) -> str:
        """So that it need not be read again under this lease; its SID."""
        self.lease.described[item.sid] = item
        return item.sid

    def _make(self, values: Mapping[str, Any]) -> Item:
        answer = self.answer
        name = f"{answer.type[: NAME_LENGTH - 60]} {answer.tag}"
        attributes = self._attributes(values)
        if self._is_end_user:
            return self.lease.twilio().create_end_user(
                friendly_name=name, type_=answer.type, attributes=attributes
            )
        if not answer.file_type:
            return self.lease.twilio().create_document(
                friendly_name=name, type_=answer.type, attributes=attributes
            )
        return self.lease.twilio().upload_document(
            friendly_name=name,
            type_=answer.type,
            attributes=attributes,
            file_name=FILE_NAMES.get(answer.file_type, "document"),
            mime_type=answer.file_type,
            data=bytes_of(answer),
        )

    def _is_whole(self, item: Item) -> bool:
        """An empty ``mime_type`` says that no content arrived."""
        return bool(item.mime_type) or not self.answer.file_type

    def _intend(self) -> None:
        """Committed before a call that makes something."""
        self._write(intent_at=self.lease.now, intent_version=self.version)

    def _wait_for_a_late_answer(self) -> None:
        """A call that timed out may still be carried out at Twilio.

        One for an earlier version need not be waited for: what it makes is swept up at the end.
        """
        intent_at = self.answer.intent_at
        if intent_at is None or self.answer.intent_version != self.version:
            return
        if self.lease.now < intent_at + settings.LATE_ANSWER:
            raise Wait(intent_at + settings.LATE_ANSWER)

    # --- Its place ------------------------------------------------------------------------

    def _put_in_place(self, sid: str) -> None:
        """Take the superseded documents out, then put the new one in.

        A refused document must leave the bundle before another of its kind comes; two at a time
        have been seen to be refused (70002).
        """
        copy_sid = self.renewal.copy_sid
        held = {a.object_sid: a.sid for a in self.lease.twilio().assignments(copy_sid)}
        taken_out = [old for old in self.supersedes if old in held]
        for old in taken_out:
            self.lease.twilio().unassign(copy_sid, assignment_sid=held[old])
        if sid not in held:
            try:
                self.lease.twilio().assign(copy_sid, object_sid=sid)
            except (Refused, Gone):
                # What was there was better than nothing.
                for old in taken_out:
                    self.lease.twilio().assign(copy_sid, object_sid=old)
                raise
        discard(self.lease, self.supersedes)

    # --- Its address ----------------------------------------------------------------------

    def _address(self, value: Mapping[str, str]) -> str:
        """The SID of the address: one that the customer chose, or a new one, made once."""
        if value.get("sid"):
            return value["sid"]
        answer = self.answer
        if answer.address_sid:
            return answer.address_sid
        name = answer.tag[:ADDRESS_NAME_LENGTH]
        if answer.intent_at is not None and answer.intent_version == self.version:
            self._write(uncertain=True)
            found = self.lease.twilio().addresses(friendly_name=name)
            if found:
                self._write(address_sid=found[0].sid)
                return found[0].sid
            self._wait_for_a_late_answer()
        self._intend()
        made = self.lease.twilio().create_address(friendly_name=name, parts=value)
        # The next intent is that of the document.
        self._write(address_sid=made.sid, intent_at=None)
        return made.sid

    # --- The outcome ----------------------------------------------------------------------

    def done(self) -> bool:
        """Twilio has it: the bytes and the values are not needed here any more."""
        with transaction.atomic():
            self._write(
                state=Answer.State.DELIVERED,
                delivered_at=self.lease.now,
                intent_at=None,
                sealed=b"",
            )
            Upload.objects.filter(answer=self.answer).delete()
            self.lease.note("answer-delivered", task=self.answer.task, type=self.answer.type)
            self.then()
        return True

    def refused(self, *, code: int, message: str) -> bool:
        """Twilio says no: nothing is lost, and the customer can change it."""
        if self.is_new and self.answer.item_sid:
            discard(self.lease, [self.answer.item_sid])
        with transaction.atomic():
            self._write(
                state=Answer.State.REFUSED,
                intent_at=None,
                item_sid="",
                refused_code=code or None,
                sealed_refusal=self.renewal.seal(
                    {"message": message[:500]}, about=f"refusal/{self.answer.task}"
                ),
            )
            self.lease.note("answer-refused", task=self.answer.task, code=code)
            self.then()
        return False

    def _write(self, **changes: Any) -> None:
        """Only while the lease is ours and the customer has not saved a newer version."""
        with transaction.atomic():
            self.lease.write(looked_at=self.lease.now)
            if not Answer.objects.filter(pk=self.answer.pk, version=self.version).update(**changes):
                raise Renewal.Stale
        for name, value in changes.items():
            setattr(self.answer, name, value)
