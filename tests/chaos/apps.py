"""What is different about a portal under fire, put on from outside when it starts."""

import os
from datetime import timedelta
from typing import Any

from django.apps import AppConfig

# Between two tries, where an installation waits for seconds and minutes.
LONGEST_PAUSE = timedelta(seconds=2)


class Chaos(AppConfig):
    name = "tests.chaos"

    def ready(self) -> None:
        from compliance import accounts, workflow
        from tests.chaos import points, unguarded

        workflow.LONGEST_PAUSE = LONGEST_PAUSE
        accounts.PAUSE = timedelta(seconds=1)
        if "CHAOS_FOLDER" in os.environ:
            points.lay()
            refuse_connections(share=float(os.environ["CHAOS_REFUSED"]))
        if os.environ.get("CHAOS_GUARDS") == "off":
            unguarded.install()


def refuse_connections(*, share: float) -> None:
    """That part of the calls goes where nobody listens; a stand-in that listens can't do that."""
    from twilio.http.http_client import TwilioHttpClient  # noqa: TID251  (every call goes through it)

    from tests.chaos.points import by_chance, note

    request = TwilioHttpClient.request

    def sometimes_refused(self: Any, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        if by_chance(share):
            note("refused", {})
            host = url.split("/")[2]
            url = url.replace(f"//{host}/", "//127.0.0.1:1/", 1)
        return request(self, method, url, *args, **kwargs)

    TwilioHttpClient.request = sometimes_refused  # type: ignore[method-assign]
