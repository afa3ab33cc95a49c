"""The operations, by the object that they act on.

Lists are read page by page as plain payloads, following ``next_page_url`` to the letter: building
an SDK object for each row costs several times the parsing.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from twilio.base import values
from twilio.base.exceptions import (
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from urllib3 import encode_multipart_formdata

from compliance.gateway.errors import Gone, Refused, Unavailable
from compliance.gateway.transport import Credentials, client_for
from compliance.gateway.values import (
    Account,
    Address,
    Assignment,
    Bundle,
    Evaluation,
    Item,
    Named,
    Number,
    Regulation,
)

NUMBERS = "https://numbers.twilio.com/v2/RegulatoryCompliance"
UPLOADS = "https://numbers-upload.twilio.com/v2/RegulatoryCompliance/SupportingDocuments"
API = "https://api.twilio.com"
PAGE_SIZE = 1000  # the most that Twilio gives (error 20007)
Kind = Literal["Bundles", "EndUsers", "SupportingDocuments", "Addresses"]
SIDS_PER_CALL = 20  # the most that the BundleSids filter takes


class Twilio:
    """One account's view of the API: the account that authenticates is the one that is seen."""

    def __init__(self, credentials: Credentials) -> None:
        self._client = client_for(credentials, settings.TWILIO_BASE_URL)
        self._compliance = self._client.numbers.v2.regulatory_compliance
        self._account = f"{API}/2010-04-01/Accounts/{credentials.account_sid}"

    # --- Bundles ------------------------------------------------------------------------------

    def bundle(self, sid: str) -> Bundle:
        with _translated():
            return Bundle.of(vars(self._compliance.bundles(sid).fetch()))

    def bundles_with_deadline(self) -> Iterator[list[Bundle]]:
        """Page by page, nearest deadline first; statuses are for the caller to sort out."""
        for page in self._pages(
            f"{NUMBERS}/Bundles",
            "results",
            HasValidUntilDate="true",
            SortBy="valid-until",
            SortDirection="ASC",
        ):
            yield [Bundle.of(payload) for payload in page]

    def bundles_by_change(self, *, since: datetime | None) -> Iterator[Bundle]:
        """Newest change first, down to ``since`` (inclusive: Twilio's dates are whole seconds)."""
        pages = self._pages(
            f"{NUMBERS}/Bundles",
            "results",
            page_size=100,
            SortBy="date-updated",
            SortDirection="DESC",
        )
        for payload in chain.from_iterable(pages):
            bundle = Bundle.of(payload)
            if since and bundle.date_updated and bundle.date_updated < since:
                return
            yield bundle

    def bundles_by_sid(self, sids: list[str]) -> list[Bundle]:
        """Those of ``sids`` that there are, twenty a call."""
        found: list[Bundle] = []
        for start in range(0, len(sids), SIDS_PER_CALL):
            some = ",".join(sids[start : start + SIDS_PER_CALL])
            pages = self._pages(f"{NUMBERS}/Bundles", "results", BundleSids=some)
            found += [Bundle.of(payload) for payload in chain.from_iterable(pages)]
        return found

    def update_bundle(self, sid: str, *, status_callback: str) -> Bundle:
        """Properties only: a status must travel alone (error 22204)."""
        with _translated():
            bundle = self._compliance.bundles(sid).update(status_callback=status_callback)
            return Bundle.of(vars(bundle))

    def rename_bundle(self, sid: str, *, friendly_name: str) -> Bundle:
        with _translated():
            bundle = self._compliance.bundles(sid).update(friendly_name=friendly_name)
            return Bundle.of(vars(bundle))

    def submit(self, sid: str) -> Bundle:
        """Ask for the review. The status is alone in its request (error 22204)."""
        with _translated():
            return Bundle.of(vars(self._compliance.bundles(sid).update(status="pending-review")))

    def delete_bundle(self, sid: str) -> None:
        with _translated():
            self._compliance.bundles(sid).delete()

    def copies(self, sid: str) -> list[Bundle]:
        """The copies of a bundle: nothing else links a copy to its original."""
        return [
            Bundle.of(payload)
            for payload in chain.from_iterable(
                self._pages(f"{NUMBERS}/Bundles/{sid}/Copies", "results")
            )
        ]

    def create_copy(self, sid: str, *, friendly_name: str) -> Bundle:
        with _translated():
            copies = self._compliance.bundles(sid).bundle_copies
            return Bundle.of(vars(copies.create(friendly_name=friendly_name)))

    def replace_items(self, sid: str, *, from_sid: str) -> Bundle:
        """Put the copy's items onto the bundle ``sid``: once only, and the copy is empty after."""
        with _translated():
            replace = self._compliance.bundles(sid).replace_items
            return Bundle.of(vars(replace.create(from_bundle_sid=from_sid)))

    def evaluate(self, sid: str) -> Evaluation:
        """A new evaluation: it leaves a record at Twilio, so it is made after a change only."""
        with _translated():
            return Evaluation.of(vars(self._compliance.bundles(sid).evaluations.create()))

    # --- What a bundle holds ------------------------------------------------------------------

    def assignments(self, bundle_sid: str) -> list[Assignment]:
        pages = self._pages(f"{NUMBERS}/Bundles/{bundle_sid}/ItemAssignments", "results")
        return [Assignment.of(payload) for payload in chain.from_iterable(pages)]

    def assign(self, bundle_sid: str, *, object_sid: str) -> Assignment:
        with _translated():
            assignments = self._compliance.bundles(bundle_sid).item_assignments
            return Assignment.of(vars(assignments.create(object_sid=object_sid)))

    def unassign(self, bundle_sid: str, *, assignment_sid: str) -> None:
        with _translated():
            self._compliance.bundles(bundle_sid).item_assignments(assignment_sid).delete()

    def item(self, sid: str) -> Item:
        with _translated():
            if sid.startswith("IT"):
                return Item.of(vars(self._compliance.end_users(sid).fetch()))
            return Item.of(vars(self._compliance.supporting_documents(sid).fetch()))

    def update_item(self, sid: str, *, attributes: Mapping[str, Any]) -> Item:
        """``attributes`` are all of them: whether Twilio would merge is not documented."""
        with _translated():
            if sid.startswith("IT"):
                changed = self._compliance.end_users(sid).update(attributes=dict(attributes))
                return Item.of(vars(changed))
            document = self._compliance.supporting_documents(sid)
            return Item.of(vars(document.update(attributes=dict(attributes))))

    def delete_item(self, sid: str) -> None:
        with _translated():
            if sid.startswith("IT"):
                self._compliance.end_users(sid).delete()
            else:
                self._compliance.supporting_documents(sid).delete()

    def create_end_user(
        self, *, friendly_name: str, type_: str, attributes: Mapping[str, Any]
    ) -> Item:
        with _translated():
            created = self._compliance.end_users.create(
                friendly_name=friendly_name, type=type_, attributes=dict(attributes)
            )
            return Item.of(vars(created))

    def create_document(
        self, *, friendly_name: str, type_: str, attributes: Mapping[str, Any]
    ) -> Item:
        """A document that consists of its attributes: an address."""
        with _translated():
            created = self._compliance.supporting_documents.create(
                friendly_name=friendly_name, type=type_, attributes=dict(attributes)
            )
            return Item.of(vars(created))

    def upload_document(
        self,
        *,
        friendly_name: str,
        type_: str,
        attributes: Mapping[str, Any],
        file_name: str,
        mime_type: str,
        data: bytes,
    ) -> Item:
        """A document with its file. Files go to a host of their own, which the SDK does not know.

        An empty ``mime_type`` in the answer means that no content arrived.
        """
        body, content_type = encode_multipart_formdata(
            {
                "FriendlyName": friendly_name,
                "Type": type_,
                "Attributes": json.dumps(dict(attributes)),
                "File": (file_name, data, mime_type),
            }
        )
        with _translated():
            response = self._client.http_client.request(
                "POST",
                UPLOADS,
                data=body,
                headers={"Content-Type": content_type, "Accept": "application/json"},
                auth=self._client.auth,
            )
            return Item.of(_payload(response))

    def items_tagged(self, tag: str, *, end_users: bool) -> list[Item]:
        """End-Users or documents whose name carries ``tag``: those whose answer was lost.

        These lists have no filter and no documented order, so they are read whole.
        """
        kind = "EndUsers" if end_users else "SupportingDocuments"
        items = map(Item.of, chain.from_iterable(self._pages(f"{NUMBERS}/{kind}", "results")))
        return [item for item in items if tag in item.friendly_name]

    def named(self, kind: Kind, *, after: str = "") -> tuple[list[Named], str]:
        """A page of all bundles, End-Users, documents or addresses of the account, and where the
        next one begins; "" after the last. The order is Twilio's."""
        url, key = {
            "Bundles": (f"{NUMBERS}/Bundles", "results"),
            "EndUsers": (f"{NUMBERS}/EndUsers", "results"),
            "SupportingDocuments": (f"{NUMBERS}/SupportingDocuments", "results"),
            "Addresses": (f"{self._account}/Addresses.json", "addresses"),
        }[kind]
        with _translated():
            payload = self._get(f"{url}?{after or urlencode({'PageSize': PAGE_SIZE})}")
        return list(map(Named.of, _rows(payload, key))), urlsplit(_next(payload) or "").query

    def regulation(self, sid: str) -> Regulation:
        with _translated():
            fetched = self._compliance.regulations(sid).fetch(include_constraints=True)
            return Regulation.of(vars(fetched))

    # --- The 2010 API -------------------------------------------------------------------------

    def account(self) -> Account:
        with _translated():
            return Account.of(self._get(f"{self._account}.json"))

    def accounts(self) -> Iterator[Account]:
        """This account and its subaccounts, each with its own auth token."""
        for page in self._pages(f"{API}/2010-04-01/Accounts.json", "accounts"):
            yield from map(Account.of, page)

    def numbers(self) -> Iterator[Number]:
        """All of them: there is no filter for the numbers on a bundle."""
        for page in self._pages(
            f"{self._account}/IncomingPhoneNumbers.json", "incoming_phone_numbers"
        ):
            yield from map(Number.of, page)

    def addresses(self, *, friendly_name: str) -> list[Address]:
        pages = self._pages(
            f"{self._account}/Addresses.json", "addresses", FriendlyName=friendly_name
        )
        return [Address.of(payload) for payload in chain.from_iterable(pages)]

    def address(self, sid: str) -> Address:
        with _translated():
            return Address.of(self._get(f"{self._account}/Addresses/{sid}.json"))

    def create_address(self, *, friendly_name: str, parts: Mapping[str, str]) -> Address:
        """``parts``: customer_name, street, street_secondary, city, region, postal_code,
        iso_country. Twilio validates it (errors 21628 and 21629) and may spell it its own way."""
        optional = {"street_secondary": parts.get("street_secondary") or values.unset}
        with _translated():
            created = self._client.addresses.create(
                friendly_name=friendly_name,
                customer_name=parts.get("customer_name", ""),
                street=parts.get("street", ""),
                city=parts.get("city", ""),
                # Required even where a country has none.
                region=parts.get("region") or parts.get("city", ""),
                postal_code=parts.get("postal_code", ""),
                iso_country=parts.get("iso_country", ""),
                **optional,
            )
            return Address.of(vars(created))

    def delete_address(self, sid: str) -> None:
        with _translated():
            self._client.addresses(sid).delete()

    def send_message(self, *, to: str, sender: str, body: str) -> str:
        """An SMS; the SID of what Twilio has put into its queue. Numbers in E.164 form.

        ``sender`` is a number of the account, an alphanumeric name, or a Messaging Service. There
        is no key that would make a repeat harmless: after an ``Unavailable`` whose cause is
        connection or server it is not known whether the message goes out.
        """
        origin = {"messaging_service_sid" if sender.startswith("MG") else "from_": sender}
        with _translated():
            return str(self._client.messages.create(to=to, body=body, **origin).sid or "")

    # --- The wire -----------------------------------------------------------------------------

    def _get(self, url: str) -> dict[str, Any]:
        return _payload(self._client.request("GET", url))

    def _pages(
        self, url: str, key: str, *, page_size: int = PAGE_SIZE, **filters: str
    ) -> Iterator[list[dict[str, Any]]]:
        """The pages of a list: ``meta`` names the next one in v2, ``next_page_uri`` in 2010."""
        next_url: str | None = f"{url}?{urlencode({**filters, 'PageSize': page_size})}"
        while next_url:
            with _translated():
                payload = self._get(next_url)
            yield _rows(payload, key)
            next_url = _next(payload)


