"""Ears on everything that a running portal says to somebody else: mail, Redis, a browser."""

import codecs
import socket
import socketserver
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request
from redis import Redis
from redis.exceptions import RedisError

END_OF_MAIL = f"\n{'-' * 79}\n"


class Talk(socketserver.StreamRequestHandler):
    """SMTP as far as a client needs it. A refusal names the address that it is about."""

    server: "MailServer"

    def handle(self) -> None:
        self._say("220 here")
        for line in self.rfile:
            verb = line[:4].upper().strip()
            if verb in (b"EHLO", b"HELO"):
                self._say("250 here")
            elif verb == b"RCPT" and self.server.refused in line.decode():
                self._say(f"550 5.1.1 {line.decode().strip()[8:]} is nobody here")
            elif verb == b"DATA":
                self._say("354 go on")
                self._keep()
                self._say("250 thank you")
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _keep(self) -> None:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.removesuffix(b"\r\n"))
        self.server.number += 1
        file = self.server.folder / f"{self.server.number:04}.txt"
        file.write_bytes(b"\n".join(lines) + END_OF_MAIL.encode())

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class MailServer(socketserver.ThreadingTCPServer):
    """Keeps each mail in a file of ``folder``, as ``Portal.mails`` reads them."""

    daemon_threads = True
    number = 0

    def __init__(self, folder: Path, refused: str) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        folder.mkdir(parents=True)
        self.folder, self.refused = folder, refused


@contextmanager
def mail_server(folder: Path, *, refused: str) -> Iterator[str]:
    """Its URL."""
    with MailServer(folder, refused) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"smtp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


class RedisEars:
    """What Redis holds, messages and cache; and what it was ever told, also what it held for no
    longer than it took a worker to fetch it."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url)
        self._told = bytearray()
        place = urlsplit(url)
        self._line = socket.create_connection((place.hostname or "", place.port or 6379))
        self._line.sendall(b"MONITOR\r\n")
        if not self._line.recv(5).startswith(b"+OK"):
            raise RedisError("it does not tell what it is told")
        Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with suppress(OSError), self._line.makefile("rb") as lines:
            for line in lines:
                # What is no letter is written as \\x and two digits.
                self._told += codecs.escape_decode(line)[0]

    def stop(self) -> None:
        self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()

    def told(self) -> bytes:
        return bytes(self._told)

    def everything(self) -> bytes:
        held = bytearray()
        for key in self._redis.scan_iter():
            with suppress(RedisError):
                held += key + b"\n" + (self._redis.dump(key) or b"") + b"\n"
                if self._redis.type(key) == b"string":
                    held += self._redis.get(key) or b""
                elif self._redis.type(key) == b"list":
                    held += b"\n".join(self._redis.lrange(key, 0, -1))
        return bytes(held)


class FolderEyes:
    """What was ever in a folder, also for a moment."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder, self.seen = folder, dict[str, bytes]()
        self._over = Event()
        Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while not self._over.is_set():
            for file in self.folder.rglob("*"):
                with suppress(OSError):
                    if file.is_file():
                        self.seen[f"{file}:{file.stat().st_mtime_ns}"] = file.read_bytes()
            time.sleep(0.01)

    def stop(self) -> None:
        self._over.set()

    def everything(self) -> bytes:
        return b"\n".join(name.encode() + b"\n" + data for name, data in list(self.seen.items()))


class PageEars:
    """The address of each request, where it came from, and where an answer sent it."""

    def __init__(self, page: Page) -> None:
        self.heard: list[str] = []
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        self.heard += [request.url, request.headers.get("referer", "")]
        if request.redirected_from is not None:
            self.heard.append(request.redirected_from.url)

    def everything(self) -> bytes:
        return "\n".join(self.heard).encode()
