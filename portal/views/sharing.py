"""Details answered in one registration, used in others of the same company."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from compliance import answers
from compliance.models import Renewal
from compliance.tasks import nudge
from compliance.wording import labels
from compliance.wording.registrations import phone_number, title
from portal.views.common import SignedIn, back_with, editors_only, is_editor, renewal_of


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One tick: where, and what would be put there."""

    reference: str
    title: str
    numbers: str
    values: tuple[tuple[str, str], ...]


def offers(renewal: Renewal) -> list[Offer]:
    if renewal.state in Renewal.ENDED:
        return []
    return [
        Offer(
            reference=place.renewal.reference,
            title=title(place.renewal.bundle),
            numbers=", ".join(phone_number(n) for n in place.renewal.bundle.numbers[:3]),
            values=tuple(
                (field.label, labels.shown(field, place.values[field.name]))
                for field in place.fields
            ),
        )
        for place in answers.places_for(renewal)
    ]


@require_POST
def use_elsewhere(request: SignedIn, reference: str) -> HttpResponse:
    renewal = renewal_of(request, reference)
    if not is_editor(request, renewal):
        return editors_only(request, renewal)
    chosen = request.POST.getlist("in")
    if not chosen:
        return back_with(request, renewal, gettext("Nothing was ticked, so nothing has changed."))
    used = answers.use_elsewhere(renewal, references=chosen, by=request.user, now=timezone.now())
    if not used:
        return back_with(request, renewal, gettext("It is not asked for there any more."))
    for other in used:
        nudge(other.pk)
    messages.success(
        request,
        gettext("Used there, too: %(titles)s")
        % {"titles": ", ".join(f"{title(other.bundle)} ({other.reference})" for other in used)},
    )
    return redirect("registration", renewal.reference)
