"""The engine without its guards: no look at Twilio before something is made, no lease, no fence.

For the control run, which must find duplicates and strays; else the harness would not bite.
"""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any


def install() -> None:
    from compliance import workflow
    from compliance.answers import delivery
    from compliance.models import Renewal
    from compliance.workflow import lease

    def copy_at_once(case: Any) -> None:
        renewal = case.renewal
        name = f"{renewal.bundle.friendly_name} {renewal.tag}"
        copy = case.twilio().create_copy(renewal.bundle.sid, friendly_name=name)
        case.move(Renewal.State.COPIED, copy_sid=copy.sid, copy_status=copy.status)

    def make_at_once(self: Any, values: Any) -> str:
        return str(self._make(values).sid)

    def anybodys(self: Any) -> Any:
        return Renewal.objects.filter(pk=self.renewal.pk)

    steps: Any = workflow.STEPS
    steps[Renewal.State.DETECTED] = copy_at_once
    delivery._Delivery._find_or_make = make_at_once  # type: ignore[method-assign]
    lease.Case._mine = anybodys  # type: ignore[method-assign]
    # In its own eyes only: a whole portal refuses to start with such a setting.
    lease.settings = SimpleNamespace(LEASE=timedelta(0))  # type: ignore[attr-defined]
