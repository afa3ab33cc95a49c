"""Puts the demo's accounts, regulations and bundles into an empty state. Every SID and token is
the same each time, so that tests and the demo can name them.
"""

from datetime import datetime, timedelta
from typing import Any

from compliance.sandbox import papers, sids
from compliance.sandbox.catalogue import DOCUMENT_TYPES
from compliance.sandbox.numberplan import plan_of
from compliance.sandbox.records import (
    Account,
    Address,
    ApiKey,
    Assignment,
    Bundle,
    Document,
    EndUser,
    Number,
    Regulation,
)
from compliance.sandbox.rulebook import RULES
from compliance.sandbox.seed_data import MAIN, PLACES, SEED_BUNDLES, SUBACCOUNT, Paper, SeedBundle
from compliance.sandbox.state import State

ACCOUNT_SID = sids.fixed("AC", "northwind-numbers")
AUTH_TOKEN = sids.fixed("", "token of northwind-numbers")
SUBACCOUNT_SID = sids.fixed("AC", "harbour-cafe")
SUBACCOUNT_TOKEN = sids.fixed("", "token of harbour-cafe")
API_KEY_SID = sids.fixed("SK", "northwind-numbers")
API_KEY_SECRET = sids.fixed("", "secret of northwind-numbers")

REGULATIONS = {key: sids.fixed("RN", key) for key in RULES}
BUNDLES = {key: sids.fixed("BU", key) for key in SEED_BUNDLES}
ADDRESSES = {key: sids.fixed("AD", key) for key in PLACES}
FAULTS = {key: bundle.fault for key, bundle in SEED_BUNDLES.items()}

# Which bundle is meant to be driven to which stage of a renewal.
ON_THE_WAY = {
    "being checked": "way-being-checked",
    "changes needed": "way-changes-needed",
    "finishing": "way-finishing",
}

_ACCOUNTS = {MAIN: ACCOUNT_SID, SUBACCOUNT: SUBACCOUNT_SID}
_MIME_TYPES = {"pdf": "application/pdf", "png": "image/png"}


def sow(state: State) -> None:
    now = state.clock.now().replace(microsecond=0)
    long_ago = now - timedelta(days=500)
    _accounts(state, long_ago)
    for key, rule in RULES.items():
        state.regulations[REGULATIONS[key]] = Regulation(
            sid=REGULATIONS[key],
            friendly_name=rule.friendly_name,
            iso_country=rule.country,
            number_type=rule.number_type,
            end_user_type=rule.end_user_type,
            requirements=rule.requirements,
            unmatched=list(rule.unmatched),
        )
    for key, place in PLACES.items():
        state.addresses[ADDRESSES[key]] = Address(
            sid=ADDRESSES[key],
            account_sid=_ACCOUNTS[place.account],
            customer_name=place.name,
            street=place.street,
            city=place.city,
            region=place.region,
            postal_code=place.postal_code,
            iso_country=place.country,
            friendly_name=f"{place.name}, {place.city}",
            date_created=long_ago,
            date_updated=long_ago,
        )
    for index, (key, bundle) in enumerate(SEED_BUNDLES.items()):
        created = now - timedelta(days=400 - index * 7)
        _bundle(state, key, bundle, now, created)


def _accounts(state: State, since: datetime) -> None:
    for sid, name, token in (
        (ACCOUNT_SID, "Northwind Numbers", AUTH_TOKEN),
        (SUBACCOUNT_SID, "Harbour Cafe", SUBACCOUNT_TOKEN),
    ):
        state.accounts[sid] = Account(sid, name, token, ACCOUNT_SID, since, since)
    state.api_keys[API_KEY_SID] = ApiKey(API_KEY_SID, API_KEY_SECRET, ACCOUNT_SID)


def _bundle(state: State, key: str, seed: SeedBundle, now: datetime, created: datetime) -> None:
    account_sid, rule = _ACCOUNTS[seed.account], RULES[seed.country]
    expired = seed.days is not None and seed.days < 0
    bundle = Bundle(
        sid=BUNDLES[key],
        account_sid=account_sid,
        regulation_sid=REGULATIONS[seed.country],
        friendly_name=f"{seed.customer}, {seed.title}",
        email=seed.email,
        status="twilio-rejected" if expired else "twilio-approved",
        failure_reason="The updated information was not given in time." if expired else "",
        valid_until=None if seed.days is None else now + timedelta(days=seed.days),
        date_created=created,
        date_updated=created + timedelta(days=2),
    )
    state.bundles[bundle.sid] = bundle
    user = EndUser(
        sid=sids.fixed("IT", key),
        account_sid=account_sid,
        friendly_name=seed.customer,
        type=rule.end_user_type,
        attributes=dict(seed.end_user),
        date_created=created,
        date_updated=created,
    )
    state.end_users[user.sid] = user
    items = [user.sid]
    for number, paper in enumerate(seed.papers):
        items.append(_document(state, f"{key}:{number}", paper, seed, created))
    for item in items:
        assignment = Assignment(
            sids.fixed("BV", f"{key}:{item}"), bundle.sid, account_sid, item, created
        )
        state.assignments[assignment.sid] = assignment
    _numbers(state, seed, bundle, created)


def _document(state: State, name: str, paper: Paper, seed: SeedBundle, created: datetime) -> str:
    attributes: dict[str, Any] = dict(paper.attributes)
    if paper.place is not None:
        attributes["address_sids"] = [ADDRESSES[paper.place]]
    title = DOCUMENT_TYPES[paper.type].friendly_name
    document = Document(
        sid=sids.fixed("RD", name),
        account_sid=_ACCOUNTS[seed.account],
        friendly_name=f"{title} of {seed.customer}",
        type=paper.type,
        attributes=attributes,
        status="approved",
        date_created=created,
        date_updated=created,
    )
    if paper.file is not None:
        lines = [title, seed.customer, *map(str, paper.attributes.values()), "Demo data"]
        content = papers.pdf(*lines) if paper.file == "pdf" else papers.png(*lines)
        document.file, document.size = state.blobs.put(content), len(content)
        document.mime_type = _MIME_TYPES[paper.file]
    state.documents[document.sid] = document
    return document.sid


def _numbers(state: State, seed: SeedBundle, bundle: Bundle, created: datetime) -> None:
    addresses = sorted(state.addresses_of(bundle))
    for phone_number in seed.numbers:
        plan = plan_of(phone_number)
        if plan is None:
            raise ValueError(f"{phone_number} has no place in the number plan")
        sid = sids.fixed("PN", phone_number)
        state.numbers[sid] = Number(
            sid=sid,
            account_sid=bundle.account_sid,
            phone_number=phone_number,
            friendly_name=phone_number,
            iso_country=plan.country,
            type=plan.type,
            address_requirements=plan.address_requirements,
            address_sid=addresses[0] if addresses else None,
            bundle_sid=bundle.sid,
            date_created=created,
            date_updated=created,
        )
