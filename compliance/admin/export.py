"""The queue as a file, for a spreadsheet: where each renewal stands, and nobody's name."""

import csv
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from compliance.admin.queue import zone_of
from compliance.models import Renewal
from compliance.onboarding.table import harmless
from compliance.stages import dates_of, stage_of
from compliance.standing import ball_of

# For programs as much as for people: never translated, and added to at the end only.
COLUMNS = (
    "reference",
    "country",
    "number_type",
    "stage",
    "ball_with",
    "send_by",
    "expires",
    "opened",
    "last_seen",
    "sent",
    "decided",
    "ended",
    "status_at_twilio",
    "times_rejected",
)


class Echo:
    """A file that hands each line on as it is written."""

    def write(self, line: str) -> str:
        return line


@admin.action(description=_("Export as CSV, without personal data"), permissions=["view"])
def export_csv(
    modeladmin: Any, request: HttpRequest, queryset: QuerySet[Renewal]
) -> StreamingHttpResponse:
    now = timezone.now()
    response = StreamingHttpResponse(
        lines(queryset, now=now), content_type="text/csv; charset=utf-8"
    )
    name = f"renewals-{now:%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def lines(renewals: QuerySet[Renewal], *, now: datetime) -> Iterator[str]:
    writer = csv.writer(Echo())
    yield writer.writerow(COLUMNS)
    chosen = renewals.select_related("bundle__regulation", "bundle__customer")
    # Neither large nor of any use here.
    for renewal in chosen.defer("evaluation", "first_evaluation").iterator(chunk_size=1000):
        yield writer.writerow(map(harmless, row(renewal, now=now)))


def row(renewal: Any, *, now: datetime) -> list[object]:
    """:param renewal: with the annotations of the queue."""
    bundle, rule = renewal.bundle, renewal.bundle.regulation
    return [
        renewal.reference,
        rule.iso_country if rule else "",
        rule.number_type if rule else "",
        stage_of(bundle, renewal, waiting=renewal.waiting, now=now).value,
        ball_of(renewal, waiting=renewal.waiting).value,
        _iso(dates_of(renewal.valid_until, now=now, zone=zone_of(renewal)).send_by),
        _iso(renewal.valid_until),
        _iso(renewal.opened_at),
        _iso(renewal.seen_by_customer_at),
        _iso(renewal.submitted_at),
        _iso(renewal.decided_at),
        _iso(renewal.ended_at),
        renewal.copy_status or bundle.status,
        renewal.rejections,
    ]


def _iso(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""
