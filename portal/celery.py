"""The Celery application; what it does how often is ``portal.timetable``'s to say.

Messages are hints: each may be lost, doubled or late. What has to be done is read from the
database, so every task can run twice, or on two machines, without harm.
"""

import os
from logging.config import dictConfig
from typing import Any

from celery import Celery, signals

from portal import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

broker.install()
app = Celery("portal", amqp=broker.AMQP)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def log_as_the_web_server_does(**kwargs: Any) -> None:
    """Celery would otherwise put handlers of its own into the place of ours."""
    from django.conf import settings

    dictConfig(settings.LOGGING)


@signals.after_task_publish.connect(sender="compliance.tasks.sweep")
def note_that_the_timetable_spoke(**kwargs: Any) -> None:
    """Nobody but the timetable asks for a sweep."""
    from django.db import close_old_connections
    from django.utils import timezone

    from compliance import jobs

    # No request and no task begins and ends here, with which Django would look after its lines.
    close_old_connections()
    try:
        jobs.beat_spoke(now=timezone.now())
    finally:
        close_old_connections()
