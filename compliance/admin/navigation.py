"""The admin's menu. An entry is there for those who may open what it leads to."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# What it is called, the model whose list it is or a page's name, and the theme's icon.
Entry = tuple[str | Promise, str, str]

# Pages that are no model's list, with all that is needed to open them.
PAGES = {
    "compliance_regulation_campaigns": ("compliance.view_regulation", "compliance.view_renewal"),
    "compliance_bundle_unassigned": ("compliance.change_bundle",),
    "compliance_renewal_left_over": ("compliance.view_renewal",),
}

GROUPS: tuple[tuple[str | Promise, tuple[Entry, ...]], ...] = (
    (
        _("The desk"),
        (
            (_("Queue"), "compliance.renewal", "inbox"),
            (_("Campaigns"), "compliance_regulation_campaigns", "campaign"),
            (_("Unassigned bundles"), "compliance_bundle_unassigned", "person_search"),
            (_("Left over at Twilio"), "compliance_renewal_left_over", "delete_sweep"),
        ),
    ),
    (
        _("Customers"),
        (
            (_("Customers"), "compliance.customer", "apartment"),
            (_("People"), "compliance.user", "group"),
            (_("Passkeys"), "mfa.authenticator", "passkey"),
            (_("Groups"), "auth.group", "shield_person"),
        ),
    ),
    (
        _("Twilio"),
        (
            (_("Bundles"), "compliance.bundle", "folder_open"),
            (_("Regulations"), "compliance.regulation", "gavel"),
            (_("Accounts"), "compliance.account", "account_balance"),
        ),
    ),
    (
        _("Record"),
        (
            (_("Mails"), "compliance.mail", "mail"),
            (_("Events"), "compliance.event", "history"),
        ),
    ),
)


def groups(request: HttpRequest) -> list[dict[str, Any]]:
    dashboard = {"title": _("Dashboard"), "icon": "dashboard", "link": reverse("admin:index")}
    open_to = {
        target: reverse(f"admin:{_page(target)}")
        for _title, entries in GROUPS
        for _name, target, _icon in entries
        if _may_open(request, target)
    }
    here = _nearest(request.path, open_to.values())
    found: list[dict[str, Any]] = [{"items": [dashboard]}]
    for title, entries in GROUPS:
        items = [
            {
                "title": name,
                "icon": icon,
                "link": open_to[target],
                "active": open_to[target] == here,
            }
            for name, target, icon in entries
            if target in open_to
        ]
        if items:
            found.append({"title": title, "separator": True, "items": items})
    return found


def _nearest(path: str, links: Iterable[str]) -> str:
    """The entry of the page or of what it stands under: an address may begin with those of several
    entries, and the theme would mark them all."""
    return max((link for link in links if path.startswith(link)), default="", key=len)


def _page(target: str) -> str:
    return target if target in PAGES else f"{target.replace('.', '_')}_changelist"


def _may_open(request: HttpRequest, target: str) -> bool:
    if target in PAGES:
        return request.user.has_perms(PAGES[target])
    app, name = target.split(".")
    return any(request.user.has_perm(f"{app}.{verb}_{name}") for verb in ("view", "change"))
