"""Says whether the record of events is whole."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance import verification
from compliance.models import Renewal


class Command(BaseCommand):
    help = "Says whether the record of events is what was written, or where it is not."

    def handle(self, *args: Any, **options: Any) -> None:
        counts = verification.Counts()
        found = list(verification.breaks(counts))
        for broken in found:
            self.stderr.write(_sentence(broken))
        if found:
            raise CommandError(
                f"The record is broken in {len(found)} places. Compare with a backup from before."
            )
        self.stdout.write(
            f"The record is whole: {counts.events} events in {counts.chains} chains. "
            f"{counts.forgotten} references are to persons who have been erased since."
        )


def _sentence(broken: verification.Break) -> str:
    renewal = Renewal.objects.filter(pk=broken.renewal).first() if broken.renewal else None
    where = f"of {renewal.reference}" if renewal else "of what belongs to no renewal"
    row = f" (row {broken.event})" if broken.event else ""
    return f"Event {broken.number} {where}{row}: {broken.what}."
