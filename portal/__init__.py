"""The Django project, and what customers see."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
