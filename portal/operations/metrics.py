"""What Prometheus reads at ``/metrics``: the queue, the jobs, the calls to Twilio, the mails.

The queue, the jobs and the mails are counted in the database as it is asked; the calls are counted
by whichever process makes them (``compliance.measures``). Nothing here names a customer.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from compliance import jobs, measures
from compliance.models import Account, Mail, Renewal, Stray
from portal.operations.access import has_token

INFINITY = "+Inf"


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not settings.OPERATIONS_TOKEN:
        raise Http404
    if not has_token(request):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Everything())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Everything:
    """A collector in Prometheus' sense."""

    def collect(self) -> Iterator[Metric]:
        yield from queue()
        yield from work()
        yield from calls(measures.read())
        yield from mails()


def queue() -> Iterator[Metric]:
    now = timezone.now()
    states = _gauge("portal_renewals", "Open renewals by state.", ["state"])
    counted = dict(
        Renewal.objects.open()
        .values_list("state")
        .annotate(n=Count("pk"))
        .values_list("state", "n")
    )
    for state in Renewal.State.values:
        if state not in Renewal.ENDED:
            states.add_metric([state], counted.get(state, 0))
    yield states
    trouble = Renewal.objects.open().exclude(trouble="").count()
    yield _value("portal_renewals_in_trouble", "Open renewals that need a person.", trouble)
    expired = Renewal.objects.open().filter(valid_until__lte=now).count()
    yield _value("portal_renewals_expired", "Open renewals past their deadline.", expired)
    strays = _gauge("portal_strays", "What is left at Twilio and nothing needs.", ["why"])
    left = dict(Stray.objects.values_list("why").annotate(n=Count("pk")).values_list("why", "n"))
    for why in Stray.Why.values:
        strays.add_metric([why], left.get(why, 0))
    yield strays
    due = Renewal.objects.open().filter(paused_at=None, next_look_at__lte=now)
    oldest = due.aggregate(oldest=Min("next_look_at"))["oldest"]
    yield _value("portal_due_looks", "Renewals that are due and not taken.", due.count())
    yield _value(
        "portal_oldest_due_look_seconds",
        "For how long the one that has waited longest has been due.",
        (now - oldest).total_seconds() if oldest else 0,
    )


def work() -> Iterator[Metric]:
    signs = _gauge("portal_last_sign_timestamp_seconds", "Last sign of life.", ["process"])
    for process in jobs.processes():
        if process.at:
            signs.add_metric([process.name], process.at.timestamp())
    yield signs
    runs = _gauge("portal_job_last_success_timestamp_seconds", "Last good run of a job.", ["job"])
    for job in jobs.timetable():
        if job.at:
            runs.add_metric([job.name], job.at.timestamp())
    yield runs
    answers = _gauge("portal_twilio_account_up", "Whether the account answers.", ["account"])
    polls = _gauge(
        "portal_twilio_last_poll_timestamp_seconds", "Last poll of the account.", ["account"]
    )
    for account in Account.objects.filter(active=True).order_by("pk"):
        answers.add_metric([account.sid], 0 if account.unreachable_since else 1)
        if account.polled_at:
            polls.add_metric([account.sid], account.polled_at.timestamp())
    yield answers
    yield polls


def calls(counted: dict[measures.Name, float]) -> Iterator[Metric]:
    """Every process's calls, from a count that begins anew when Redis has lost it."""
    made = CounterMetricFamily(
        "portal_twilio_calls", "Calls to Twilio.", labels=["operation", "outcome"]
    )
    refused = CounterMetricFamily(
        "portal_twilio_errors", "Twilio's answers that carry an error's number.", labels=["code"]
    )
    took = HistogramMetricFamily(
        "portal_twilio_call_seconds", "How long calls to Twilio took.", labels=["operation"]
    )
    strays = CounterMetricFamily(
        "portal_strays_removed", "What the reconcile deleted at Twilio.", labels=["kind"]
    )
    buckets: defaultdict[str, dict[str, float]] = defaultdict(dict)
    seconds: dict[str, float] = {}
    for (what, *labels), amount in sorted(counted.items()):
        match what:
            case measures.CALLS:
                made.add_metric(labels, amount)
            case measures.REFUSALS:
                refused.add_metric(labels, amount)
            case measures.STRAYS:
                strays.add_metric(labels, amount)
            case measures.SECONDS:
                seconds[labels[0]] = amount
            case measures.BUCKET:
                buckets[labels[0]][labels[1]] = amount
    for name, held in sorted(buckets.items()):
        took.add_metric([name], list(_added_up(held)), seconds.get(name, 0))
    yield made
    yield refused
    yield took
    yield strays


def _added_up(held: dict[str, float]) -> Iterator[tuple[str, float]]:
    """Each of Prometheus' buckets holds those below it as well."""
    total = 0.0
    for bound in (*map(str, measures.BUCKETS), INFINITY):
        total += held.get(bound, 0)
        yield bound, total


def mails() -> Iterator[Metric]:
    """Not those that have arrived, which are all but a few: each reading would count every one."""
    family = _gauge(
        "portal_mails", "Messages that have not arrived by result.", ["channel", "result"]
    )
    not_arrived = Mail.objects.filter(result__in=Mail.NOT_ARRIVED)
    counted = not_arrived.values("channel", "result").annotate(n=Count("pk"))
    for row in counted.order_by("channel", "result"):
        family.add_metric([row["channel"], row["result"]], row["n"])
    yield family


def _gauge(name: str, about: str, labels: Iterable[str]) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, labels=list(labels))


def _value(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, value=value)
