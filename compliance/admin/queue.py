"""The list of renewals: what cannot wait stands first.

However many there are, it takes the same number of queries, and the order is found in an index:
only the rows of the page that is shown are read.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from compliance import standing
from compliance.admin.base import DropdownFilter as Dropdown
from compliance.admin.base import ReadOnlyAdmin
from compliance.models import (
    Answer,
    Bundle,
    Customer,
    Item,
    Membership,
    Regulation,
    Renewal,
    User,
)
from compliance.stages import Stage, dates_of, stage_of
from compliance.standing import Risk, ball_of
from compliance.wording import dates as words
from compliance.wording.registrations import country_name, kind_of_number, tag

Renewals = QuerySet[Renewal]
# What is longer fits no key of the database.
LONGEST_KEY = 18
REFERENCE = re.compile(r"CMP-[0-9A-Z]{6}", re.IGNORECASE)
SID = re.compile(r"(BU|RD|IT)[0-9a-f]{32}", re.IGNORECASE)

# What people ask the queue most often. The dashboard's numbers lead to these as well.
VIEWS: dict[str, tuple[str | Promise, Callable[[datetime], Any]]] = {
    "open": (pgettext_lazy("renewals", "Open"), lambda now: standing.is_open()),
    "trouble": (_("Needs a person"), lambda now: standing.needs_a_person()),
    "late": (_("Late risk"), lambda now: standing.at_late_risk(now=now)),
    "customer": (_("Customer's turn"), lambda now: standing.with_customer()),
    "checked": (_("Being checked"), lambda now: standing.with_reviewer()),
    "finishing": (_("Finishing"), lambda now: standing.is_finishing()),
    "expired": (pgettext_lazy("renewals", "Expired"), lambda now: standing.has_expired(now=now)),
    "stuck": (_("No progress"), lambda now: standing.is_stuck(now=now)),
    "paused": (pgettext_lazy("renewals", "Paused"), lambda now: standing.is_paused()),
    "overdue": (_("Due and not taken"), lambda now: standing.is_overdue(now=now)),
    "mail": (_("Mail undelivered"), lambda now: standing.has_undelivered_mail(now=now)),
}


class AttentionFilter(Dropdown):
    title = _("attention")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, label) for name, (label, _where) in VIEWS.items()]

    def queryset(self, request: HttpRequest, queryset: Renewals) -> Renewals:
        view = VIEWS.get(self.value() or "")
        return queryset.filter(view[1](timezone.now())) if view else queryset


class StageFilter(Dropdown):
    title = _("stage")
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(stage.value, stage.label) for stage in Stage if stage != Stage.DUE]

    def queryset(self, request: HttpRequest, queryset: Renewals) -> Renewals:
        # A number of the dashboard can be about several.
        wanted = {stage for stage in (self.value() or "").split(",") if stage in Stage.values}
        if not wanted:
            return queryset
        return standing.at_stages(queryset, wanted, now=timezone.now())


class CountryFilter(Dropdown):
    title = _("country")
    parameter_name = "country"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        codes = Regulation.objects.order_by().values_list("iso_country", flat=True).distinct()
        return sorted(((code, country_name(code)) for code in codes if code), key=lambda c: c[1])

    def queryset(self, request: HttpRequest, queryset: Renewals) -> Renewals:
        match self.value():
            case None | "":
                return queryset
            case "-":
                return queryset.filter(bundle__regulation=None)
        return queryset.filter(bundle__regulation__iso_country=self.value())


class RegulationFilter(Dropdown):
    title = _("regulation")
    parameter_name = "regulation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        rules = Regulation.objects.only("sid", "friendly_name").order_by("friendly_name")
        return [(rule.sid, str(rule)) for rule in rules]

    def queryset(self, request: HttpRequest, queryset: Renewals) -> Renewals:
        if not self.value():
            return queryset
        return queryset.filter(bundle__regulation__sid=self.value())


class AssigneeFilter(Dropdown):
    title = _("assigned to")
    parameter_name = "assignee"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        staff = User.objects.filter(is_staff=True, is_active=True).order_by("name", "email")
        others = [(str(user.pk), str(user)) for user in staff if user.pk != request.user.pk]
        return [("me", _("me")), ("nobody", _("nobody")), *others]

    def queryset(self, request: HttpRequest, queryset: Renewals) -> Renewals:
        match self.value():
            case "me":
                return queryset.filter(assignee=request.user.pk)
            case "nobody":
                return queryset.filter(assignee=None)
            case str() as pk if pk.isdecimal() and len(pk) <= LONGEST_KEY:
                return queryset.filter(assignee_id=int(pk))
        return queryset


class PagesByKey(Paginator):
    """First the keys of the page, which need no row to be read; then its rows."""

    def page(self, number: Any) -> Any:
        page: Any = super().page(number)
        renewals: Any = self.object_list
        keys = list(page.object_list.values_list("pk", flat=True))
        page.object_list = renewals.filter(pk__in=keys)
        return page


def as_written(sid: str) -> str:
    """A SID, or its beginning, as Twilio writes it."""
    return sid[:2].upper() + sid[2:].lower()


def called(term: str) -> Q:
    """Companies by their name or a person's address. Nothing is joined: the rows would multiply."""
    people = Membership.objects.filter(user__email__icontains=term)
    return Q(name__icontains=term) | Q(pk__in=people.values("customer"))


