"""The Celery application and its timetable.

Messages are hints: each may be lost, doubled or late. What has to be done is read from the
database, so every entry here can run twice, or on two machines, without harm.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
