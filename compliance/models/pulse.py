"""Signs of life of what runs without anybody watching."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Pulse(models.Model):
    """When a job last came to its end; when the worker and the timetable last gave a sign."""

    name = models.SlugField(_("name"), max_length=40, unique=True)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("sign of life")
        verbose_name_plural = _("signs of life")

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M:%S}"

    @classmethod
    def note(cls, name: str, *, now: datetime, every: timedelta = timedelta(0)) -> None:
        """:param every: a sign that is no older than this will do, and nothing is written; one from
        the future is from before the clock was put back."""
        known = cls.objects.filter(name=name)
        if not known.filter(Q(at__lt=now - every) | Q(at__gt=now)).update(at=now):
            cls.objects.get_or_create(name=name, defaults={"at": now})
