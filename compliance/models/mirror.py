"""What Twilio holds, as last read. Only ``compliance.sync`` writes these rows (and ``workflow`` the
one bundle that it has just read again)."""

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance import sealing
from compliance.models.people import Customer, User

# No 429 is given way to for so long.
LONGEST_REST = timedelta(hours=1)


class AccountQuerySet(models.QuerySet["Account"]):
    def resting(self, *, now: datetime) -> Self:
        """After a 429. A longer rest than there is was begun before the clock was put back."""
        return self.filter(paused_until__gt=now, paused_until__lte=now + LONGEST_REST)


class Account(models.Model):
    """A Twilio account or subaccount. The main account's credentials come from the environment."""

    sid = models.CharField("SID", max_length=34, unique=True)
    friendly_name = models.CharField(_("name"), max_length=255, blank=True)
    is_main = models.BooleanField(_("main account"), default=False)
    active = models.BooleanField(_("active"), default=True)
    sealed_token = models.BinaryField(default=b"", blank=True, editable=False)
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True)
    unreachable_since = models.DateTimeField(_("unreachable since"), null=True, blank=True)
    unreachable_because = models.CharField(_("because"), max_length=300, blank=True)
    newest_change = models.DateTimeField(_("newest change seen"), null=True, blank=True)
    polled_at = models.DateTimeField(_("last poll"), null=True, blank=True)
    synced_at = models.DateTimeField(_("last sync"), null=True, blank=True)
    # When strays are looked for next, and how far each list has been read: {list: [page, begun]}.
    strays_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    strays_read = models.JSONField(default=dict, blank=True, editable=False)
    # Somebody of the staff wants to know whether the credentials work.
    test_asked_at = models.DateTimeField(_("test asked for"), null=True, blank=True)
    tested_at = models.DateTimeField(_("last test"), null=True, blank=True)
    test_problem = models.CharField(_("what the test found"), max_length=300, blank=True)

    objects: ClassVar[AccountQuerySet] = AccountQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                "is_main", condition=models.Q(is_main=True), name="one_main_account"
            ),
        ]

    def __str__(self) -> str:
        return self.friendly_name or self.sid

    def token(self) -> str:
        """The subaccount's auth token; empty for the main account."""
        return sealing.unwrap(self.sealed_token).decode() if self.sealed_token else ""


class Regulation(models.Model):
    """One country's rule for one type of number and End-User.

    The SID stays when Twilio changes the requirements, so their hash tells a change.
    """

    sid = models.CharField("SID", max_length=34, unique=True)
    friendly_name = models.CharField(_("name"), max_length=255, blank=True)
    iso_country = models.CharField(_("country"), max_length=2, blank=True)
    number_type = models.CharField(_("number type"), max_length=30, blank=True)
    end_user_type = models.CharField(_("End-User type"), max_length=30, blank=True)
    requirements = models.JSONField(_("requirements"), default=dict, blank=True)
    requirements_hash = models.CharField(_("hash"), max_length=64, blank=True)
    changed_at = models.DateTimeField(_("changed"), null=True, blank=True)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    gone = models.BooleanField(_("no longer at Twilio"), default=False)

    class Meta:
        verbose_name = _("regulation")
        verbose_name_plural = _("regulations")

    def __str__(self) -> str:
        return self.friendly_name or self.sid


class RegulationChange(models.Model):
    """One version of a regulation, and since when it holds."""

    regulation = models.ForeignKey(
        Regulation,
        verbose_name=_("regulation"),
        on_delete=models.CASCADE,
        related_name="changes",
    )
    requirements_hash = models.CharField(_("hash"), max_length=64)
    at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("change of a regulation")
        verbose_name_plural = _("changes of regulations")
        constraints = [
            models.UniqueConstraint("regulation", "at", name="one_change_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.regulation} {self.at:%Y-%m-%d}"


class BundleQuerySet(models.QuerySet["Bundle"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(customer__memberships__user=user)


class Bundle(models.Model):
    """One bundle with a deadline, or one that had a deadline once."""

    class Status(models.TextChoices):
        DRAFT = "draft", "draft"
        PENDING_REVIEW = "pending-review", "pending-review"
        IN_REVIEW = "in-review", "in-review"
        REJECTED = "twilio-rejected", "twilio-rejected"
        APPROVED = "twilio-approved", "twilio-approved"
        PROVISIONALLY_APPROVED = "provisionally-approved", "provisionally-approved"

    sid = models.CharField("SID", max_length=34, unique=True)
    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.PROTECT, related_name="bundles"
    )
    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="bundles",
    )
    regulation = models.ForeignKey(
        Regulation,
        verbose_name=_("regulation"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="bundles",
    )
    friendly_name = models.CharField(_("name"), max_length=255, blank=True)
    # Not a choice field: a status that Twilio adds tomorrow must be storable.
    status = models.CharField(_("status"), max_length=40)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    numbers = models.JSONField(
        _("phone numbers"), default=list, blank=True, help_text=_("In E.164 form.")
    )
    date_created = models.DateTimeField(_("created"), null=True, blank=True)
    date_updated = models.DateTimeField(_("changed"), null=True, blank=True)
    read_at = models.DateTimeField(_("last read"))

    objects: ClassVar[BundleQuerySet] = BundleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("bundle")
        verbose_name_plural = _("bundles")
        indexes = [
            models.Index("valid_until", name="bundle_valid_until"),
            models.Index("email", name="bundle_email"),
            # A word in the middle of a name is looked for here, not in the rows.
            models.Index("friendly_name", "email", "customer", "id", name="bundle_search"),
        ]

    def __str__(self) -> str:
        return self.friendly_name or self.sid

    def has_expired(self, *, now: datetime) -> bool:
        """Past its date by our clock, or already rejected by Twilio's."""
        return self.status == self.Status.REJECTED or (
            self.valid_until is not None and self.valid_until <= now
        )
