"""The list of registrations by string formatting: the same address space, middleware, session,
queries and words, in English, with nothing in between.

It is a URL configuration: the portal's own, and one more address.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from html import escape
from zoneinfo import ZoneInfo

import phonenumbers
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.test import Client
from django.urls import path
from django.utils import timezone
from django_countries import countries

from compliance.models import Answer, Bundle, Renewal
from portal.session import seconds_left
from portal.urls import urlpatterns as portal

ADDRESS = "/floor/home/"
TOKEN = re.compile(r'(name="csrfmiddlewaretoken" value=")\w+')
SECONDS = re.compile(r'(data-seconds=")\d+')
BEFORE, AFTER = '<h1 tabindex="-1">', '<p><a href="/people/">'

# What the page says for each state, its group first: 0 needs you, 1 on its way, 2 up to date.
STATES = {
    "needs_info": (0, "needs", "Action needed", "Update registration", ""),
    "ready": (0, "needs", "Ready to send", "Check and send", ""),
    "rejected": (0, "bad", "Changes needed", "See what to change", ""),
    "in_review": (1, "info", "Being checked", "See status", "You do not need to do anything."),
    "detected": (
        1,
        "quiet",
        "Getting ready",
        "See status",
        "We are getting your form ready. This takes a few seconds.",
    ),
    "completed": (2, "plain", "Up to date", "View", ""),
}
WITH_CUSTOMER = ("Action needed", "Ready to send")
_frame: dict[str, str] = {}


def learn_the_frame(client: Client) -> None:
    """What stands around the list, from one rendering of the page."""
    text = client.get("/").content.decode()
    head, _, rest = text.partition(BEFORE)
    foot = AFTER + rest.partition(AFTER)[2]
    for name, part in (("head", head + BEFORE), ("foot", foot)):
        part = TOKEN.sub(r"\1{token}", SECONDS.sub(r"\1{seconds}", _unbraced(part)))
        _frame[name] = part


def home(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    bundles = Bundle.objects.filter(customer__memberships__user=request.user)
    rows = (
        bundles.select_related("customer", "regulation", "account")
        .order_by("friendly_name", "pk")
        .values_list(
            *("pk", "friendly_name", "status", "valid_until", "numbers", "customer__time_zone"),
            *("customer__name", "regulation__iso_country", "account__polled_at"),
        )
    )
    renewals = Renewal.objects.filter(bundle__customer__memberships__user=request.user)
    newest = {
        row[0]: row
        for row in renewals.order_by("opened_at", "pk").values_list(
            *("bundle_id", "pk", "reference", "state", "valid_until", "trouble"),
        )
    }
    waiting = Answer.objects.filter(state="waiting", renewal__in=renewals)
    assert not list(waiting.values_list("renewal_id", flat=True))
    groups: tuple[list[tuple[float, str, str, str, str]], ...] = ([], [], [])
    for row in rows:
        card(row, newest[row[0]], groups, now)
    for group in groups[:2]:
        group.sort()
    values = {"token": get_token(request), "seconds": seconds_left(request)}
    body = [_frame["head"].format(**values), *_middle(groups), _frame["foot"].format(**values)]
    return HttpResponse("".join(body))


def card(row: tuple, renewal: tuple, groups: tuple, now: datetime) -> None:  # type: ignore[type-arg]
    _pk, _name, _status, _until, numbers, zone_name, _company, country, _polled = row
    _bundle, _renewal_pk, reference, state, until, _trouble = renewal
    group, look, text, button, sentence = STATES[state]
    title = f"{_country(country)} - local numbers"
    zone = ZoneInfo(zone_name)
    expires = until.astimezone(zone)
    send_by = expires
    days = 3
    while days:
        send_by -= timedelta(days=1)
        days -= send_by.weekday() < 5
    today = now.astimezone(zone).date()
    facts = ""
    day = f"{send_by:%A} {send_by.day} {send_by:%B %Y}"
    if state != "completed":
        by = (
            f'<div><dt>Send by</dt> <dd class="date">{day}, '
            f"{_in_days((send_by.date() - today).days)}</dd></div> "
            if group == 0
            else ""
        )
        facts = (
            f'<dl class="facts">{by}<div><dt>Expires</dt> <dd class="date">{expires:%A} '
            f"{expires.day} {expires:%B %Y, %H:%M} ({zone_name}), "
            f"{_in_days((expires.date() - today).days)}</dd></div> </dl>\n"
        )
    if text in WITH_CUSTOMER and send_by < now:
        look = "bad"
    spoken = ", ".join(map(_phone_number, numbers))
    words = f'<p class="small">{sentence}</p>\n' if sentence else ""
    kind = "button" if group == 0 else "button button-quiet"
    html = (
        f'<li class="card">\n<div class="stack-small">\n<div class="card-head"><h3>{title}</h3> '
        f'<span class="tag tag-{look}">{text}</span></div>\n{facts}<p class="small soft">'
        f'<span class="visually-hidden">Phone numbers:</span> {escape(spoken)}</p>\n{words}</div>\n'
        f'<a class="{kind}" href="/r/{reference}/">{button}<span class="visually-hidden">: {title}'
        f"</span></a>\n</li>\n"
    )
    late = send_by < now
    groups[group].append(
        (send_by.timestamp(), title, html, "" if late else day, reference, look, button)
    )


def _middle(groups: tuple) -> Iterable[str]:  # type: ignore[type-arg]
    needs, moving, done = groups
    _at, title, _html, day, reference, look, button = needs[0]
    what = (
        f"send your update by {day}."
        if day
        else ("it is later than we recommend. Send your update now.")
    )
    bad = "banner-bad" if look == "bad" else "banner-needs"
    yield (
        f'Your registrations</h1>\n\n\n<section class="banner {bad}" '
        'aria-labelledby="banner-title">\n<div class="stack-small">\n'
        f'<h2 id="banner-title">{len(needs)} registrations need your attention</h2>\n'
        f"<p>{title}: {what}</p>\n</div>\n"
        f'<a class="button" href="/r/{reference}/">{button}<span class="visually-hidden">: {title}'
        "</span></a>\n</section>\n"
    )
    for name, label, group in (("needs", "Needs you", needs), ("moving", "On its way", moving)):
        yield (
            f'\n\n<section class="stack" aria-labelledby="{name}-title">\n<h2 id="{name}-title">'
            f"{label} ({len(group)})</h2>\n"
        )
        yield from _list(group)
        yield "\n</section>\n"
    yield f'\n\n<details class="plain">\n<summary>Up to date ({len(done)})</summary>\n'
    yield from _list(done)
    yield "\n</details>\n\n"


def _list(group: list[tuple[float, str, str, str, str]]) -> Iterable[str]:
    yield '<ul class="cards">\n'
    for card in group:
        yield card[2]
    yield "</ul>\n"


def _in_days(days: int) -> str:
    if days < -1:
        return f"{-days} days ago"
    return {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(days) or f"in {days} days"


@cache
def _country(code: str) -> str:
    return str(countries.name(code))


@cache
def _phone_number(e164: str) -> str:
    form = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(phonenumbers.parse(e164, None), form)


def _unbraced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


urlpatterns = [*portal, path("floor/home/", home)]