def matching(term: str) -> Q:
    """Whom a company, a person's address, a number, a reference or any SID leads to."""
    term = term.strip()
    if SID.fullmatch(term):
        sid = as_written(term)
        return (
            Q(copy_sid=sid)
            | Q(bundle__in=Bundle.objects.filter(sid=sid).values("pk"))
            | Q(pk__in=Item.objects.filter(sid=sid).values("renewal"))
            | Q(pk__in=Answer.objects.filter(item_sid=sid).values("renewal"))
        )
    if REFERENCE.fullmatch(term):
        return Q(reference=term.upper())
    # A phone number is found as people write it: 030 23125001 for +493023125001.
    digits = re.sub(r"\D", "", term).lstrip("0")
    is_number = len(digits) >= 6 and not re.search(r"[^\d\s()+/.-]", term)
    numbered = Bundle.objects.alias(all_numbers=Cast("numbers", TextField())).filter(
        all_numbers__contains=digits
    )
    if is_number and term.startswith("+"):
        # Nothing else is written like this.
        return Q(bundle__in=numbered.values("pk"))
    companies = Customer.objects.filter(called(term))
    bundles = (
        Q(friendly_name__icontains=term)
        | Q(email__icontains=term)
        | Q(customer__in=companies.values("pk"))
    )
    if is_number:
        bundles |= Q(pk__in=numbered.values("pk"))
    # Each looked for by itself, and none in a renewal's own row, which is large.
    named = Renewal.objects.filter(reference__icontains=term).values("pk")
    held = Renewal.objects.filter(bundle__in=Bundle.objects.filter(bundles).values("pk"))
    return Q(pk__in=named.union(held.values("pk")))


