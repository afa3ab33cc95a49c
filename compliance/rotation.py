"""Everything that is wrapped by ``ENCRYPTION_KEYS`` goes under the first of them, so that the old
ones can be thrown away.

In batches, each a short transaction of its own: it may run beside everything else, be interrupted,
and be run again. What it has done it does not do twice.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import models, transaction

from compliance import sealing
from compliance.models import Account, Renewal

BATCH = 200
# In an authenticator's data; a passkey has no secret.
SECRETS = ("secret", "seed")


@dataclass(kw_only=True)
class Counts:
    what: str
    current: int = 0
    old: int = 0
    # Under a key that is not on the ring (any more): whoever has it must put it there.
    unreadable: int = 0


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Rows that bear something wrapped. ``read`` and ``write`` know where in the row."""

    what: str
    rows: Callable[[], models.QuerySet[Any]]
    field: str
    read: Callable[[Any], list[bytes]]
    write: Callable[[Any, list[bytes]], None]


def _column(name: str) -> dict[str, Any]:
    def read(row: Any) -> list[bytes]:
        value = getattr(row, name)
        return [bytes(value)] if value else []

    def write(row: Any, wrapped: list[bytes]) -> None:
        setattr(row, name, wrapped[0])

    return {"field": name, "read": read, "write": write}


def _held_by(authenticator: Any) -> list[str]:
    return [name for name in SECRETS if isinstance(authenticator.data.get(name), str)]


def _read_authenticator(authenticator: Any) -> list[bytes]:
    return [authenticator.data[name].encode() for name in _held_by(authenticator)]


def _write_authenticator(authenticator: Any, wrapped: list[bytes]) -> None:
    for name, value in zip(_held_by(authenticator), wrapped, strict=True):
        authenticator.data[name] = value.decode()


KINDS = (
    Kind(
        what="keys of renewals",
        rows=lambda: Renewal.objects.filter(key__isnull=False).only("key"),
        **_column("key"),
    ),
    Kind(
        what="auth tokens of subaccounts",
        rows=lambda: Account.objects.exclude(sealed_token=b"").only("sealed_token"),
        **_column("sealed_token"),
    ),
    Kind(
        what="authenticator apps and recovery codes",
        rows=lambda: Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN),
        field="data",
        read=_read_authenticator,
        write=_write_authenticator,
    ),
)


def look() -> list[Counts]:
    """What there is, and under which keys. Changes nothing."""
    found = []
    for kind in KINDS:
        counts = Counts(what=kind.what)
        for row in kind.rows().iterator(chunk_size=BATCH):
            _sort(kind.read(row), counts)
        found.append(counts)
    return found


def rotate(batch: int = BATCH) -> Iterator[Counts]:
    """One kind after the other; ``old`` counts what has been re-wrapped."""
    for kind in KINDS:
        counts = Counts(what=kind.what)
        last = 0
        while last := _rotate_batch(kind, counts, after=last, batch=batch):
            pass
        yield counts


def _rotate_batch(kind: Kind, counts: Counts, *, after: int, batch: int) -> int:
    """The last row of the batch; 0 when there is none left."""
    with transaction.atomic():
        # A renewal that ends meanwhile waits, or has no key any more and is not here.
        rows = list(
            kind.rows().filter(pk__gt=after).order_by("pk").select_for_update(no_key=True)[:batch]
        )
        for row in rows:
            wrapped = kind.read(row)
            if _sort(wrapped, counts):
                kind.write(row, [sealing.rewrap(one) for one in wrapped])
                row.save(update_fields=[kind.field])
    return rows[-1].pk if rows else 0


def _sort(wrapped: list[bytes], counts: Counts) -> bool:
    """Counts a row; True if it is to be re-wrapped."""
    if all(sealing.is_current(one) for one in wrapped):
        counts.current += bool(wrapped)
        return False
    try:
        for one in wrapped:
            sealing.unwrap(one)
    except sealing.Unreadable:
        counts.unreadable += 1
        return False
    counts.old += 1
    return True
