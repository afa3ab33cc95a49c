"""A stand-in for clamd: listens, reads what it is sent as clamd does, and says what it is told."""

import socket
import struct
import tempfile
import threading
from typing import Any

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd:
    """``behaviour``: ``scan``, or what it does instead: say that, ``hang``, or ``hang up``."""

    def __init__(self, *, on_a_path: bool = False, behaviour: str = "scan") -> None:
        self.behaviour = behaviour
        # What it was sent whole, to be looked through.
        self.scanned: list[bytes] = []
        self.most_bytes = 25 * 1024 * 1024
        # The path of a socket must be short, which a test's own folder may not be.
        self._folder = tempfile.TemporaryDirectory(prefix="clamd-")
        if on_a_path:
            path = f"{self._folder.name}/socket"
            self.url = f"unix://{path}"
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._socket.bind(path)
        else:
            self._socket = socket.create_server(("127.0.0.1", 0))
            self.url = f"tcp://127.0.0.1:{self._socket.getsockname()[1]}"
        self._socket.listen()
        self._over = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self) -> None:
        self._over.set()
        # Closing alone does not wake who waits in accept.
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._folder.cleanup()

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                caller, _address = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(caller,), daemon=True).start()

    def _answer(self, caller: socket.socket) -> None:
        with caller, caller.makefile("rb") as read:
            if self.behaviour == "hang up":
                return
            if self.behaviour == "hang":
                self._over.wait(60)
                return
            command = _until_zero(read)
            says = "PONG" if command == b"zPING" else self._of_stream(read)
            if self.behaviour != "scan":
                says = self.behaviour
            caller.sendall(says.encode() + b"\0")

    def _of_stream(self, read: Any) -> str:
        data = b""
        while True:
            (size,) = struct.unpack("!L", read.read(4))
            if size == 0:
                break
            data += read.read(size)
            if len(data) > self.most_bytes:
                return "INSTREAM size limit exceeded. ERROR"
        self.scanned.append(data)
        return "stream: Eicar-Test-Signature FOUND" if EICAR in data else "stream: OK"


def _until_zero(read: Any) -> bytes:
    command = b""
    while not command.endswith(b"\0"):
        command += read.read(1) or b"\0"
    return command[:-1]
