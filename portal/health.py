"""Whether the portal works, for whoever watches it: 200, or 503 with the reason.

It says nothing about customers, and needs no sign-in.
"""

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from compliance.models import Renewal

# Work that is due and that nobody has taken for so long: the worker or the timetable is away.
SILENT_FOR = timedelta(minutes=2)


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    try:
        overdue = (
            Renewal.objects.open()
            .filter(paused_at=None, next_look_at__lt=now - SILENT_FOR)
            .exclude(bundle__account__paused_until__gt=now)
            .exists()
        )
    except DatabaseError:
        return HttpResponse("The database does not answer.\n", "text/plain", 503)
    if overdue:
        return HttpResponse("Work is due and no worker takes it.\n", "text/plain", 503)
    return HttpResponse("ok\n", "text/plain")
