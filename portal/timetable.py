"""The timetable: what is done how often, and a clock that keeps no file and begins with everything.
It names the tasks and knows nothing of what they do.

What was last done when is on record in the database (``compliance.jobs``), and doing a job once
more does no harm. So the timetable needs no disk, and an installation that is restarted every day
still comes to what is done daily.
"""

from datetime import timedelta
from typing import Any

from celery.beat import Scheduler


def entries(*, sweep: float, poll: float) -> dict[str, dict[str, Any]]:
    """For Celery's ``beat_schedule``; all in seconds. What was not begun when it expires is left
    to the next turn."""
    # How often, and when it expires.
    jobs = {
        "sweep": (sweep, 30),
        "poll": (poll, 60),
        "check": (900.0, 600),
        "sync": (3600.0, 1800),
        # Each account has its turn once an hour, at a minute of its own.
        "reconcile": (300.0, 250),
        "tell": (60.0, 50),
        "clean": (86_400.0, 3600),
        "verify": (86_400.0, 3600),
    }
    return {
        name: {
            "task": f"compliance.tasks.{name}",
            "schedule": every,
            "options": {"expires": expires},
        }
        for name, (every, expires) in jobs.items()
    }


class FromTheStart(Scheduler):
    """After a start everything is due at once."""

    def setup_schedule(self) -> None:
        super().setup_schedule()
        for entry in self.schedule.values():
            entry.last_run_at = self.app.now() - timedelta(days=30)
