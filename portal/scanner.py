"""Asks the virus scanner of the installation, if it has one: clamd, over a socket.

The file goes over the wire, in clamd's INSTREAM command, so that nothing is written to a disk.
Without a clear "OK" a file counts as not checked, and what is not checked is not kept.

Of the libraries that speak to clamd, the one that is maintained is under the GPL, and the others
have seen no release for years; what is needed is a command and its answer.
"""

import socket
import struct
import time
from urllib.parse import urlsplit

from django.conf import settings

CHUNK = 64 * 1024
CONNECT_SECONDS = 3
ANSWER_SECONDS = 30
PING_SECONDS = 2
LONGEST_ANSWER = 4096


class Harmful(Exception):
    """The scanner knows what is in there; its name for it is the message."""


class NotChecked(Exception):
    """The scanner is away, busy, or could not look at all of it; the message says which."""


def is_there() -> bool:
    """Whether this installation has a scanner."""
    return bool(settings.CLAMD_URL)


def is_address(url: str) -> bool:
    """``tcp://host:port``, or ``unix:///path`` of a socket."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if parts.query or parts.fragment:
        return False
    if parts.scheme == "tcp":
        return bool(parts.hostname and port) and not parts.path
    return parts.scheme == "unix" and not parts.netloc and len(parts.path) > 1


def check(data: bytes) -> None:
    """Have ``data`` looked through.

    :raises Harmful:
    :raises NotChecked:
    """
    answer = _answer(b"zINSTREAM\0", data, seconds=ANSWER_SECONDS)
    if answer == "stream: OK":
        return
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        raise Harmful(answer.removeprefix("stream: ").removesuffix(" FOUND"))
    # Among others "INSTREAM size limit exceeded. ERROR": StreamMaxLength is below our own limit.
    raise NotChecked(answer[:100] or "no answer")


def ping() -> None:
    """:raises NotChecked: no file can be taken at the moment."""
    answer = _answer(b"zPING\0", None, seconds=PING_SECONDS)
    if answer != "PONG":
        raise NotChecked(answer[:100] or "no answer")


def _answer(command: bytes, data: bytes | None, *, seconds: float) -> str:
    until = time.monotonic() + seconds
    try:
        with _connected() as clamd:
            clamd.settimeout(seconds)
            clamd.sendall(command)
            if data is not None:
                _send(clamd, data)
            answer = b""
            while b"\0" not in answer and len(answer) < LONGEST_ANSWER:
                clamd.settimeout(max(until - time.monotonic(), 0.01))
                received = clamd.recv(LONGEST_ANSWER)
                if not received:
                    break
                answer += received
    except OSError as error:
        raise NotChecked(type(error).__name__) from error
    return answer.rstrip(b"\0\n").decode(errors="replace").strip()


def _send(clamd: socket.socket, data: bytes) -> None:
    """In pieces, each after its length; one of no length ends it."""
    for at in range(0, len(data), CHUNK):
        chunk = data[at : at + CHUNK]
        clamd.sendall(struct.pack("!L", len(chunk)) + chunk)
    clamd.sendall(struct.pack("!L", 0))


def _connected() -> socket.socket:
    """:raises OSError:"""
    parts = urlsplit(settings.CLAMD_URL)
    if parts.scheme == "tcp":
        return socket.create_connection((parts.hostname, parts.port), timeout=CONNECT_SECONDS)
    clamd = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    clamd.settimeout(CONNECT_SECONDS)
    try:
        clamd.connect(parts.path)
    except OSError:
        clamd.close()
        raise
    return clamd
