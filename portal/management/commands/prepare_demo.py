"""All that the demo needs before its web server starts, in one process: most of what a start takes
is loading Django."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Migrates and fills the demo's database, and prints links to sign in with. For the demo."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, skip_checks=False)
        call_command("seed_demo")
        call_command("demo_links", stdout=self.stdout)
