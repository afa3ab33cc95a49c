"""Erases a customer and its people; without --yes it says what that would do."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from compliance import personal
from compliance.models import Customer
from portal.management.customer import add_customer_argument, find_customer


class Command(BaseCommand):
    help = "Erases a customer and its people. Without --yes it only says what that would do."

    def add_arguments(self, parser: CommandParser) -> None:
        add_customer_argument(parser)
        parser.add_argument("--yes", action="store_true", help="Do it.")
        parser.add_argument(
            "--cancel-first",
            action="store_true",
            help="Have the worker cancel the updates that are under way; then run this again.",
        )

    def handle(
        self, *args: Any, customer: str, yes: bool, cancel_first: bool, **options: Any
    ) -> None:
        found = find_customer(customer)
        if found.erased_at is not None:
            self.stdout.write(f"Customer {found.pk} was erased on {found.erased_at:%Y-%m-%d}.")
            return
        if cancel_first:
            self._cancel(found)
        planned = personal.plan(found)
        if planned.in_flight:
            raise CommandError(personal.why_not(planned))
        for line in planned.steps:
            self.stdout.write(f"- {line}")
        self.stdout.write("What stays:")
        for line in planned.stays:
            self.stdout.write(f"- {line}")
        if not yes:
            self.stdout.write("Nothing has been done. With --yes it is.")
            return
        try:
            personal.erase(found, by=None, now=timezone.now())
        except personal.InFlight as error:
            raise CommandError(personal.why_not(personal.plan(found))) from error
        self.stdout.write(f"Customer {found.pk} has been erased.")

    def _cancel(self, customer: Customer) -> None:
        for renewal in personal.cancel_first(customer, by=None, now=timezone.now()):
            self.stdout.write(f"{renewal.reference}: the worker has been asked to cancel it.")
