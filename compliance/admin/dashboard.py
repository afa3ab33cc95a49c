"""The numbers of the admin's first page. Each leads to the list of what it counts.

Counted in the database, in the same few queries however many renewals there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from django.db import models
from django.db.models import Case, Count, Min, Q, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from compliance import jobs, standing
from compliance.admin.queue import VIEWS
from compliance.models import Account, Mail, Renewal, Stray
from compliance.stages import Stage
from compliance.wording import dates as words
from compliance.wording.registrations import country_name

WEEKS = 12
COUNTRIES = 12
# Of the queue's views those that stand here, and how each looks if it is not empty.
SHOWN = {
    "trouble": "bad",
    "late": "bad",
    "customer": "",
    "checked": "",
    "finishing": "",
    "expired": "bad",
}
# The stages of open renewals, as columns.
COLUMNS: Sequence[tuple[str | Promise, tuple[Stage, ...]]] = (
    (_("Getting ready"), (Stage.PREPARING, Stage.CHECKING)),
    (_("Action needed"), (Stage.FIXING,)),
    (_("Ready to send"), (Stage.READY,)),
    (_("Changes needed"), (Stage.CHANGES,)),
    (_("Being checked"), (Stage.REVIEWING,)),
    (_("Finishing"), (Stage.FINISHING,)),
)
APPROVED = (Renewal.State.APPROVED, Renewal.State.REPLACED, Renewal.State.COMPLETED)
MOST_ROUNDS = 4
# From so many renewals on the charts are kept for so many seconds.
MANY, KEPT_FOR = 10_000, 60


@dataclass(frozen=True, kw_only=True)
class Number:
    label: str
    count: int
    url: str
    look: str = ""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """``share`` is its length in hundredths of the longest (or of all)."""

    label: str
    count: int
    share: float
    url: str
    look: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Cell:
    count: int
    url: str


@dataclass(frozen=True, kw_only=True)
class Row:
    label: str
    cells: tuple[Cell, ...]
    total: Cell
    share: float


@dataclass(frozen=True, kw_only=True)
class Job:
    name: str
    state: str
    is_fine: bool
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Charts:
    weeks: list[Bar] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    countries: list[Row] = field(default_factory=list)
    # What of them is not shown, if anything.
    countries_note: str = ""
    outcomes: list[Bar] = field(default_factory=list)
    rounds: list[Bar] = field(default_factory=list)
    # How old they are, if they are kept.
    counted: str = ""


def context_of(request: HttpRequest, *, now: datetime) -> dict[str, Any]:
    """Nothing of a list that this member of the staff may not open."""
    user = request.user
    sees_queue = user.has_perm("compliance.view_renewal")
    return {
        "numbers": [
            *(numbers(now=now) if sees_queue else ()),
            *(undelivered(now=now) if user.has_perm("compliance.view_mail") else ()),
            *(left_over() if sees_queue else ()),
        ],
        "charts": kept_charts(now=now) if sees_queue else None,
        "jobs": timetable(now=now),
        "accounts": accounts(now=now) if user.has_perm("compliance.view_account") else [],
    }


# --- Numbers ----------------------------------------------------------------------------------


def numbers(*, now: datetime) -> list[Number]:
    # Not by the names alone: a column is called like one of them.
    counts = {
        f"n_{name}": Count("pk", filter=where(now))
        for name, (_label, where) in VIEWS.items()
        if name in SHOWN
    }
    # Whatever is counted here is open.
    found = Renewal.objects.filter(standing.is_open()).aggregate(**counts)
    return [
        Number(
            label=str(VIEWS[name][0]),
            count=found[f"n_{name}"],
            url=queue(attention=name),
            look=look if found[f"n_{name}"] else "",
        )
        for name, look in SHOWN.items()
    ]


def undelivered(*, now: datetime) -> list[Number]:
    count = Mail.objects.filter(standing.is_undelivered(now=now)).count()
    url = f"{reverse('admin:compliance_mail_changelist')}?{urlencode({'arrived': 'no'})}"
    look = "bad" if count else ""
    return [Number(label=gettext("Mails not delivered"), count=count, url=url, look=look)]


def left_over() -> list[Number]:
    count = Stray.objects.for_support().count()
    url = reverse("admin:compliance_renewal_left_over")
    return [Number(label=gettext("Left over at Twilio"), count=count, url=url)]


def queue(**query: object) -> str:
    return f"{reverse('admin:compliance_renewal_changelist')}?{urlencode(query)}"


# --- Charts -----------------------------------------------------------------------------------


def kept_charts(*, now: datetime) -> Charts:
    """The charts; with many renewals, as they were counted for whoever looked within a minute."""
    if Renewal.objects.all()[:MANY].count() < MANY:
        return charts(now=now)
    key = f"desk-charts:{get_language()}"
    found: tuple[Charts, datetime] | None = cache.get(key)
    if found is None:
        found = charts(now=now), now
        cache.set(key, found, KEPT_FOR)
    kept, at = found
    when = words.since(at, now=now)
    return replace(kept, counted=gettext("The charts were counted %(when)s.") % {"when": when})


def charts(*, now: datetime) -> Charts:
    outcomes, rounds = _outcomes()
    countries, note = _countries(now=now)
    return Charts(
        weeks=_weeks(now=now),
        columns=[str(label) for label, _stages in COLUMNS],
        countries=countries,
        countries_note=note,
        outcomes=outcomes,
        rounds=rounds,
    )


def _weeks(*, now: datetime) -> list[Bar]:
    """Deadlines of open renewals: those that have passed, week by week, and those after."""
    monday = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(now.weekday())
    edges = [now, *(monday + timedelta(weeks=n + 1) for n in range(WEEKS))]
    week = Case(
        *(When(valid_until__lt=edge, then=Value(n)) for n, edge in enumerate(edges)),
        default=Value(len(edges)),
        output_field=models.IntegerField(),
    )
    counted = _counted(Renewal.objects.filter(standing.is_open()).annotate(week=week), "week")
    longest = max(counted.values(), default=0)
    bars = []
    for n in range(len(edges) + 1):
        begins, ends = edges[n - 1] if n else None, edges[n] if n < len(edges) else None
        count = counted.get(n, 0)
        between = {
            "valid_until__gte": begins.isoformat() if begins else "",
            "valid_until__lt": ends.isoformat() if ends else "",
        }
        bars.append(
            Bar(
                label=_week_label(begins, ends),
                count=count,
                share=_share(count, longest),
                url=queue(attention="open", **{k: v for k, v in between.items() if v}),
                look="late" if n == 0 else "",
            )
        )
    return bars


def _week_label(begins: datetime | None, ends: datetime | None) -> str:
    pattern = pgettext("date format", "j M")
    if begins is None:
        return gettext("already passed")
    if ends is None:
        return gettext("later than %(day)s") % {"day": formats.date_format(begins, pattern)}
    last = ends - timedelta(days=1)
    return gettext("%(first)s to %(last)s") % {
        "first": formats.date_format(begins, pattern),
        "last": formats.date_format(last, pattern),
    }


def _countries(*, now: datetime) -> tuple[list[Row], str]:
    """Open renewals by country and stage, the countries with the most first; and how many more
    countries there are."""
    found: dict[str, dict[str, int]] = {}
    counted = (
        Renewal.objects.filter(standing.is_open())
        .annotate(stage=standing.stage(now=now))
        .values_list("bundle__regulation__iso_country", "stage")
        .annotate(n=Count("pk"))
        .order_by()
    )
    for code, stage, count in counted:
        found.setdefault(code or "", {})[stage] = count
    ranked = sorted(found.items(), key=lambda one: (-sum(one[1].values()), one[0]))
    ranked, rest = ranked[:COUNTRIES], ranked[COUNTRIES:]
    most = max((sum(stages.values()) for _code, stages in ranked), default=0)
    rows = [
        Row(
            label=country_name(code) or gettext("not known"),
            cells=tuple(_cell(code, stages, of) for _label, of in COLUMNS),
            total=Cell(
                count=sum(stages.values()), url=queue(attention="open", country=code or "-")
            ),
            share=_share(sum(stages.values()), most),
        )
        for code, stages in ranked
    ]
    return rows, _more_countries(len(rest)) if rest else ""


def _more_countries(count: int) -> str:
    return ngettext(
        "The %(shown)s countries with the most open renewals. %(count)s more has fewer:",
        "The %(shown)s countries with the most open renewals. %(count)s more have fewer:",
        count,
    ) % {"shown": COUNTRIES, "count": count}


def _cell(code: str, stages: Mapping[str, int], of: tuple[Stage, ...]) -> Cell:
    count = sum(stages.get(stage, 0) for stage in of)
    url = queue(attention="open", country=code or "-", stage=",".join(of))
    return Cell(count=count, url=url)


def _outcomes() -> tuple[list[Bar], list[Bar]]:
    """How it went with those that were sent, and with those that were approved."""
    approved = Q(state__in=APPROVED, submitted_at__isnull=False)
    rounds = {
        f"rounds_{n}": Count("pk", filter=approved & Q(rejections=n - 1))
        for n in range(1, MOST_ROUNDS)
    }
    found = Renewal.objects.aggregate(
        sent=Count("pk", filter=Q(sent_late__isnull=False)),
        in_time=Count("pk", filter=Q(sent_late=False)),
        approved=Count("pk", filter=approved),
        **rounds,
    )
    after = {"state__in": ",".join(APPROVED), "submitted_at__isnull": "False"}
    outcomes = [
        _part(
            gettext("Sent before send-by"),
            found["in_time"],
            found["sent"],
            queue(sent_late__exact=0),
        ),
        _part(
            gettext("Approved the first time"),
            found["rounds_1"],
            found["approved"],
            queue(rejections__exact=0, **after),
        ),
    ]
    bars = [
        _part(
            ngettext("%(n)d round", "%(n)d rounds", n) % {"n": n},
            found[f"rounds_{n}"],
            found["approved"],
            queue(rejections__exact=n - 1, **after),
        )
        for n in range(1, MOST_ROUNDS)
    ]
    rest = found["approved"] - sum(found[name] for name in rounds)
    label = gettext("%(n)d rounds or more") % {"n": MOST_ROUNDS}
    url = queue(rejections__gte=MOST_ROUNDS - 1, **after)
    return outcomes, [*bars, _part(label, rest, found["approved"], url)]


def _part(label: str, count: int, of: int, url: str) -> Bar:
    note = f"{count} / {of}"
    return Bar(label=label, count=count, share=_share(count, of), url=url, note=note)


def _counted(renewals: models.QuerySet[Renewal], name: str) -> dict[int, int]:
    return dict(renewals.values_list(name).annotate(n=Count("pk")).order_by())


def _share(count: int, of: int) -> float:
    return round(100 * count / of, 1) if of else 0


# --- What runs by itself ----------------------------------------------------------------------


def timetable(*, now: datetime) -> list[Job]:
    found = [_job(job, now=now) for job in (*jobs.processes(), *jobs.timetable())]
    oldest = (
        Renewal.objects.filter(standing.is_open(), paused_at=None, next_look_at__lte=now)
        .exclude(bundle__account__paused_until__gt=now)
        .aggregate(oldest=Min("next_look_at"))["oldest"]
    )
    late = oldest is not None and now - oldest > standing.SILENT_FOR
    waits = Job(
        name=gettext("oldest due look"),
        state=words.since(oldest, now=now) if oldest else gettext("nothing is due"),
        is_fine=not late,
        url=queue(attention="overdue"),
    )
    return [*found, waits]


def _job(job: jobs.Job, *, now: datetime) -> Job:
    state = words.since(job.at, now=now) if job.at else gettext("never")
    return Job(name=job.name, state=state, is_fine=not job.is_silent(now=now))


def accounts(*, now: datetime) -> list[Job]:
    """Whether each of Twilio's accounts answers to its credentials."""
    return [
        Job(
            name=str(account),
            state=_of_account(account, now=now),
            is_fine=not (account.unreachable_since or account.test_problem),
            url=reverse("admin:compliance_account_change", args=[account.pk]),
        )
        for account in Account.objects.filter(active=True).order_by("-is_main", "pk")[:50]
    ]


def _of_account(account: Account, *, now: datetime) -> str:
    if account.unreachable_since:
        return gettext("does not answer, first noticed %(when)s: %(because)s") % {
            "when": words.since(account.unreachable_since, now=now),
            "because": account.unreachable_because,
        }
    if account.test_problem:
        return account.test_problem
    if account.polled_at is None:
        return gettext("not asked yet")
    return gettext("answers; last poll %(poll)s, last sync %(sync)s") % {
        "poll": words.since(account.polled_at, now=now),
        "sync": words.since(account.synced_at, now=now) if account.synced_at else gettext("never"),
    }
