"""Whether the portal works, for whoever watches it: 200, or 503 with the reason.

It says nothing about customers, and needs no sign-in.
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from compliance.models import Account, Pulse, Renewal

# Work that is due and that nobody has taken for so long: the worker or the timetable is away.
SILENT_FOR = timedelta(minutes=2)
# Nobody sees what is due: a deadline could pass unnoticed. Never swept is not counted: the web
# server may be the first to start.
UNSWEPT_FOR = timedelta(seconds=60)
SWEEP = timedelta(seconds=settings.SWEEP_SECONDS)


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    try:
        overdue = (
            Renewal.objects.open()
            .filter(paused_at=None, next_look_at__lt=now - SILENT_FOR)
            .exclude(bundle__account__in=Account.objects.resting(now=now))
            .exists()
        )
        swept = Pulse.objects.filter(name="sweep").first()
    except DatabaseError:
        return HttpResponse("The database does not answer.\n", "text/plain", 503)
    if overdue:
        return HttpResponse("Work is due and no worker takes it.\n", "text/plain", 503)
    if swept is not None and now - swept.at > max(UNSWEPT_FOR, 6 * SWEEP):
        return HttpResponse("Nobody has looked for due work for too long.\n", "text/plain", 503)
    return HttpResponse("ok\n", "text/plain")
