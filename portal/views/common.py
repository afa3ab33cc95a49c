"""What several pages begin with."""

from django.contrib import messages
from django.db.models import F
from django.forms import BoundField, Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from compliance.acting import Acting, renewals_for
from compliance.models import Membership, Renewal, User


class SignedIn(HttpRequest):
    """A request that has passed the sign-in middleware, and the one of ``portal.acting``."""

    user: User


def acting_of(request: HttpRequest) -> Acting | None:
    """For which customer one of the staff is here; None for everybody else."""
    return getattr(request, "acting", None)


def renewal_of(request: SignedIn, reference: str, *, whole: bool = False) -> Renewal:
    """The renewal of that reference; 404 if it is not this person's.

    :param whole: with its answers and items, for a page that reads them more than once.
    """
    acting = acting_of(request)
    renewals = renewals_for(request.user, acting).select_related(
        "bundle__customer", "bundle__regulation", "bundle__account"
    )
    if acting is None:
        # Of the same membership by which it is this person's; for ``is_editor``.
        renewals = renewals.annotate(role=F("bundle__customer__memberships__role"))
    if whole:
        renewals = renewals.prefetch_related("answers", "items")
    return get_object_or_404(renewals, reference=reference)


def standing_of(request: SignedIn, reference: str) -> Renewal:
    """The same with no more than tells where it stands: what a waiting page asks for again and
    again leaves the large columns alone."""
    renewals = (
        renewals_for(request.user, acting_of(request))
        .select_related("bundle__account")
        .only(
            "reference",
            "state",
            "copy_status",
            "trouble",
            "rejections",
            "evaluated_hash",
            "opened_at",
            "submitted_at",
            "looked_at",
            "bundle__status",
            "bundle__valid_until",
            "bundle__account__unreachable_since",
        )
    )
    return get_object_or_404(renewals, reference=reference)


def problems(form: Form) -> list[tuple[str, str]]:
    """For the summary at the top: each sentence with the id of its field."""
    return [
        (_first_id(form[name]) if name in form.fields else "", str(sentence))
        for name, sentences in form.errors.items()
        for sentence in sentences
    ]


def _first_id(field: BoundField) -> str:
    """Of several buttons that make one field, the first gets the focus."""
    buttons = list(field.subwidgets) if field.use_fieldset else []
    return str(buttons[0].id_for_label if buttons else field.id_for_label)


def url_of(renewal: Renewal, page: str = "registration") -> str:
    return reverse(page, args=[renewal.reference])


def zone_of(renewal: Renewal) -> str:
    customer = renewal.bundle.customer
    return customer.time_zone if customer else "UTC"


def is_editor(request: SignedIn, renewal: Renewal) -> bool:
    if (acting := acting_of(request)) is not None:
        return acting.may_change and acting.customer == renewal.bundle.customer
    if hasattr(renewal, "role"):
        return bool(renewal.role == Membership.Role.EDITOR)
    return Membership.objects.filter(
        user=request.user, customer=renewal.bundle.customer, role=Membership.Role.EDITOR
    ).exists()


def editors_only(request: SignedIn, renewal: Renewal) -> HttpResponse:
    """Why a viewer can't do this, and whom to ask."""
    editors = Membership.objects.filter(
        customer=renewal.bundle.customer, role=Membership.Role.EDITOR, user__is_active=True
    ).select_related("user")
    context = {
        "editors": [membership.called for membership in editors.order_by("user__email")[:20]],
        "customer_name": str(renewal.bundle.customer),
        "back_url": url_of(renewal),
    }
    return render(request, "403.html", context, status=403)


def back_with(request: SignedIn, renewal: Renewal, sentence: str) -> HttpResponse:
    """To the registration's page, which shows where it stands, with a word about why."""
    messages.info(request, sentence)
    return redirect("registration", renewal.reference)
