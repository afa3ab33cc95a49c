"""Companies and the people who act for them. Nobody has a password: signing in is by e-mail."""

import hashlib
import secrets
import zoneinfo
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import uuid4

import phonenumbers
from django.conf import settings
from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


def check_phone(number: str) -> None:
    """:raises ValidationError: unless it is a possible number in E.164 form."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        parsed = None
    e164 = phonenumbers.PhoneNumberFormat.E164
    if (
        parsed is None
        or not phonenumbers.is_possible_number(parsed)
        or phonenumbers.format_number(parsed, e164) != number
    ):
        raise ValidationError(_("Enter a number such as +4915123456789, without spaces."))


def new_trail_secret() -> str:
    return secrets.token_hex(16)


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by an e-mail address: a customer's colleague or one of the staff."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    phone = models.CharField(
        _("mobile phone"),
        max_length=16,
        blank=True,
        validators=[check_phone],
        help_text=_("With + and country code; the last reminders go there by SMS as well."),
    )
    is_staff = models.BooleanField(_("staff"), default=False)
    gets_digest = models.BooleanField(
        _("gets the digest"),
        default=False,
        help_text=_("Staff only: one mail each morning with what needs a person."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    # Nobody but a colleague has entered the address, and nobody has signed in with it.
    is_hearsay = models.BooleanField(default=False, editable=False)
    date_joined = models.DateTimeField(_("added"), auto_now_add=True)
    # What marks this person's events in their chain; it goes with the row.
    trail_secret = models.CharField(max_length=32, default=new_trail_secret, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.UniqueConstraint(Lower("email"), name="one_person_per_address")]

    def __str__(self) -> str:
        return self.name or self.email


def check_time_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("Enter a time zone such as Europe/Berlin."))


class Customer(models.Model):
    """A company (or a person) for whom the reseller holds bundles."""

    # Stands in addresses, where it tells nothing and leads nowhere else.
    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200)
    account = models.ForeignKey(
        "compliance.Account",
        verbose_name=_("own subaccount"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="customers",
        help_text=_("Every bundle in this subaccount belongs to this customer."),
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[check_time_zone]
    )
    people: "models.ManyToManyField[User, Membership]" = models.ManyToManyField(
        User, through="Membership", related_name="customers"
    )
    created_at = models.DateTimeField(_("added"), auto_now_add=True)
    # What is left is a number to which the record refers.
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        permissions = [
            ("export_customer", _("Can export all that is held about a customer")),
            ("erase_customer", _("Can erase a customer and its people")),
        ]
        constraints = [
            models.UniqueConstraint("account", name="one_customer_per_subaccount"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """That a person may act for a customer.

    Who is added by a colleague may be known here already, from another company or the staff. The
    colleague does not learn of it: until that person has signed in, the name is the one typed.
    """

    class Role(models.TextChoices):
        VIEWER = "viewer", _("may look")
        EDITOR = "editor", _("may answer and send")

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        User, verbose_name=_("person"), on_delete=models.CASCADE, related_name="memberships"
    )
    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.EDITOR)
    mails = models.BooleanField(_("gets our mails"), default=True)
    by_support = models.BooleanField(
        _("vouched for"),
        default=True,
        help_text=_(
            "Bundles with this person's e-mail belong to this customer. Not so for people whom a "
            "colleague added, until support says so."
        ),
    )
    invited_as = models.CharField(_("name by the colleague"), max_length=150, blank=True)
    joined_at = models.DateTimeField(_("first signed in"), null=True, blank=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint("user", "customer", name="one_membership_per_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.user} - {self.customer}"

    @property
    def called(self) -> str:
        """What the colleagues may know this person by."""
        is_known = self.by_support or self.joined_at is not None
        return (self.user.name if is_known else self.invited_as) or self.user.email


REMEMBERED = timedelta(days=30)


def hashed(token: str) -> str:
    """Only this is stored, so that nobody who reads the database can sign in with it."""
    return hashlib.sha256(token.encode()).hexdigest()


class SignInLink(models.Model):
    """A link that was mailed to somebody to sign in with. It works once, and not for long; that of
    an invitation lasts for days."""

    WANTED_LENGTH: ClassVar[int] = 500

    # Empty: somebody asked for a link to an address that nobody here has.
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="sign_in_links"
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    # The path of the page that the person wanted when we asked them to sign in.
    wanted = models.CharField(max_length=WANTED_LENGTH, blank=True)
    is_invitation = models.BooleanField(_("of an invitation"), default=False)
    created_at = models.DateTimeField(_("sent"), db_index=True)
    used_at = models.DateTimeField(_("used"), null=True, blank=True)
    replaced_at = models.DateTimeField(_("replaced by a newer one"), null=True, blank=True)

    class Meta:
        verbose_name = _("sign-in link")
        verbose_name_plural = _("sign-in links")

    def __str__(self) -> str:
        return f"{self.user or '-'} {self.created_at:%Y-%m-%d %H:%M}"

    @classmethod
    def issue(
        cls, user: User | None, *, wanted: str = "", is_invitation: bool = False, now: datetime
    ) -> str:
        """The secret of a fresh link; every earlier one of this person stops working.

        :param user: None when nobody has the address that was typed. A row is written all the same,
            so that the time which the answer takes does not tell who is known here.
        """
        token = secrets.token_urlsafe(32)
        with transaction.atomic():
            cls.withdraw(user, now=now)
            cls.objects.create(
                user=user,
                token_hash=hashed(token),
                wanted=wanted,
                is_invitation=is_invitation,
                created_at=now,
            )
        return token

    @classmethod
    def withdraw(cls, user: User | None, *, now: datetime) -> None:
        """None of this person's links works any more."""
        mine = cls.objects.filter(user_id=user.pk if user else 0)
        mine.filter(used_at=None, replaced_at=None).update(replaced_at=now)

    @property
    def lifetime(self) -> timedelta:
        lifetime: timedelta = (
            settings.INVITATION_LIFETIME if self.is_invitation else settings.SIGN_IN_LINK_LIFETIME
        )
        return lifetime

    @property
    def stops_at(self) -> datetime:
        return self.created_at + self.lifetime

    @classmethod
    def forget_old(cls, *, now: datetime) -> None:
        """Until then, who opens an old link is told why it does not work any more."""
        cls.objects.filter(created_at__lt=now - REMEMBERED).delete()
