"""What runs by the timetable, and whether it does: read from the signs of life on record."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from compliance.models import Pulse

WORKER, BEAT = "worker", "beat"
# A task can take two minutes, and the worker that is busy with it gives no sign meanwhile.
SILENT_FOR = timedelta(minutes=3)
# Nothing is written about a sign that comes sooner after the last.
NOTED_EVERY = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True)
class Job:
    name: str
    # None: never, as far as is known.
    at: datetime | None
    patience: timedelta

    def age(self, *, now: datetime) -> timedelta | None:
        return None if self.at is None else now - self.at

    def is_silent(self, *, now: datetime) -> bool:
        return self.at is None or now - self.at > self.patience


def worker_worked(*, now: datetime) -> None:
    Pulse.note(WORKER, now=now, every=NOTED_EVERY)


def beat_spoke(*, now: datetime) -> None:
    Pulse.note(BEAT, now=now, every=NOTED_EVERY)


def ended(name: str, *, now: datetime) -> None:
    """A job of the timetable came to its end without an error."""
    if name in settings.CELERY_BEAT_SCHEDULE:
        Pulse.note(name, now=now, every=NOTED_EVERY)


def processes() -> list[Job]:
    """The worker and the timetable."""
    seen = _seen()
    return [Job(name=name, at=seen.get(name), patience=SILENT_FOR) for name in (WORKER, BEAT)]


def timetable() -> list[Job]:
    """Every job, which may be as late as three of its turns."""
    seen = _seen()
    return [
        Job(
            name=name,
            at=seen.get(name),
            patience=SILENT_FOR + 3 * timedelta(seconds=float(entry["schedule"])),
        )
        for name, entry in settings.CELERY_BEAT_SCHEDULE.items()
    ]


def _seen() -> dict[str, datetime]:
    return dict(Pulse.objects.values_list("name", "at"))