class Queue(ReadOnlyAdmin):
    """How the list looks, and what it can be asked."""

    list_display = (
        "reference",
        "customer",
        "rule",
        "stage",
        "ball",
        "send_by",
        "expires",
        "last_seen",
        "at_twilio",
        "assignee",
        "attempts",
    )
    list_filter = (
        AttentionFilter,
        StageFilter,
        CountryFilter,
        RegulationFilter,
        AssigneeFilter,
    )
    list_filter_submit = True
    list_fullwidth = True
    list_before_template = "admin/compliance/renewal/views.html"
    list_select_related = ("bundle__customer", "bundle__regulation", "assignee")
    list_per_page = 50
    show_full_result_count = False
    # A count for each choice would read all of them for each.
    show_facets = admin.ShowFacets.NEVER
    paginator = PagesByKey
    # There is a box to search in; what it finds, ``matching`` says.
    search_fields = ("reference",)
    search_help_text = _("Company, number, e-mail, reference, or any SID")

    def get_queryset(self, request: HttpRequest) -> Renewals:
        # Django's own would sort by the rank before it is there.
        return standing.annotated(Renewal.objects.all(), now=timezone.now())

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("risk", "valid_until")

    def get_search_results(
        self, request: HttpRequest, queryset: Renewals, search_term: str
    ) -> tuple[Renewals, bool]:
        return (queryset.filter(matching(search_term)) if search_term else queryset), False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        context = {
            "views": [(name, label) for name, (label, _where) in VIEWS.items()],
            "view": request.GET.get("attention", ""),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    @admin.display(description=_("customer"), ordering="bundle__customer__name")
    def customer(self, renewal: Renewal) -> str:
        return str(renewal.bundle.customer or "-")

    @admin.display(description=_("registration"), ordering="bundle__regulation__iso_country")
    def rule(self, renewal: Renewal) -> SafeString | str:
        regulation = renewal.bundle.regulation
        if regulation is None:
            return "-"
        return two_lines(
            country_name(regulation.iso_country), kind_of_number(regulation.number_type)
        )

    @admin.display(description=_("stage"), ordering="risk")
    def stage(self, renewal: Any) -> SafeString:
        now = timezone.now()
        stage = stage_of(renewal.bundle, renewal, waiting=renewal.waiting, now=now)
        shown = tag(stage, dates_of(renewal.valid_until, now=now, zone=zone_of(renewal)))
        risk = Risk(renewal.risk)
        is_paused = renewal.paused_at is not None and risk != Risk.ENDED
        return format_html(
            '<span class="desk-tag desk-tag-{}">{}</span>{}{}',
            shown.look,
            shown.text,
            small("desk-alarm", risk.label) if risk < Risk.PAUSED else "",
            small("desk-quiet", Risk.PAUSED.label) if is_paused else "",
        )

    @admin.display(description=_("ball with"))
    def ball(self, renewal: Any) -> str:
        return str(ball_of(renewal, waiting=renewal.waiting).label)

    @admin.display(description=_("send by"), ordering="valid_until")
    def send_by(self, renewal: Renewal) -> SafeString | str:
        now, zone = timezone.now(), zone_of(renewal)
        return day(dates_of(renewal.valid_until, now=now, zone=zone).send_by, zone, now=now)

    @admin.display(description=_("expires"), ordering="valid_until")
    def expires(self, renewal: Renewal) -> SafeString | str:
        return day(renewal.valid_until, zone_of(renewal), now=timezone.now())

    @admin.display(description=_("last activity"), ordering="seen_by_customer_at")
    def last_seen(self, renewal: Any) -> SafeString | str:
        if renewal.mail_failed:
            return format_html(
                "{}{}", self._seen(renewal), small("desk-alarm", gettext("mail undelivered"))
            )
        return self._seen(renewal)

    def _seen(self, renewal: Renewal) -> str:
        seen = renewal.seen_by_customer_at
        return words.since(seen, now=timezone.now()) if seen else gettext("never opened")

    @admin.display(description=_("at Twilio"), ordering="copy_status")
    def at_twilio(self, renewal: Renewal) -> str:
        return renewal.copy_status or renewal.bundle.status or "-"


def zone_of(renewal: Renewal) -> str:
    customer = renewal.bundle.customer
    return customer.time_zone if customer else "UTC"


def small(look: str, text: object) -> SafeString:
    return format_html('<small class="{}">{}</small>', look, text)


def two_lines(first: object, second: object) -> SafeString:
    return format_html("{}{}", first, small("desk-quiet", second))


def day(at: datetime, zone: str, *, now: datetime) -> SafeString:
    """A date with its distance, so that nobody has to count days."""
    shown = format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        words.moment(at, zone),
        formats.date_format(at.astimezone(ZoneInfo(zone)), pgettext("date format", "j M Y")),
    )
    return two_lines(shown, words.relative(at, zone, now=now))
