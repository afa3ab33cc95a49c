"""Whether everything that the work needs is there: 200, or 503.

Twilio is never asked from here: what polls and tasks last saw of it is told. Its silence does not
make the answer 503, for the portal goes on taking what customers enter; a load balancer that
believed otherwise would send them away for nothing.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis
from redis.exceptions import RedisError

from compliance import jobs
from compliance.models import Account
from portal import scanner
from portal.operations.access import may_see_details

OK, AWAY, NEVER_SEEN, BEHIND = "ok", "away", "never seen", "behind"
# Without these nothing gets done.
NEEDED = ("database", "schema", "broker", "worker", "beat")


@dataclass(frozen=True, kw_only=True)
class Part:
    """``age`` is how old the last sign of it is, in seconds; None where there has been none."""

    state: str
    age: float | None
    detail: str = ""


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    parts = dict(look(now=timezone.now()))
    ready = all(parts[name].state == OK for name in NEEDED if name in parts)
    answer: dict[str, object] = {"ready": ready}
    if parts["database"].state == OK and may_see_details(request):
        answer["parts"] = {name: asdict(part) for name, part in parts.items()}
    return JsonResponse(answer, status=200 if ready else 503)


def look(*, now: datetime) -> Iterator[tuple[str, Part]]:
    """Each part by its name. Without the database nothing else is known."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        yield "database", Part(state=AWAY, age=None, detail=type(error).__name__)
        return
    yield "database", Part(state=OK, age=0.0)
    yield "schema", _schema()
    yield "broker", _broker()
    for process in jobs.processes():
        yield process.name, _of_process(process, now=now)
    if scanner.is_there():
        yield "scanner", _scanner()
    yield "twilio", _twilio(now=now)


def _schema() -> Part:
    """Behind, as long as this version's migrations are not all applied. One that is ahead is a
    newer version's, beside which this one goes on."""
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if waiting:
        return Part(state=BEHIND, age=None, detail=f"migrations that are not applied: {waiting}")
    return Part(state=OK, age=0.0)


def _broker() -> Part:
    if not settings.REDIS_URL:
        return Part(state=OK, age=0.0, detail="embedded")
    redis = Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    try:
        redis.ping()
    except (RedisError, OSError) as error:
        return Part(state=AWAY, age=None, detail=type(error).__name__)
    finally:
        redis.close()
    return Part(state=OK, age=0.0)


def _scanner() -> Part:
    """Without it no file is taken; everything else goes on, so nobody is kept away for it."""
    try:
        scanner.ping()
    except scanner.NotChecked as error:
        return Part(state=AWAY, age=None, detail=str(error))
    return Part(state=OK, age=0.0)


def _of_process(process: jobs.Job, *, now: datetime) -> Part:
    age = process.age(now=now)
    if age is None:
        return Part(state=NEVER_SEEN, age=None)
    state = AWAY if process.is_silent(now=now) else OK
    return Part(state=state, age=round(age.total_seconds(), 1))


def _twilio(*, now: datetime) -> Part:
    """The account of which the last answer is oldest, those that do not answer first."""
    accounts = list(Account.objects.filter(active=True))
    silent = [account for account in accounts if account.unreachable_since]
    answered = [account.polled_at for account in accounts if account.polled_at]
    age = round((now - min(answered)).total_seconds(), 1) if answered else None
    if silent:
        because = "; ".join(f"{a.sid}: {a.unreachable_because}" for a in silent[:5])
        return Part(state=AWAY, age=age, detail=because)
    return Part(state=OK if answered else NEVER_SEEN, age=age)
