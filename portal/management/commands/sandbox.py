"""Runs the stand-in for Twilio until it is told to stop."""

import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.sandbox import Sandbox


class Command(BaseCommand):
    help = "Run the sandbox: a stand-in for Twilio's Regulatory Compliance API, with demo data."
    # It needs neither the portal's database nor its configuration.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=8001, help="port to listen on")
        parser.add_argument("--state", type=Path, help="file to keep the state in; none: memory")
        parser.add_argument(
            "--auto-review",
            type=_seconds,
            default=6.0,
            metavar="SECONDS|off",
            help="seconds after which the automatic reviewer decides (default 6), or off",
        )
        parser.add_argument("--no-seed", action="store_true", help="begin without demo data")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: stop.set())
        try:
            sandbox = Sandbox(
                state_path=options["state"],
                host=options["host"],
                port=options["port"],
                seed=not options["no_seed"],
                auto_review_seconds=options["auto_review"],
            )
            sandbox.start()
        except OSError as error:
            where = f"{options['host']}:{options['port']}"
            raise CommandError(
                f"The sandbox cannot listen on {where} ({error.strerror}). Is another one running?"
                " Choose a free port with --port."
            ) from None
        except ValueError as error:
            raise CommandError(f"{error} Move it away to begin afresh.") from None
        self.stdout.write(f"The sandbox and its page: {sandbox.base_url}/")
        self.stdout.flush()
        stop.wait()
        sandbox.stop()


def _seconds(text: str) -> float | None:
    return None if text == "off" else float(text)
