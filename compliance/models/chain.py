"""The chain that the events hang on, so that none can be changed or taken out unseen.

Each event bears the hash of its own content together with the hash of the one before it. Every
renewal has a chain of its own, and one more holds what belongs to no renewal: workers on different
renewals never wait for each other. A chain's end is kept beside it, so that its last events can't
go missing either.

Who did it is hashed as a mark that is made from the person's secret. Erasing the person destroys
the secret: the chain stays whole, and the mark leads to nobody.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models

from compliance.models.people import Customer
from compliance.models.renewal import Renewal


class Chain(models.Model):
    """Where a chain ends."""

    # Empty: the chain of what belongs to no renewal.
    renewal = models.OneToOneField(
        Renewal, null=True, on_delete=models.PROTECT, related_name="chain"
    )
    length = models.PositiveIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.Value(1),
                condition=models.Q(renewal__isnull=True),
                name="one_chain_without_renewal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.renewal_id or '-'}: {self.length}"

    @classmethod
    def held(cls, *, renewal_pk: int | None, customer_pk: int | None) -> "Chain":
        """It is ours until the end of the transaction.

        The row that the rest of the transaction is about is locked first. Others lock it before
        they write an event, or after, and so nobody waits in a circle.
        """
        if renewal_pk is not None:
            _lock(Renewal.objects.filter(pk=renewal_pk))
        elif customer_pk is not None:
            _lock(Customer.objects.filter(pk=customer_pk))
        chain, _created = cls.objects.select_for_update(no_key=True).get_or_create(
            renewal_id=renewal_pk
        )
        return chain

    def grow(self, hashed: str) -> None:
        self.length, self.hash = self.length + 1, hashed
        Chain.objects.filter(pk=self.pk).update(length=self.length, hash=self.hash)


def _lock(rows: models.QuerySet[Any]) -> None:
    """SQLite has one writer at a time as it is."""
    if connection.features.has_select_for_update:
        list(rows.select_for_update(no_key=True).values_list("pk"))


def mark_of(secret: str | None, *, renewal_pk: int | None, number: int) -> str:
    """Stands for a person in one event: two of the same person can't be told to be so.

    :param secret: the person's; None if there is nobody.
    """
    if secret is None:
        return ""
    return hashlib.sha256(f"{secret}/{renewal_pk}/{number}".encode()).hexdigest()


def hash_of(event: Any, *, before: str) -> str:
    """SHA-256 over what never changes in an event, and the hash of the one before it.

    :param event: an ``Event``; of a migration's making, too.
    """
    content = {
        "number": event.number,
        "at": _iso(event.at),
        "kind": event.kind,
        "renewal": event.renewal_id,
        "customer": event.customer_id,
        "person": event.person_mark,
        "by": event.by_mark,
        "customer_visible": event.customer_visible,
        "details": event.details,
        "key": event.key,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
