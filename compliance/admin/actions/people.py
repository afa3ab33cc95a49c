"""Actions about people: who works on it, and the customer's contacts."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from compliance import acting, people
from compliance.admin.actions.base import (
    Action,
    ActionForm,
    ByStaff,
    ReasonForm,
    is_over,
    now_and_by,
)
from compliance.models import Membership, Renewal, User
from compliance.stages import WITH_CUSTOMER, has_waiting_answers, stage_of
from compliance.workflow import NotNow, desk

# --- Who works on it ---------------------------------------------------------------------------


class OwnerForm(ActionForm):
    """``was`` is whose it was when the page was drawn."""

    was = forms.IntegerField(required=False, widget=forms.HiddenInput)


class AssignToMe(Action):
    slug = "assign-to-me"
    title = _("Assign to me")
    permission = "assign_renewal"
    form_class: ClassVar[type[ActionForm]] = OwnerForm

    def initial(self, renewal: Renewal) -> dict[str, Any]:
        return {**super().initial(renewal), "was": renewal.assignee_id}

    def says(self, request: ByStaff, renewal: Renewal) -> Sequence[str]:
        if renewal.assignee_id == request.user.pk:
            return (gettext("It is yours already."),)
        if renewal.assignee is None:
            return (gettext("Nobody has it now. It will be yours."),)
        return (
            gettext("%(person)s has it now. You take it from them; they are not told.")
            % {"person": renewal.assignee},
        )

    def do(self, request: ByStaff, renewal: Renewal, form: Any) -> str:
        values = now_and_by(request, form)
        desk.assign(renewal, to=request.user, was=form.cleaned_data["was"], **values)
        return gettext("It is yours.")


class ToForm(ActionForm):
    to = forms.ModelChoiceField(
        # Evaluated anew for each form.
        queryset=User.objects.filter(is_staff=True, is_active=True).order_by("name", "email"),
        label=_("Assign to"),
        required=False,
        empty_label=_("nobody"),
        widget=UnfoldAdminSelectWidget,
    )


class AssignForm(OwnerForm, ToForm):
    pass


class Assign(AssignToMe):
    slug = "assign"
    title = _("Assign")
    form_class = AssignForm

    def initial(self, renewal: Renewal) -> dict[str, Any]:
        return {**super().initial(renewal), "to": renewal.assignee_id}

    def says(self, request: ByStaff, renewal: Renewal) -> Sequence[str]:
        return (
            gettext("%(person)s has it now. They are not told.") % {"person": renewal.assignee}
            if renewal.assignee
            else gettext("Nobody has it now."),
        )

    def do(self, request: ByStaff, renewal: Renewal, form: Any) -> str:
        to, values = form.cleaned_data["to"], now_and_by(request, form)
        desk.assign(renewal, to=to, was=form.cleaned_data["was"], **values)
        if to is None:
            return gettext("It is nobody's now.")
        return gettext("It is %(person)s's now.") % {"person": to}


# --- The customer's contacts -------------------------------------------------------------------


def contacts(renewal: Renewal) -> Any:
    return Membership.objects.filter(
        customer=renewal.bundle.customer_id or 0,
        user__is_active=True,
        user__is_staff=False,
        user__is_superuser=False,
    ).select_related("user")


def is_nobodys(renewal: Renewal) -> str:
    if renewal.bundle.customer_id is None:
        return gettext("The bundle belongs to no customer. Assign it first.")
    return ""


class Remind(Action):
    slug = "remind"
    title = _("Send a reminder")
    permission = "remind_renewal"

    def why_not(self, renewal: Renewal) -> str:
        now = timezone.now()
        if found := is_over(renewal) or is_nobodys(renewal):
            return found
        if renewal.paused_at is not None:
            return gettext("It is paused. Resume it first.")
        stage = stage_of(renewal.bundle, renewal, waiting=has_waiting_answers(renewal), now=now)
        if stage not in WITH_CUSTOMER:
            return gettext("It is not the customer's turn: “%(stage)s”.") % {"stage": stage.label}
        if renewal.valid_until <= now:
            return gettext("The deadline has passed; the mail about that says what is to be said.")
        if not contacts(renewal).filter(mails=True).exists():
            return gettext("Nobody of this customer gets our mails.")
        if desk.was_reminded(renewal, now=now):
            return gettext("A reminder was asked for today already.")
        return ""

    def says(self, request: ByStaff, renewal: Renewal) -> Sequence[str]:
        known = contacts(renewal).filter(mails=True)
        return (
            gettext("Within a minute, a mail that says what is due and by when goes to:"),
            ", ".join(str(contact.user.email) for contact in known[:20]),
            gettext("Who has not accepted a colleague's invitation yet gets none."),
        )

    def do(self, request: ByStaff, renewal: Renewal, form: Any) -> str:
        if not desk.remind(renewal, by=request.user, now=timezone.now()):
            raise desk.Twice
        return gettext("The reminder is on its way.")


class ContactForm(ActionForm):
    email = forms.EmailField(label=_("E-mail"), max_length=254, widget=UnfoldAdminEmailInputWidget)
    name = forms.CharField(label=_("Name"), max_length=150, widget=UnfoldAdminTextInputWidget)
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Membership.Role.choices,
        initial=Membership.Role.EDITOR,
        widget=UnfoldAdminSelectWidget,
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, widget=UnfoldAdminSelectWidget
    )


class AddContact(Action):
    slug = "add-contact"
    title = _("Add a contact")
    button = _("Add and invite")
    permission = "add_contact"
    form_class = ContactForm

    def why_not(self, renewal: Renewal) -> str:
        return is_nobodys(renewal)

    def says(self, request: ByStaff, renewal: Renewal) -> Sequence[str]:
        return (
            gettext(
                "This person will see every registration of %(customer)s and is invited by mail."
            )
            % {"customer": renewal.bundle.customer},
            gettext("Make sure that the company wants it: you vouch for the address."),
        )

    def do(self, request: ByStaff, renewal: Renewal, form: Any) -> str:
        values = {name: form.cleaned_data[name] for name in ("email", "name", "role", "language")}
        customer = renewal.bundle.customer
        if customer is None:
            raise NotNow
        once, now = form.cleaned_data["once"], timezone.now()
        try:
            with transaction.atomic():
                desk.note("contact-added", renewal, by=request.user, now=now, once=once)
                people.add_by_support(customer, **values, by=request.user, now=now)
        except people.AlreadyThere:
            form.add_error("email", gettext("This person is on the list already."))
        except people.OfTheStaff:
            form.add_error("email", gettext("Staff can't be a customer's contact."))
        except people.TooMany:
            form.add_error(None, gettext("Enough invitations were sent for one day."))
        return gettext("The contact was added, and the invitation is on its way.")


class LinkForm(ActionForm):
    contact = forms.ModelChoiceField(
        queryset=Membership.objects.none(), label=_("For"), widget=UnfoldAdminSelectWidget
    )


class SignInLink(Action):
    slug = "sign-in-link"
    title = _("Copy a sign-in link")
    button = _("Make a link")
    permission = "sign_in_link"
    form_class = LinkForm

    def why_not(self, renewal: Renewal) -> str:
        if found := is_nobodys(renewal):
            return found
        if not contacts(renewal).exists():
            return gettext("This customer has no contact who could sign in.")
        if not people.may_have_link(contacts(renewal)).exists():
            return gettext(
                "Nobody vouches for this customer's contacts: they were added by a colleague. Make "
                "sure who they are, and tick “vouched for” in the customer's list."
            )
        return ""

    def form(self, request: ByStaff, renewal: Renewal) -> ActionForm:
        form = super().form(request, renewal)
        field: Any = form.fields["contact"]
        field.queryset = people.may_have_link(contacts(renewal))
        return form

    def says(self, request: ByStaff, renewal: Renewal) -> Sequence[str]:
        minutes = int(settings.SIGN_IN_LINK_LIFETIME.total_seconds() // 60)
        return (
            gettext("A link is made that signs this person in, once, within %(minutes)s minutes.")
            % {"minutes": minutes},
            gettext("Links that were mailed to them before stop working."),
            gettext(
                "You see it once. Give it to nobody but this person, over a line on which you "
                "know them; who has it sees all that they may see, of other companies too."
            ),
            gettext(
                "Whom a colleague has added is offered only after signing in once by mail, and if "
                "they are of no other company; else somebody vouches for them first."
            ),
            gettext("The timeline says that you made one. The link itself is kept nowhere."),
        )

    def do(self, request: ByStaff, renewal: Renewal, form: Any) -> str | HttpResponse:
        contact, now = form.cleaned_data["contact"], timezone.now()
        wanted = reverse("registration", args=[renewal.reference])
        values = now_and_by(request, form)
        try:
            with transaction.atomic():
                desk.note("sign-in-link-made", renewal, person=contact.user, **values)
                secret = people.sign_in_link(contact, wanted=wanted, by=request.user, now=now)
        except (people.OfTheStaff, people.NotVouchedFor):
            form.add_error("contact", gettext("There is no link for this person."))
            return ""
        context = {
            **admin.site.each_context(request),
            "title": self.title,
            "renewal": renewal,
            "contact": contact.user,
            "companies": ", ".join(contact.user.customers.values_list("name", flat=True)),
            "link": f"{settings.PUBLIC_URL}{reverse('sign-in-link', args=[secret])}",
            "opts": Renewal._meta,
        }
        response = TemplateResponse(request, "admin/compliance/actions/link.html", context)
        response["Cache-Control"] = "no-store, private"
        return response


# --- On the customer's pages -------------------------------------------------------------------


class ActOnBehalf(Action):
    slug = "act-on-behalf"
    title = _("Answer, upload or send on behalf")
    button = _("Begin")
    permission = "act_on_behalf"
    form_class = ReasonForm
    mode = acting.ACT

    def why_not(self, renewal: Renewal) -> str:
        return is_nobodys(renewal) or is_over(renewal)

    def says(self, request: ByStaff, renewal: Renewal) -> Sequence[str]:
        return (
            gettext("For 30 minutes you are on the pages of %(customer)s, as one of its editors.")
            % {"customer": renewal.bundle.customer},
            gettext("What you save and send there is recorded as yours, on behalf of them."),
            gettext("Its people get one mail a day that says that support did something."),
            gettext("Beginning and end are recorded, with your reason."),
        )

    def do(self, request: ByStaff, renewal: Renewal, form: Any) -> HttpResponse:
        acting.start(
            request.session,
            renewal,
            mode=self.mode,
            reason=form.cleaned_data["reason"],
            by=request.user,
            now=timezone.now(),
        )
        return redirect("registration", renewal.reference)


class ViewAsCustomer(ActOnBehalf):
    slug = "view-as-customer"
    title = _("View as customer")
    permission = "view_as_customer"
    mode = acting.VIEW

    def why_not(self, renewal: Renewal) -> str:
        return is_nobodys(renewal)

    def says(self, request: ByStaff, renewal: Renewal) -> Sequence[str]:
        return (
            gettext("For 30 minutes you see the pages of %(customer)s as its people do.")
            % {"customer": renewal.bundle.customer},
            gettext("You can change and send nothing there, and open no documents or records."),
            gettext(
                "You do see personal details: beginning and end are recorded, with your reason."
            ),
        )
