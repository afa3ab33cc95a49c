"""Rows for tests of pages, made directly: no call to anything.

The cast: ada renews, bob belongs to another company, ops is staff. What Twilio would say is put in
our own words here, in the shape that it publishes.
"""

from tests.factories.bundles import make_account, make_bundle
from tests.factories.evaluations import (
    ADDRESS_FINE,
    ADDRESS_MISSING,
    ALL_FINE,
    COMPANY,
    DETAILS_FINE,
    DETAILS_OPEN,
    EXTRACT_DIFFERS,
    EXTRACT_FINE,
    EXTRACT_MISSING,
    SOME_OPEN,
    failing,
    passing,
    result,
)
from tests.factories.people import make_customer, make_user
from tests.factories.regulations import (
    BUSINESS_FIELDS,
    EVERY_KIND,
    GERMANY,
    accepted,
    detailed,
    make_regulation,
)
from tests.factories.renewals import (
    german_renewal,
    made_for_it,
    make_answer,
    make_event,
    make_item,
    make_renewal,
    noon,
)
from tests.factories.sids import sid

__all__ = [
    "ADDRESS_FINE",
    "ADDRESS_MISSING",
    "ALL_FINE",
    "BUSINESS_FIELDS",
    "COMPANY",
    "DETAILS_FINE",
    "DETAILS_OPEN",
    "EVERY_KIND",
    "EXTRACT_DIFFERS",
    "EXTRACT_FINE",
    "EXTRACT_MISSING",
    "GERMANY",
    "SOME_OPEN",
    "accepted",
    "detailed",
    "failing",
    "german_renewal",
    "made_for_it",
    "make_account",
    "make_answer",
    "make_bundle",
    "make_customer",
    "make_event",
    "make_item",
    "make_regulation",
    "make_renewal",
    "make_user",
    "noon",
    "passing",
    "result",
    "sid",
]
