"""Writes all that is held about a customer to the standard output, as a zip."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from compliance import personal
from portal.management.customer import add_customer_argument, find_customer


class Command(BaseCommand):
    help = (
        "Writes all that is held about a customer and its people to the standard output, as a "
        "zip. It holds personal data in clear: hand it on encrypted, as in "
        "“manage.py export_customer 17 | age -r RECIPIENT > customer.zip.age”."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_customer_argument(parser)

    def handle(self, *args: Any, customer: str, **options: Any) -> None:
        found, now = find_customer(customer), timezone.now()
        if sys.stdout.isatty():
            raise CommandError("That is a zip: send it into a file or another program.")
        personal.note_export(found, by=None, now=now)
        for piece in personal.archive(found, now=now):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
