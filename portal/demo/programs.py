"""The demo's programs: started, looked after, and ended together."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event

from portal.demo.place import ROOT, Trouble

# Python, ended with this process whatever becomes of it.
TIED_TO_THIS = (sys.executable, "-I", str(ROOT / "portal/demo/tied.py"), sys.executable)

START_SECONDS = 60
STOP_SECONDS = 5
LOOK_SECONDS = 0.2
# A program that ends as soon as it starts would only fill the log.
RESTARTS, WITHIN_SECONDS = 5, 60


class Ending(Exception):
    """Somebody has asked for the end."""


class Program:
    """One long-running program, with its log."""

    def __init__(self, name: str, command: list[str], log: Path) -> None:
        self.name = name
        self.command = command
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        self.started: list[float] = []

    def start(self, env: dict[str, str]) -> None:
        self.started.append(time.monotonic())
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 (our own programs)
                [*TIED_TO_THIS, *self.command],
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C reaches this process alone, which then ends the others in order.
                start_new_session=True,
            )

    @property
    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    @property
    def ends_again_and_again(self) -> bool:
        recent = [at for at in self.started if at > time.monotonic() - WITHIN_SECONDS]
        return len(recent) > RESTARTS

    def last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-12:])

    def ask_to_end(self) -> None:
        if self.process is not None and not self.has_ended:
            self.process.terminate()

    def kill(self) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Programs:
    def __init__(self, env: dict[str, str], logs: Path, say: Callable[[str], None]) -> None:
        self.env = env
        self.logs = logs
        self.say = say
        self.ending = Event()
        self.running: list[Program] = []

    def end_on_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self.ending.set())

    def start(self, name: str, *command: str, page: str = "") -> Program:
        """Start a program that goes on, and wait until it answers at ``page``."""
        program = Program(name, list(command), self.logs / f"{name}.log")
        self.running.append(program)
        program.start(self.env)
        deadline = time.monotonic() + START_SECONDS
        while page and not answers(page):
            self._wait()
            if program.has_ended or time.monotonic() > deadline:
                raise did_not_start(program)
        return program

    def finish(self, name: str, *command: str, beside: Program | None = None) -> str:
        """Run a program to its end; what it printed.

        :param beside: was started just now, and nothing is finished without it.
        """
        with subprocess.Popen(  # noqa: S603 (our own programs)
            [sys.executable, *command],
            cwd=ROOT,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            while True:
                try:
                    output, errors = process.communicate(timeout=LOOK_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    if self.ending.is_set():
                        process.kill()
                        raise Ending from None
                    if beside is not None and beside.has_ended:
                        process.kill()
                        raise did_not_start(beside) from None
        if process.returncode:
            said = "\n".join(f"  {line}" for line in (output + errors).splitlines()[-12:])
            raise Trouble(f"The demo could not {name}. This is what was said:\n{said}")
        return output

    def look_after(self) -> None:
        """Until the end is asked for: start again what has ended of its own."""
        while True:
            self._wait()
            for program in self.running:
                if not program.has_ended:
                    continue
                if program.ends_again_and_again:
                    raise Trouble(
                        f"The {program.name} ends again and again. "
                        f"This is what it said:\n{program.last_words()}"
                    )
                self.say(f"The {program.name} has ended unexpectedly. It is started again.")
                program.start(self.env)

    def end(self) -> None:
        """The last started first, so that nobody loses what it works with."""
        for program in reversed(self.running):
            program.ask_to_end()
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and not all(p.has_ended for p in self.running):
            time.sleep(0.05)
        for program in self.running:
            program.kill()

    def _wait(self) -> None:
        if self.ending.wait(LOOK_SECONDS):
            raise Ending


def did_not_start(program: Program) -> Trouble:
    said = program.last_words()
    return Trouble(f"The {program.name} did not start. This is what it said:\n{said}")


def answers(page: str) -> bool:
    try:
        with urllib.request.urlopen(page, timeout=5):  # noqa: S310 (our own address)
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
