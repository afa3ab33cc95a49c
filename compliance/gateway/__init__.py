"""The only place that talks to Twilio.

Hands out frozen values, never objects of the SDK, and raises three exceptions: :class:`Unavailable`
(try later), :class:`Refused` (Twilio says no) and :class:`Gone` (not there). It knows nothing of
our rows.
"""

from compliance.gateway.errors import Gone, Refused, Unavailable
from compliance.gateway.transport import Credentials
from compliance.gateway.twilio import Kind, Twilio
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

__all__ = [
    "Account",
    "Address",
    "Assignment",
    "Bundle",
    "Credentials",
    "Evaluation",
    "Gone",
    "Item",
    "Kind",
    "Named",
    "Number",
    "Refused",
    "Regulation",
    "Twilio",
    "Unavailable",
]
