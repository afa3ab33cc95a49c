"""What staff can do with a renewal: on its page, one at a time, and in the list with many.

``RenewalAdmin`` takes in ``WithActions``, ``actions_for`` and ``bulk_actions``, and knows no more.
"""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import path

from compliance.admin.actions import copies, engine, people
from compliance.admin.actions.base import Action, Button, button, may, name_of, page_of
from compliance.admin.actions.bulk import (
    BulkPermissions,
    assign_many,
    bulk_actions,
    remind_many,
    retry_many,
)
from compliance.models import Renewal

__all__ = [
    "ACTIONS",
    "Button",
    "WithActions",
    "action_urls",
    "actions_for",
    "assign_many",
    "bulk_actions",
    "remind_many",
    "retry_many",
]

# As they stand on the page.
ACTIONS: tuple[Action, ...] = (
    engine.Retry(),
    engine.Resume(),
    engine.TakeBack(),
    engine.LookNow(),
    people.AssignToMe(),
    people.Assign(),
    people.Remind(),
    people.SignInLink(),
    people.AddContact(),
    people.ViewAsCustomer(),
    people.ActOnBehalf(),
    engine.Pause(),
    engine.HandledInConsole(),
    copies.FindCopies(),
    copies.AdoptCopy(),
    copies.DeleteCopy(),
    engine.NewCopy(),
    engine.Reopen(),
    engine.Cancel(),
)


def actions_for(request: HttpRequest, renewal: Renewal) -> list[Button]:
    """What this member of the staff may do, possible now or not."""
    return [
        button(action, renewal)
        for action in ACTIONS
        if may(request.user, action) and action.applies(renewal)  # type: ignore[arg-type]
    ]


class WithActions(BulkPermissions):
    """Mixed into ``RenewalAdmin``, before the others: the actions' pages, and who may do what."""

    admin_site: AdminSite

    def get_urls(self) -> list[Any]:
        return [*action_urls(self.admin_site), *super().get_urls()]  # type: ignore[misc]


def action_urls(site: AdminSite) -> list[Any]:
    """To stand before the others of ``RenewalAdmin``."""
    return [
        path(
            f"<int:pk>/{action.slug}/",
            site.admin_view(page_of(action, site)),
            name=name_of(action),
        )
        for action in ACTIONS
    ]
