"""How a command is told which customer is meant: by a number, so that no name is left in a shell's
history."""

from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from compliance.models import Customer


def add_customer_argument(parser: CommandParser) -> None:
    parser.add_argument(
        "customer",
        help="the number in the address of the customer's page in the admin, or the public one",
    )


def find_customer(given: str) -> Customer:
    """:raises CommandError:"""
    try:
        where = {"pk": int(given)} if given.isdigit() else {"public_id": UUID(given)}
    except ValueError:
        where = {"pk": 0}
    customer = Customer.objects.filter(**where).first()
    if customer is None:
        raise CommandError(
            f"There is no customer {given}. Its number stands in the address of its page in the "
            "admin."
        )
    return customer
