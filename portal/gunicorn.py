"""How gunicorn serves the portal: ``gunicorn --config python:portal.gunicorn portal.wsgi``.

Without ``REDIS_URL`` there is one process, and the worker runs in it as threads; with it, any
number of processes, and the worker and the timetable are programs of their own.

There is no access log: the address of a mailed link holds a secret.
"""

import os
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from django.conf import settings
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from portal.operations.logs import About, Discreet


class Lines(Logger):  # type: ignore[misc]  # gunicorn carries no types
    """What gunicorn itself says. It has a handler of its own, and names the address of a request
    that it could not answer."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(Discreet(self.error_fmt, self.datefmt))
            handler.addFilter(About())


alone = not settings.REDIS_URL

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = 1 if alone else int(os.environ.get("WEB_PROCESSES", "2"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 60
# An upload on a slow line comes to its end before the process does.
graceful_timeout = 30
accesslog = None
logger_class = Lines
control_socket_disable = True
# The sign of life of each process is a file that is touched; on a slow disk that would block.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108


def post_worker_init(worker: Any) -> None:
    if not alone:
        # A page that waits for a broker that does not answer waits for this long, once.
        from portal.celery import app

        app.conf.broker_transport_options |= {"socket_timeout": 1, "socket_connect_timeout": 1}
    if alone:
        from portal.embedded import Embedded

        worker.embedded = Embedded()
        worker.embedded.start()


def worker_exit(server: Any, worker: Any) -> None:
    embedded = getattr(worker, "embedded", None)
    if embedded is not None:
        embedded.stop()
