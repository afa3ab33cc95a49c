"""What a state of a page is, and how it comes about: rows made in a running portal, and at most one
thing that a browser does there."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from compliance.models import Customer, Membership, Renewal, User
from tests.factories import make_customer, make_user
from tests.pages.scene import session_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

EDITOR, VIEWER, NOBODY = Membership.Role.EDITOR, Membership.Role.VIEWER, ""


@dataclass
class Stage:
    """Where the rows of one state are made: a company of its own, and somebody of it."""

    customer: Customer
    user: User
    now: datetime

    def colleague(self, name: str = "Bela Brandt") -> User:
        address = f"colleague-{self.user.email}"
        return make_user(address, name=name, customer=self.customer)


Make = Callable[[Stage], Renewal | str]


@dataclass(frozen=True, kw_only=True)
class State:
    """``make`` returns the path of the page; or a renewal, for ``page`` of it."""

    name: str
    make: Make
    heading: str
    # What only this state says.
    sees: str
    # What the page wants to be pressed; nothing where there is nothing to do.
    button: str = ""
    page: str = ""
    role: str = EDITOR
    signed_in: bool = True
    status: int = 200
    # What the browser does on the page; the state is what comes of it.
    act: "Callable[[Page], None] | None" = None
    # Exists with JavaScript only.
    scripted: bool = False
    # What the browser does makes room for something on the page where it is.
    makes_room: bool = False


STATES: dict[str, State] = {}


def state(name: str, **about: Any) -> Callable[[Make], Make]:
    """Names the decorated function's rows."""

    def add(make: Make) -> Make:
        assert name not in STATES, name
        STATES[name] = State(name=name, make=make, **about)
        return make

    return add


def build(state: State, walk: str, language: str) -> dict[str, str]:
    """The rows of a state, for a company of their own: the page's path, the address of whom it is
    for, and the session to see it with, which is empty for somebody who has not signed in.

    :param walk: tells its people from those of other walks.
    """
    with transaction.atomic():
        customer = make_customer("Acme GmbH")
        user = make_user(f"{walk}-{state.name}-{uuid4()}@acme.example", name="Ada Ackermann")
        user.language = language
        user.save(update_fields=["language"])
        if state.role:
            Membership.objects.create(user=user, customer=customer, role=state.role)
        made = state.make(Stage(customer=customer, user=user, now=timezone.now()))
        path = f"/r/{made.reference}/{state.page}" if isinstance(made, Renewal) else made
        session = session_of(user) if state.signed_in else ""
        return {"path": path, "person": user.email, "session": session}


def build_as_asked() -> None:
    """Makes the rows of each state that a line of the input names, and says in a line where they
    are, both as JSON: a page that says "just now" is made just before somebody looks at it."""
    for line in sys.stdin:
        asked = json.loads(line)
        made = build(STATES[asked["state"]], asked["walk"], asked["language"])
        print(json.dumps(made), flush=True)  # noqa: T201