def _rows(payload: dict[str, Any], key: str) -> list[dict[str, Any]]:
    rows = payload.get(key)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _next(payload: dict[str, Any]) -> str | None:
    """The address of the next page."""
    meta = payload.get("meta")
    if isinstance(meta, dict):
        return meta.get("next_page_url")
    uri = payload.get("next_page_uri")
    return f"{API}{uri}" if uri else None


def _payload(answer: Any) -> dict[str, Any]:
    payload = answer.payload
    if not isinstance(payload, dict):
        raise ValueError("not an object")
    if answer.status_code >= 400:
        raise TwilioRestException(
            answer.status_code,
            "",
            str(payload.get("message") or ""),
            code=payload.get("code"),
        )
    return payload


@contextmanager
def _translated() -> Iterator[None]:
    """Turns what the SDK raises into the gateway's own exceptions."""
    try:
        yield
    except (TwilioRestException, TwilioServiceException) as error:
        if error.status == 404:
            raise Gone from error
        message = getattr(error, "msg", None) or getattr(error, "detail", None) or str(error)
        # The SDK puts its own words before Twilio's.
        message = str(message).removeprefix("Unable to create record: ")
        message = message.removeprefix("Unable to update record: ")
        message = message.removeprefix("Unable to delete record: ")
        message = message.removeprefix("Unable to fetch record: ")
        raise Refused(error.code or 0, message.strip()) from error
    except (TwilioException, ValueError) as error:
        raise Unavailable("server", type(error).__name__) from error
