"""SIDs: two letters that name the kind of object, then 32 hexadecimal digits."""

import hashlib
import re
import secrets

_SID = re.compile(r"[A-Za-z]{2}[0-9a-fA-F]{32}")


def new(prefix: str) -> str:
    return prefix + secrets.token_hex(16)


def fixed(prefix: str, name: str) -> str:
    """The same SID for the same name, every time: for what the seed creates."""
    return prefix + hashlib.sha256(f"{prefix}:{name}".encode()).hexdigest()[:32]


def is_sid(text: str, prefix: str | None = None) -> bool:
    return _SID.fullmatch(text) is not None and (prefix is None or text.startswith(prefix))
