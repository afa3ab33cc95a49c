"""The worker and the timetable as threads beside the web server, for an installation without Redis.

Messages then live in this process's memory and die with it, which harms nothing: what is to be
done stands in the database, and the sweep finds it. It also means that there can be one web
process only.
"""

import logging
from threading import Thread
from typing import Any

from celery import signals
from celery.beat import EmbeddedService

from portal.celery import app
from portal.timetable import FromTheStart

logger = logging.getLogger(__name__)

THREADS = 4
STOP_SECONDS = 10


class Embedded:
    """The running worker and timetable. ``stop`` lets the steps in progress come to their end."""

    def __init__(self) -> None:
        app.autodiscover_tasks(force=True)
        self.worker = app.WorkController(
            pool="threads",
            concurrency=THREADS,
            without_mingle=True,
            without_gossip=True,
            without_heartbeat=True,
        )
        # Celery's part for Django waits for this to close database connections after each task.
        signals.worker_init.send(sender=self.worker)
        self.timetable: Any = EmbeddedService(app, thread=True, scheduler_cls=FromTheStart)
        self.thread = Thread(target=self.worker.start, name="worker", daemon=True)

    def start(self) -> None:
        self.thread.start()
        self.timetable.start()
        logger.info("The worker and the timetable run beside the web server.")

    def stop(self) -> None:
        self.timetable.stop()
        self.worker.stop()
        self.thread.join(STOP_SECONDS)
