"""Whether the worker or the timetable works, for what looks after its container."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from compliance import jobs


class Command(BaseCommand):
    help = "Fails if the worker or the timetable (beat) has given no sign of life for minutes."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=[jobs.WORKER, jobs.BEAT])

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        [process] = [found for found in jobs.processes() if found.name == options["name"]]
        if process.is_silent(now=now):
            raise CommandError(f"The {process.name} gives no sign of life.")
        self.stdout.write(f"The {process.name} works.")
