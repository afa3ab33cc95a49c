"""Puts everything that is wrapped by ENCRYPTION_KEYS under the first of them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from compliance import rotation


class Command(BaseCommand):
    help = (
        "Puts everything that is wrapped by ENCRYPTION_KEYS under the first of them. Safe beside "
        "running processes that know the new key, and safe to run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="Change nothing: say what is still under an old key, and fail if anything is.",
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        found = []
        for counts in rotation.look() if check else rotation.rotate():
            found.append(counts)
            old = f"{counts.old} under an old key" if check else f"{counts.old} re-wrapped"
            self.stdout.write(
                f"{counts.what}: {counts.current} under the first key, {old}, "
                f"{counts.unreadable} unreadable"
            )
        if any(counts.unreadable for counts in found):
            raise CommandError(
                "Some are under a key that ENCRYPTION_KEYS does not have. Put it there, as the "
                "last one, and run this again."
            )
        if check and any(counts.old for counts in found):
            raise CommandError("Run rotate_keys before you take the old keys away.")
        self.stdout.write("Everything is under the first key. The others are not needed any more.")
