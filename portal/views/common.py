"""What several pages begin with."""

from datetime import datetime
from typing import Any, TypeVar

from django.contrib import messages
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.forms import BoundField, Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from compliance.acting import Acting, renewals_for
from compliance.models import Answer, Membership, Renewal, User

Rows = TypeVar("Rows", bound=QuerySet[Any])


class SignedIn(HttpRequest):
    """A request that has passed the sign-in middleware, and the one of ``portal.acting``."""

    user: User


def acting_of(request: HttpRequest) -> Acting | None:
    """For which customer one of the staff is here; None for everybody else."""
    return getattr(request, "acting", None)


def renewal_of(request: SignedIn, reference: str, *, whole: bool = False) -> Renewal:
    """The renewal of that reference; 404 if it is not this person's.

    :param whole: with its answers and items, for a page that reads them more than once, and with
        what ``waiting_of`` tells.
    """
    acting = acting_of(request)
    renewals = renewals_for(request.user, acting).select_related(
        "bundle__customer", "bundle__regulation", "bundle__account"
    )
    if acting is None:
        # Of the same membership by which it is this person's; for ``is_editor``.
        renewals = renewals.annotate(role=F("bundle__customer__memberships__role"))
    if whole:
        renewals = _with_answers_told(renewals).prefetch_related("answers", "items")
    return get_object_or_404(renewals, reference=reference)


def standing_of(request: SignedIn, reference: str) -> Renewal:
    """The same with no more than tells where it stands: what a waiting page asks for again and
    again leaves the large columns alone."""
    renewals = (
        _with_answers_told(renewals_for(request.user, acting_of(request)))
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
            "bundle__account__polled_at",
        )
    )
    return get_object_or_404(renewals, reference=reference)


def _with_answers_told(renewals: Rows) -> Rows:
    """In the same statement as the renewal itself: an answer arrives and the renewal moves on at
    the same moment, and a page that had read the one before and the other after it would ask again
    for what has just been given."""
    answers = Answer.objects.filter(renewal=OuterRef("pk")).order_by()
    waiting = answers.filter(state=Answer.State.WAITING).values("renewal")
    return renewals.annotate(
        answers_waiting=Subquery(waiting.annotate(number=Count("pk")).values("number")),
        answer_saved_at=Subquery(answers.order_by("-saved_at").values("saved_at")[:1]),
    )


def waiting_of(renewal: Any) -> tuple[int, datetime | None]:
    """How many answers are not at Twilio yet, and when the newest of all was saved: those that are
    there are still being checked.

    :param renewal: from ``standing_of``, or whole from ``renewal_of``.
    """
    return renewal.answers_waiting or 0, renewal.answer_saved_at


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
