"""A record to keep: the update as a PDF."""

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from portal.brand import current
from portal.record import Part, has_been_sent, printed, record_of
from portal.views.common import SignedIn, back_with, renewal_of, zone_of
from portal.views.sending import sections_of


@require_safe
def record(request: SignedIn, reference: str) -> HttpResponse:
    renewal = renewal_of(request, reference)
    if not has_been_sent(renewal):
        return back_with(request, renewal, gettext("Nothing has been sent yet."))
    now = timezone.now()
    file = gettext("File")
    parts = tuple(
        Part(
            title=section.title,
            rows=(*section.rows, (file, section.file)) if section.file else section.rows,
        )
        for section in sections_of(renewal)
    )
    contents = record_of(renewal, parts, zone=zone_of(renewal), now=now)
    response = HttpResponse(
        printed(contents, brand=current(), now=now), content_type="application/pdf"
    )
    response["Content-Disposition"] = f'attachment; filename="{renewal.reference}.pdf"'
    return response
