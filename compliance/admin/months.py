"""Narrows a list to one month, however many rows it has."""

from datetime import datetime
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from compliance.admin.base import DropdownFilter


class MonthFilter(DropdownFilter):
    """By a moment, ``field``, which has an index: its first and its last row say which months there
    are. Django's own way to narrow a list by date reads every row for that."""

    title = _("month")
    parameter_name = "month"
    field = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        moments = (
            model_admin.get_queryset(request)
            .exclude(**{self.field: None})
            .values_list(self.field, flat=True)
        )
        first = moments.order_by(self.field).first()
        if first is None:
            return []
        oldest = _beginning(first)
        month = _beginning(moments.order_by(f"-{self.field}")[0])
        found = []
        while month >= oldest:
            found.append((f"{month:%Y-%m}", date_format(month, "YEAR_MONTH_FORMAT")))
            month = _month_after(month, -1)
        return found

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not (wanted := self.value()):
            return queryset
        try:
            month = timezone.make_aware(datetime.strptime(wanted, "%Y-%m"))  # noqa: DTZ007
            after = _month_after(month, 1)
        except (ValueError, OverflowError):
            raise IncorrectLookupParameters from None
        return queryset.filter(**{f"{self.field}__gte": month, f"{self.field}__lt": after})


def _beginning(moment: datetime) -> datetime:
    day = timezone.localtime(moment)
    return timezone.make_aware(datetime(day.year, day.month, 1))  # noqa: DTZ001


def _month_after(month: datetime, by: int) -> datetime:
    years, index = divmod(month.month - 1 + by, 12)
    return timezone.make_aware(datetime(month.year + years, index + 1, 1))  # noqa: DTZ001
