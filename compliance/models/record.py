"""What happened, and what was told to whom. Rows here are added and never changed in meaning."""

from base64 import b64decode, b64encode
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from compliance.models.chain import Chain, hash_of, mark_of
from compliance.models.people import Customer, User
from compliance.models.renewal import Renewal

SEALED_REASON = "sealed_reason"


class EventQuerySet(models.QuerySet["Event"]):
    def bulk_create(self, *args: Any, **kwargs: Any) -> list["Event"]:
        raise TypeError("Each event is linked to the one before it: save them one by one.")


class Event(models.Model):
    """Timeline, audit trail and outbox in one. It names fields and codes, never their values.

    Once written it stays as it is, and the database sees to it: only that it was told is noted
    later, and who it was is forgotten with the person.
    """

    at = models.DateTimeField(_("when"))
    kind = models.SlugField(_("what"), max_length=40)
    renewal = models.ForeignKey(
        Renewal,
        verbose_name=_("renewal"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="events",
    )
    # What happened to a company's people or to one person's own way in has no renewal.
    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="events",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("about whom"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Empty: the system."),
    )
    customer_visible = models.BooleanField(_("seen by the customer"), default=False)
    details = models.JSONField(_("details"), default=dict, blank=True)
    key = models.CharField(_("key"), max_length=120, null=True, blank=True, unique=True)
    # Its place in its chain, and what binds it there: see compliance.models.chain.
    number = models.PositiveIntegerField(_("number"), editable=False)
    person_mark = models.CharField(max_length=64, blank=True, editable=False)
    by_mark = models.CharField(max_length=64, blank=True, editable=False)
    hash = models.CharField(_("hash"), max_length=64, editable=False)
    told_at = models.DateTimeField(_("told"), null=True, blank=True)

    objects: ClassVar[EventQuerySet] = EventQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["renewal", "-at"], name="event_timeline"),
            models.Index(
                fields=["customer", "-at"],
                condition=Q(customer__isnull=False),
                name="event_of_customer",
            ),
            models.Index("kind", condition=Q(told_at__isnull=True), name="event_untold"),
            # The lists of all of them, which begin with the newest.
            models.Index(fields=["-at", "-id"], name="event_newest"),
        ]
        constraints = [
            models.UniqueConstraint("renewal", "number", name="one_event_per_link"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.kind}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Links it to its chain. Every way to write an event leads through here."""
        # Nobody goes on without an event that could not be written: no savepoint to return to.
        with transaction.atomic(savepoint=False):
            chain = Chain.held(renewal_pk=self.renewal_id, customer_pk=self.customer_id)
            self.number = chain.length + 1
            place: Any = {"renewal_pk": self.renewal_id, "number": self.number}
            self.person_mark = mark_of(_secret_of(self.person), **place)
            self.by_mark = mark_of(_secret_of(self.by), **place)
            self.hash = hash_of(self, before=chain.hash)
            kwargs["force_insert"] = True
            super().save(*args, **kwargs)
            chain.grow(self.hash)

    @property
    def reason(self) -> str:
        """What staff gave as theirs; empty when the renewal has ended."""
        sealed = self.details.get(SEALED_REASON, "")
        if not sealed or self.renewal is None:
            return ""
        return str(self.renewal.unseal(b64decode(sealed), about="reason").get("reason") or "")


def _secret_of(user: User | None) -> str | None:
    return None if user is None else user.trail_secret


def because(reason: str, *, renewal: Renewal) -> dict[str, str]:
    """For the details of an event: what staff typed can name somebody, so it is sealed under the
    renewal's key and goes with it. Of a renewal that has ended, none is kept."""
    if not reason or renewal.key is None:
        return {}
    return {SEALED_REASON: b64encode(renewal.seal({"reason": reason}, about="reason")).decode()}


def on_behalf(renewal: Renewal, *, by: User | None, now: datetime) -> dict[str, Any]:
    """For the details of an event that ``by`` is about to cause. Staff who are none of a customer's
    people act on its behalf; once a day that becomes an event of its own, which tells them."""
    if by is None or not by.is_staff:
        return {}
    customer = renewal.bundle.customer
    if customer is None or customer.memberships.filter(user=by).exists():
        return {}
    Event.objects.get_or_create(
        key=f"on-behalf:{renewal.pk}:{now:%Y-%m-%d}",
        defaults={"at": now, "kind": "acted-on-behalf", "renewal": renewal, "by": by},
    )
    return {"on_behalf": True}


class Mail(models.Model):
    """One thing that one person was told, or was to be told. Rows of one ``message`` left together.

    The row is committed before the message is handed over, and its result is written after: one
    that stays *tried* was interrupted between the two, and nobody knows whether it arrived.
    """

    class Kind(models.TextChoices):
        FOUND = "found", _("update needed")
        REMINDER = "reminder", _("reminder")
        SENT = "sent", _("sent for checking")
        CHANGES = "changes", _("changes needed")
        APPROVED = "approved", _("approved")
        DONE = "done", _("up to date")
        EXPIRED = "expired", _("expired")
        ON_BEHALF = "on-behalf", _("done on behalf")
        INVITED = "invited", _("invitation")
        PASSKEY = "passkey", _("passkey added or removed")
        DIGEST = "digest", _("digest for staff")

    class Channel(models.TextChoices):
        MAIL = "mail", _("e-mail")
        SMS = "sms", _("SMS")

    class Result(models.TextChoices):
        TRIED = "tried", _("tried, not known")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed, will be tried again")
        UNDELIVERED = "undelivered", _("undelivered")
        OVERTAKEN = "overtaken", _("no longer needed")

    # These an index holds.
    NOT_ARRIVED = (Result.TRIED, Result.FAILED, Result.UNDELIVERED)

    key = models.CharField(_("key"), max_length=160, unique=True)
    kind = models.SlugField(_("kind"), max_length=40, choices=Kind)
    channel = models.CharField(_("way"), max_length=4, choices=Channel, default=Channel.MAIL)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="mails",
    )
    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="mails",
    )
    renewal = models.ForeignKey(
        Renewal,
        verbose_name=_("renewal"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="mails",
    )
    event = models.ForeignKey(
        Event,
        verbose_name=_("event"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="mails",
    )
    message = models.CharField(_("message"), max_length=32, blank=True, db_index=True)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    # The person's day whose one mail this is; empty where it went at once.
    day = models.DateField(_("mail of the day"), null=True, blank=True)
    result = models.CharField(_("result"), max_length=12, choices=Result, default=Result.TRIED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    tried_at = models.DateTimeField(_("tried"), null=True, blank=True)
    next_try_at = models.DateTimeField(_("next try"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    problem = models.CharField(_("problem"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        indexes = [
            models.Index(
                "next_try_at", condition=Q(next_try_at__isnull=False), name="mail_next_try"
            ),
            models.Index("recipient", "day", name="mail_of_the_day"),
            models.Index(fields=["-tried_at", "-id"], name="mail_newest"),
            # The few that did not arrive, or may not have.
            models.Index(
                "result",
                "tried_at",
                "renewal",
                condition=Q(result__in=["tried", "failed", "undelivered"]),
                name="mail_undelivered",
            ),
        ]

    def __str__(self) -> str:
        return self.key
