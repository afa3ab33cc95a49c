"""A TCP proxy between the portal and a server that can be made to fail in the ways of a network."""

import contextlib
import socket
import struct
from threading import Thread
from typing import Self


class Proxy:
    """``port`` is where to connect to. What passes is decided for each piece of data as it comes:

    - ``heal``: everything passes.
    - ``swallow``: connections are accepted, and nothing that is sent ever arrives.
    - ``half_open``: the same for the connections that there are; new ones are fine.
    - ``refuse``: each connection is reset, old or new.
    """

    def __init__(self, host: str, port: int) -> None:
        self._behind = (host, port)
        self._mode = "pass"
        self._pairs: list[_Pair] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        self._listener.close()
        self._each("reset")

    def heal(self) -> None:
        self._mode = "pass"
        # What was swallowed leaves a gap in the conversation.
        self._each("reset_if_broken")

    def swallow(self) -> None:
        self._mode = "swallow"
        self._each("deafen")

    def half_open(self) -> None:
        self._mode = "pass"
        self._each("deafen")

    def refuse(self) -> None:
        self._mode = "refuse"
        self._each("reset")

    def _each(self, what: str) -> None:
        for pair in list(self._pairs):
            getattr(pair, what)()

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            if self._mode == "refuse":
                reset(near)
                continue
            try:
                far = socket.create_connection(self._behind, timeout=10)
            except OSError:
                reset(near)
                continue
            far.settimeout(None)
            pair = _Pair(near, far)
            if self._mode == "swallow":
                pair.deafen()
            self._pairs.append(pair)
            pair.start()


class _Pair:
    """The two halves of one connection."""

    def __init__(self, near: socket.socket, far: socket.socket) -> None:
        self.near, self.far = near, far
        self.is_deaf = False

    def start(self) -> None:
        for source, target in ((self.near, self.far), (self.far, self.near)):
            Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                if not self.is_deaf:
                    target.sendall(data)
        except OSError:
            pass
        if not self.is_deaf:
            self.reset()

    def deafen(self) -> None:
        self.is_deaf = True

    def reset(self) -> None:
        reset(self.near)
        reset(self.far)

    def reset_if_broken(self) -> None:
        if self.is_deaf:
            self.reset()


def reset(connection: socket.socket) -> None:
    """Ended with a reset instead of a farewell."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with contextlib.suppress(OSError):
        # A thread that waits for data of it notices this, but not that it is closed.
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
