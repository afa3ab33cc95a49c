"""Encryption at rest.

Two levels. Every renewal has a data key of its own; the data key is stored wrapped by the
installation's key ring (``ENCRYPTION_KEYS``, Fernet keys, the first encrypts, all decrypt).
Destroying the wrapped key makes everything sealed under it unreadable, in backups too.
"""

from functools import lru_cache
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE_BYTES = 12

# What a BinaryField gives back: bytes from SQLite, a memoryview from PostgreSQL.
Stored = bytes | memoryview


class Unreadable(Exception):
    """The key is gone, is not the right one, or what was sealed has been moved or altered."""


@lru_cache(maxsize=4)
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def ring() -> MultiFernet:
    return _ring(tuple(settings.ENCRYPTION_KEYS))


def new_key() -> bytes:
    """A fresh data key, wrapped."""
    return ring().encrypt(AESGCM.generate_key(bit_length=256))


def wrap(secret: bytes) -> bytes:
    """A short secret (an auth token) under the ring itself."""
    return ring().encrypt(secret)


def unwrap(wrapped: Stored) -> bytes:
    try:
        return ring().decrypt(bytes(wrapped))
    except InvalidToken as error:
        raise Unreadable from error


def rewrap(wrapped: Stored) -> bytes:
    """The same secret under the ring's first key; for rotation.

    :raises Unreadable: it is under no key of the ring.
    """
    try:
        return ring().rotate(bytes(wrapped))
    except InvalidToken as error:
        raise Unreadable from error


def is_current(wrapped: Stored) -> bool:
    """Whether it is under the ring's first key."""
    try:
        _ring(tuple(settings.ENCRYPTION_KEYS[:1])).decrypt(bytes(wrapped))
    except InvalidToken:
        return False
    return True


def seal(data: bytes, *, key: Stored, about: str) -> bytes:
    """AES-256-GCM of ``data`` under the wrapped ``key``, bound to ``about``.

    ``about`` names the one place where the result may stand, so that a sealed value copied to
    another row does not open there.
    """
    nonce = token_bytes(NONCE_BYTES)
    return nonce + AESGCM(unwrap(key)).encrypt(nonce, data, about.encode())


def unseal(sealed: Stored, *, key: Stored | None, about: str) -> bytes:
    """The opposite of :func:`seal`; :class:`Unreadable` if it can't be had."""
    if not key:
        raise Unreadable
    sealed = bytes(sealed)
    try:
        return AESGCM(unwrap(key)).decrypt(
            sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode()
        )
    except (InvalidTag, ValueError) as error:
        raise Unreadable from error
