"""The timetable's clock: it keeps no file, and begins with everything.

What was last done when is on record in the database (``compliance.jobs``), and doing a job once
more does no harm. So the timetable needs no disk, and an installation that is restarted every day
still comes to what is done daily.
"""

from datetime import timedelta

from celery.beat import Scheduler


class FromTheStart(Scheduler):
    """After a start everything is due at once."""

    def setup_schedule(self) -> None:
        super().setup_schedule()
        for entry in self.schedule.values():
            entry.last_run_at = self.app.now() - timedelta(days=30)
