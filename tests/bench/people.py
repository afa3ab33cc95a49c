"""The people of a measured portal, in a process of their own within its environment.

``python -m tests.bench.people set-up`` makes a customer with an editor for each subaccount;
``... live N`` lets them answer and send, as their pages would, until N renewals have ended, and
prints {"completed", "trouble"}; ``... callbacks`` prints the paths at which Twilio reports the open
renewals, ``... events`` how many callbacks are on record, and ``... visit`` what a browser of
somebody needs: {"cookie", "home", "registration", "to-do": [pages that wait for their customer]}.
``... await-workers N`` ends when so many answer.
"""

import json
import sys
import time
from typing import Any

import django

PAUSE = 0.1


def live(number: int) -> dict[str, int]:
    from compliance.models import Renewal

    while (ended := Renewal.objects.filter(state__in=Renewal.ENDED).count()) < number:
        _their_turn()
        if ended + Renewal.objects.open().exclude(trouble="").count() >= number:
            break
        time.sleep(PAUSE)
    return {
        "completed": Renewal.objects.filter(state=Renewal.State.COMPLETED).count(),
        "trouble": Renewal.objects.exclude(trouble="").count(),
    }


def _their_turn() -> None:
    from django.utils import timezone

    from compliance import answers, tasks, workflow
    from compliance.answers import checklist_of
    from compliance.models import Answer, Renewal
    from tests.portal import specimens
    from tests.world import plausible

    theirs = (
        Renewal.objects.filter(state__in=Renewal.EDITABLE, trouble="")
        .exclude(answers__state=Answer.State.WAITING)
        .select_related("bundle__regulation", "bundle__customer", "bundle__account")
    )
    for renewal in theirs:
        by = renewal.bundle.customer.people.get() if renewal.bundle.customer else None
        assert by is not None
        if renewal.state == Renewal.State.READY:
            workflow.send(renewal, by=by, now=timezone.now())
            tasks.nudge(renewal.pk)
            continue
        for task in checklist_of(renewal).tasks:
            option = task.options[0]
            file = answers.File(name="scan.pdf", type="application/pdf", data=specimens.pdf())
            answers.save(
                renewal,
                task=task,
                option=option,
                values={field.name: plausible(renewal, field) for field in option.fields},
                file=file if option.needs_file else None,
                version=0,
                by=by,
                now=timezone.now(),
            )
        tasks.nudge(renewal.pk)


def await_workers(number: int) -> None:
    from portal.celery import app
    from tests.patience import until

    until(lambda: len(app.control.ping(timeout=1)) >= number)


def callbacks() -> list[str]:
    from compliance.callback_address import callback_url
    from compliance.models import Renewal

    return [callback_url(renewal) for renewal in Renewal.objects.open()]


def events() -> int:
    from compliance.models import Event

    return Event.objects.filter(kind="callback").count()


def visit() -> dict[str, Any]:
    from django.conf import settings

    from compliance.models import Renewal
    from tests.pages.scene import session_of

    renewal = Renewal.objects.open().select_related("bundle__customer").order_by("pk").first()
    if renewal is None:
        return {}
    assert renewal.bundle.customer is not None
    session = session_of(renewal.bundle.customer.people.get())
    return {
        "cookie": f"{settings.SESSION_COOKIE_NAME}={session}",
        "home": "/",
        "registration": f"/r/{renewal.reference}/",
        "to-do": [
            f"/r/{reference}/"
            for reference in Renewal.objects.filter(state=Renewal.State.NEEDS_INFO).values_list(
                "reference", flat=True
            )
        ],
    }


def main(what: str, *arguments: str) -> Any:
    if what == "set-up":
        from tests.chaos.people import set_up

        return set_up()
    if what == "live":
        return live(int(arguments[0]))
    if what == "await-workers":
        return await_workers(int(arguments[0]))
    return {"callbacks": callbacks, "events": events, "visit": visit}[what]()


if __name__ == "__main__":
    django.setup()
    print(json.dumps(main(*sys.argv[1:])))  # noqa: T201
