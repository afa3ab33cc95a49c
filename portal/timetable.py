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
    return {
        "sweep": {
            "task": "compliance.tasks.sweep",
            "schedule": sweep,
            "options": {"expires": 30},
        },
        "poll": {
            "task": "compliance.tasks.poll",
            "schedule": poll,
            "options": {"expires": 60},
        },
        "check": {
            "task": "compliance.tasks.check",
            "schedule": 900.0,
            "options": {"expires": 600},
        },
        "sync": {
            "task": "compliance.tasks.sync",
            "schedule": 3600.0,
            "options": {"expires": 1800},
        },
        # Each account has its turn once an hour, at a minute of its own.
        "reconcile": {
            "task": "compliance.tasks.reconcile",
            "schedule": 300.0,
            "options": {"expires": 250},
        },
        "tell": {
            "task": "compliance.tasks.tell",
            "schedule": 60.0,
            "options": {"expires": 50},
        },
        "clean": {
            "task": "compliance.tasks.clean",
            "schedule": 86_400.0,
            "options": {"expires": 3600},
        },
        "verify": {
            "task": "compliance.tasks.verify",
            "schedule": 86_400.0,
            "options": {"expires": 3600},
        },
    }


class FromTheStart(Scheduler):
    """After a start everything is due at once."""

    def setup_schedule(self) -> None:
        super().setup_schedule()
        for entry in self.schedule.values():
            entry.last_run_at = self.app.now() - timedelta(days=30)
