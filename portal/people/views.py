"""The people of one company: all of them see the list, editors change it."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance import people as room
from compliance.models import Membership
from portal.people.forms import AddForm, ChangeForm
from portal.views.common import SignedIn, problems

Role = Membership.Role


@dataclass(frozen=True, kw_only=True)
class Row:
    """One person in the list, every value ready to be printed."""

    name: str
    email: str
    role: str
    mails: str
    is_you: bool
    # Not here yet, or no longer let in.
    tag: str
    can_be_invited: bool
    change_url: str
    remove_url: str
    invite_url: str


@require_safe
def companies(request: SignedIn) -> HttpResponse:
    """To the list of one's company; who acts for several chooses."""
    own = request.user.memberships.select_related("customer").order_by("customer__name", "pk")
    if len(own) == 1:
        return redirect("people", own[0].customer.public_id)
    return render(request, "people/companies.html", {"companies": [one.customer for one in own]})


@require_safe
def people(request: SignedIn, company: UUID) -> HttpResponse:
    own = own_membership(request, company)
    members = own.customer.memberships.select_related("user").order_by("pk")
    context = {
        "company": own.customer,
        "is_editor": own.role == Role.EDITOR,
        "rows": [_row(member, own) for member in members],
    }
    return render(request, "people/people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: SignedIn, company: UUID) -> HttpResponse:
    own = own_membership(request, company)
    if own.role != Role.EDITOR:
        return editors_only(request, own)
    form = AddForm(
        request.POST if request.method == "POST" else None,
        initial={"language": request.user.language},
    )
    if request.method == "POST" and form.is_valid():
        try:
            room.add(own.customer, **form.cleaned_data, by=request.user, now=timezone.now())
        except room.NotAnEditor:
            return editors_only(request, own)
        except room.AlreadyThere:
            form.add_error("email", gettext("This person is on the list already."))
        except room.TooMany:
            form.add_error(None, _too_many())
        else:
            sentence = gettext("%(name)s was added. The invitation goes to %(email)s.")
            messages.success(request, sentence % form.cleaned_data)
            return redirect("people", company)
    context = {"company": own.customer, "form": form, "problems": problems(form)}
    return render(request, "people/add.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: SignedIn, company: UUID, person: UUID) -> HttpResponse:
    own = own_membership(request, company)
    if own.role != Role.EDITOR:
        return editors_only(request, own)
    member = colleague(own, person)
    initial = {"role": member.role, "mails": "yes" if member.mails else "no"}
    form = ChangeForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            room.change(member, **form.cleaned_data, by=request.user, now=timezone.now())
        except room.NotAnEditor:
            return editors_only(request, own)
        except room.LastEditor:
            form.add_error("role", _last_editor())
        else:
            messages.success(request, gettext("Saved: %(name)s.") % {"name": member.called})
            return redirect("people", company)
    context = {
        "company": own.customer,
        "member": member,
        "form": form,
        "problems": problems(form),
    }
    return render(request, "people/change.html", context)


@require_POST
def invite_again(request: SignedIn, company: UUID, person: UUID) -> HttpResponse:
    own = own_membership(request, company)
    if own.role != Role.EDITOR:
        return editors_only(request, own)
    member = colleague(own, person)
    try:
        room.invite_again(member, by=request.user, now=timezone.now())
    except room.NotAnEditor:
        return editors_only(request, own)
    except room.TooMany:
        messages.warning(request, _too_many())
    else:
        sentence = gettext("A new invitation goes to %(email)s.") % {"email": member.user.email}
        messages.success(request, sentence)
    return redirect("people", company)


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: SignedIn, company: UUID, person: UUID) -> HttpResponse:
    own = own_membership(request, company)
    if own.role != Role.EDITOR:
        return editors_only(request, own)
    member = colleague(own, person)
    refused = []
    if request.method == "POST":
        try:
            room.remove(member, by=request.user, now=timezone.now())
        except room.NotAnEditor:
            return editors_only(request, own)
        except room.LastEditor:
            refused = [("", _last_editor())]
        else:
            sentence = gettext("%(name)s no longer acts for %(company)s.")
            values = {"name": member.called, "company": own.customer.name}
            messages.success(request, sentence % values)
            return redirect("home") if member == own else redirect("people", company)
    context = {
        "company": own.customer,
        "member": member,
        "is_you": member == own,
        "problems": refused,
    }
    return render(request, "people/remove.html", context)


def own_membership(request: SignedIn, company: UUID) -> Membership:
    """That the person acts for this company; 404 if not."""
    memberships = Membership.objects.filter(user=request.user).select_related("customer", "user")
    return get_object_or_404(memberships, customer__public_id=company)


def colleague(own: Membership, person: UUID) -> Membership:
    members = own.customer.memberships.select_related("user", "customer")
    return get_object_or_404(members, public_id=person)


def editors_only(request: SignedIn, own: Membership) -> HttpResponse:
    context = {"company": own.customer}
    return render(request, "people/editors_only.html", context, status=403)


def _row(member: Membership, own: Membership) -> Row:
    has_joined = member.joined_at is not None
    where = [own.customer.public_id, member.public_id]
    is_you = member == own
    # Whether somebody is let in is known to those alone who have seen them come in.
    tag = gettext("Has not signed in yet") if not (has_joined or is_you) else ""
    if has_joined and not member.user.is_active:
        tag = gettext("Can no longer sign in")
    return Row(
        name=member.called,
        email=member.user.email,
        role=gettext("Editor") if member.role == Role.EDITOR else gettext("Viewer"),
        mails=_mails(member),
        is_you=is_you,
        tag=tag,
        can_be_invited=not has_joined and not is_you,
        change_url=reverse("change-person", args=where),
        remove_url=reverse("remove-person", args=where),
        invite_url=reverse("invite-again", args=where),
    )


def _mails(member: Membership) -> str:
    if not member.mails:
        return gettext("Gets no e-mails")
    if member.by_support or member.joined_at is not None:
        return gettext("Gets our e-mails")
    return gettext("Gets our e-mails after signing in for the first time")


def _too_many() -> str:
    return gettext("Enough invitations were sent for one day. Try again tomorrow, or write to us.")


def _last_editor() -> str:
    return gettext(
        "You are the only editor who has signed in, and somebody has to be able to answer. Make "
        "somebody else an editor first, and wait until they have signed in."
    )
