"""The list of registrations, most urgent first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from compliance.acting import bundles_for, renewals_for
from compliance.models import Answer, Renewal
from compliance.stages import WITH_CUSTOMER, Dates, Stage, dates_of, is_stopped, stage_of
from compliance.wording import dates as words
from compliance.wording.kept import kept
from compliance.wording.registrations import Tag, phone_numbers, tag, title_of
from portal.views.common import SignedIn, acting_of

# Shaped like a reference, and never one: it has a digit that those do not use.
NOBODYS = "CMP-000000"


@dataclass(frozen=True, kw_only=True)
class Card:
    """One registration in the list, every value ready to be printed."""

    stage: Stage
    title: str
    customer: str
    tag: Tag
    facts: tuple[tuple[str, str], ...]
    numbers: str
    sentence: str
    url: str
    button: str
    # What the button is about, for those who hear it without its card.
    about: str
    # For the banner and the order; ``deadline`` is never None in the first group.
    send_by: str
    deadline: Dates | None

    @property
    def needs_customer(self) -> bool:
        return self.stage in WITH_CUSTOMER or self.stage == Stage.EXPIRED


@require_safe
def home(request: SignedIn) -> HttpResponse:
    now = timezone.now()
    bundles = list(_bundles(request))
    cards = _cards(request, bundles, now=now)
    needs = sorted((card for card in cards if card.needs_customer), key=_urgency)
    done = [card for card in cards if card.stage == Stage.DONE]
    moving = [card for card in cards if not card.needs_customer and card.stage != Stage.DONE]
    context = {
        "needs": needs,
        "moving": sorted(moving, key=_urgency),
        "done": done,
        "banner": _banner(needs),
        "away": _away(bundles),
        "checked": _last_checked(bundles),
        # Only bundles with a deadline are mirrored: no card and a company means nothing is due.
        "nothing": not cards
        and acting_of(request) is None
        and not request.user.memberships.exists(),
    }
    return render(request, "home.html", context)


def _bundles(request: SignedIn) -> Iterable[Any]:
    """With what the list says of their customer, rule and account: as values, for an object of each
    would be made for each row."""
    return (
        bundles_for(request.user, acting_of(request))
        .only("friendly_name", "status", "valid_until", "numbers", "customer_id", "account_id")
        .annotate(
            company=F("customer__name"),
            zone=F("customer__time_zone"),
            country=F("regulation__iso_country"),
            kind=F("regulation__number_type"),
            unreachable_since=F("account__unreachable_since"),
            polled_at=F("account__polled_at"),
            synced_at=F("account__synced_at"),
        )
        .order_by("friendly_name", "pk")
    )


def _cards(request: SignedIn, bundles: list[Any], *, now: datetime) -> list[Card]:
    visible = renewals_for(request.user, acting_of(request))
    # Before the renewals: one that moves on between the two is told as being checked, and not as
    # asking again for what has just been given.
    waiting = set(
        Answer.objects.filter(state=Answer.State.WAITING, renewal__in=visible).values_list(
            "renewal_id", flat=True
        )
    )
    newest = {
        renewal.bundle_id: renewal
        for renewal in visible.only(
            "bundle_id",
            "reference",
            "state",
            "valid_until",
            "copy_status",
            "trouble",
            "rejections",
            "evaluated_hash",
        ).order_by("opened_at", "pk")
    }
    # Worked out once, not for each.
    address = reverse("registration", args=[NOBODYS])
    several = len({bundle.customer_id for bundle in bundles}) > 1
    cards = []
    for bundle in bundles:
        renewal = newest.get(bundle.pk)
        is_waiting = renewal is not None and renewal.pk in waiting
        cards.append(_card(bundle, renewal, address, waiting=is_waiting, named=several, now=now))
    return cards


def _card(
    bundle: Any,
    renewal: Renewal | None,
    address: str,
    *,
    waiting: bool,
    named: bool,
    now: datetime,
) -> Card:
    stage = stage_of(bundle, renewal, waiting=waiting, now=now)
    zone = _zone([bundle])
    is_open = renewal is not None and renewal.state not in Renewal.ENDED
    until = renewal.valid_until if renewal and is_open else bundle.valid_until
    dates = dates_of(until, now=now, zone=zone) if until else None
    name = title_of(bundle.country or "", bundle.kind or "", otherwise=bundle.friendly_name)
    company = bundle.company or "" if named else ""
    return Card(
        stage=stage,
        title=name,
        customer=company,
        tag=tag(stage, dates, stopped=is_stopped(renewal, stage)),
        facts=_facts(stage, dates, zone, now=now),
        numbers=phone_numbers(bundle.numbers),
        sentence=_sentence(stage, renewal),
        url=address.replace(NOBODYS, renewal.reference) if renewal else "",
        button=_button(stage),
        about=f": {name}, {company}" if company else f": {name}",
        send_by=words.day(dates.send_by, zone) if dates else "",
        deadline=dates,
    )


def _facts(
    stage: Stage, dates: Dates | None, zone: str, *, now: datetime
) -> tuple[tuple[str, str], ...]:
    if dates is None or stage == Stage.DONE:
        return ()
    left = words.relative(dates.expires, zone, now=now)
    ends = f"{words.moment(dates.expires, zone)}, {left}"
    if dates.expired:
        return ((gettext("Expired"), ends),)
    if stage not in WITH_CUSTOMER:
        return ((gettext("Expires"), ends),)
    left = words.relative(dates.send_by, zone, now=now)
    return (
        (gettext("Send by"), f"{words.day(dates.send_by, zone)}, {left}"),
        (gettext("Expires"), ends),
    )


def _sentence(stage: Stage, renewal: Renewal | None) -> str:
    is_open = renewal is not None and renewal.state not in Renewal.ENDED
    return _said(stage, is_open=is_open, stopped=is_stopped(renewal, stage))


@kept
def _said(stage: Stage, *, is_open: bool, stopped: bool) -> str:
    if stopped:
        return gettext("We have stopped this update. Write to us if you have questions about it.")
    match stage:
        case Stage.PREPARING if not is_open:
            return gettext("We are preparing your form and will e-mail you when it is ready.")
        case Stage.PREPARING:
            return gettext("We are getting your form ready. This takes a few seconds.")
        case Stage.CHECKING:
            return gettext("Your answers are saved. We are checking them.")
        case Stage.REVIEWING:
            return gettext("You do not need to do anything.")
        case Stage.FINISHING:
            return gettext("Approved. You do not need to do anything.")
        case Stage.EXPIRED if not is_open:
            return gettext("Write to us and we will see what can be done.")
    return ""


@kept
def _button(stage: Stage) -> str:
    match stage:
        case Stage.READY:
            return gettext("Check and send")
        case Stage.CHANGES:
            return gettext("See what to change")
        case Stage.DUE | Stage.FIXING:
            return gettext("Update registration")
        case Stage.DONE:
            return gettext("View")
    return gettext("See status")


def _urgency(card: Card) -> tuple[float, str]:
    dates = card.deadline
    return (dates.send_by.timestamp() if dates else 0.0, card.title)


def _banner(needs: list[Card]) -> dict[str, object] | None:
    """One banner, about the worst."""
    if not needs:
        return None
    worst = needs[0]
    dates = worst.deadline
    if worst.stage == Stage.EXPIRED or (dates and dates.expired):
        what = gettext("this registration has expired, and its numbers may stop working.")
    elif dates and dates.late:
        what = gettext("it is later than we recommend. Send your update now.")
    else:
        what = gettext("send your update by %(day)s.") % {"day": worst.send_by}
    if not worst.url:
        # No warning without a way on.
        what = f"{what} {worst.sentence}"
    count = len(needs)
    return {
        "heading": ngettext(
            "%(count)s registration needs your attention",
            "%(count)s registrations need your attention",
            count,
        )
        % {"count": count},
        "title": f"{worst.title}, {worst.customer}" if worst.customer else worst.title,
        "what": what,
        "url": worst.url,
        "button": worst.button,
        "bad": worst.tag.look == "bad",
    }


def _zone(bundles: list[Any]) -> str:
    return bundles[0].zone or "UTC" if bundles else "UTC"


def _away(bundles: list[Any]) -> str:
    """Since when the provider can't be reached; empty when all is well."""
    since = [b.unreachable_since for b in bundles if b.unreachable_since]
    return words.stamp(min(since), _zone(bundles)) if since else ""


def _last_checked(bundles: list[Any]) -> str:
    looks = [look for b in bundles for look in (b.polled_at, b.synced_at) if look]
    # To the minute, so that the text and what is cached of it stay the same for a while.
    newest = max(looks, default=None)
    if newest is None:
        return ""
    newest -= timedelta(seconds=newest.second, microseconds=newest.microsecond)
    return words.stamp(newest, _zone(bundles))
