"""A renewal: the update of one bundle.

Personal values are sealed under the renewal's own key, which is destroyed when the renewal ends.
"""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from compliance import sealing
from compliance.models.mirror import Bundle
from compliance.models.people import User

# Neither 0/O nor 1/I/L nor vowels: read out on the phone without doubt, and never a word.
REFERENCE_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"
# No look is put off and no lease is taken for so long.
FURTHEST = timedelta(hours=2)
# Each note of it is a write.
SEEN_NOTED_EVERY = timedelta(minutes=5)


def new_reference() -> str:
    return "CMP-" + "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(6))


class RenewalQuerySet(models.QuerySet["Renewal"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(bundle__customer__memberships__user=user)

    def open(self) -> Self:
        return self.exclude(state__in=Renewal.ENDED)

    def due(self, *, now: datetime) -> Self:
        """To be looked at, by nobody yet. A moment further ahead than any that is ever set was
        written before the clock was put back."""
        far = now + FURTHEST
        free = Q(lease_until=None) | Q(lease_until__lte=now) | Q(lease_until__gt=far)
        look = Q(next_look_at__lte=now) | Q(next_look_at__gt=far)
        return self.open().filter(free, look, paused_at=None)


class Renewal(models.Model):
    class State(models.TextChoices):
        DETECTED = "detected", "detected"
        COPIED = "copied", "copied"
        NEEDS_INFO = "needs_info", "needs_info"
        READY = "ready", "ready"
        SUBMITTED = "submitted", "submitted"
        IN_REVIEW = "in_review", "in_review"
        REJECTED = "rejected", "rejected"
        APPROVED = "approved", "approved"
        REPLACED = "replaced", "replaced"
        COMPLETED = "completed", "completed"
        CANCELLED = "cancelled", "cancelled"

    ENDED: ClassVar[tuple[str, ...]] = (State.COMPLETED, State.CANCELLED)
    # The customer's turn.
    EDITABLE: ClassVar[tuple[str, ...]] = (State.NEEDS_INFO, State.READY, State.REJECTED)

    class Wish(models.TextChoices):
        """What only the worker can do, because it needs Twilio."""

        CANCEL = "cancel", _("cancel it")
        CHECK = "check", _("see whether it was done in the Console")
        START_OVER = "start-over", _("start over with a new copy")
        FIND_COPIES = "find-copies", _("list the copies at Twilio")
        ADOPT_COPY = "adopt-copy", _("go on with another copy")
        DELETE_COPY = "delete-copy", _("delete another copy")

    bundle = models.ForeignKey(
        Bundle, verbose_name=_("bundle"), on_delete=models.PROTECT, related_name="renewals"
    )
    reference = models.CharField(_("reference"), max_length=12, unique=True, default=new_reference)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.DETECTED)
    valid_until = models.DateTimeField(_("deadline"), help_text=_("The date that opened it."))
    copy_sid = models.CharField(_("copy"), max_length=34, blank=True)
    copy_status = models.CharField(_("status of the copy"), max_length=40, blank=True)
    # What the present step was about to do at Twilio; the answer may have been lost.
    # {"copy": when} | {"submit": date_updated, "documents": {SID: how it stands}} |
    # {"replace": {"old": [SID], "new": [SID]}}
    intent = models.JSONField(default=dict, blank=True, editable=False)
    evaluation = models.JSONField(_("last evaluation"), null=True, blank=True)
    # What the very first one found, to be held against the last.
    first_evaluation = models.JSONField(_("first evaluation"), null=True, blank=True)
    evaluated_hash = models.CharField(max_length=64, blank=True, editable=False)
    evaluated_at = models.DateTimeField(null=True, blank=True, editable=False)
    rejections = models.PositiveSmallIntegerField(_("times rejected"), default=0)

    opened_at = models.DateTimeField(_("opened"))
    submitted_at = models.DateTimeField(_("sent for review"), null=True, blank=True)
    # Whether *send by* had passed when it was first sent.
    sent_late = models.BooleanField(_("sent late"), null=True, blank=True)
    decided_at = models.DateTimeField(_("last decision"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    # Since when it is in its state; empty: since it was opened.
    moved_at = models.DateTimeField(_("in this state since"), null=True, blank=True)
    # When somebody of the customer's was last on one of its pages; empty: nobody ever was.
    seen_by_customer_at = models.DateTimeField(_("last seen by them"), null=True, blank=True)
    looked_at = models.DateTimeField(_("last looked at Twilio"), null=True, blank=True)

    next_look_at = models.DateTimeField(
        _("next look"), null=True, blank=True, help_text=_("Empty: nothing to do without a person.")
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    delayed_because = models.CharField(_("delayed because"), max_length=300, blank=True)
    trouble = models.SlugField(_("trouble"), max_length=40, blank=True)
    # What Twilio said; it can repeat an address or a name.
    sealed_trouble = models.BinaryField(default=b"", blank=True, editable=False)
    lease_token = models.CharField(max_length=32, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    key = models.BinaryField(null=True, blank=True, editable=False, default=sealing.new_key)

    # Who of the staff looks after it.
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("assigned to"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="assigned",
    )

    # As long as it is paused, no worker takes it up and nobody is reminded.
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("paused by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # What staff want the worker to do first. It stays on a renewal that ended by it.
    wish = models.CharField(_("asked for"), max_length=12, choices=Wish, blank=True)
    wish_about = models.CharField(_("about"), max_length=34, blank=True)
    wished_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("asked for by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    objects: ClassVar[RenewalQuerySet] = RenewalQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("renewal")
        verbose_name_plural = _("renewals")
        permissions = [
            ("reveal_values", _("Can reveal what a customer entered")),
            ("retry_renewal", "Can have a renewal looked at now"),
            ("pause_renewal", "Can pause and resume a renewal"),
            ("remind_renewal", "Can send a reminder"),
            ("sign_in_link", "Can make a sign-in link for a contact"),
            ("add_contact", "Can add a contact to a customer"),
            ("act_on_behalf", "Can answer and send on behalf of a customer"),
            ("view_as_customer", "Can see the pages as a customer does"),
            ("assign_renewal", "Can assign a renewal to somebody"),
            ("cancel_renewal", "Can cancel a renewal"),
            ("reopen_renewal", "Can reopen a cancelled renewal"),
            ("handle_copies", "Can start over, and adopt or delete copies"),
            ("finish_elsewhere", "Can have a renewal finished that was done in the Console"),
            ("act_in_bulk", "Can act on many renewals at once"),
        ]
        indexes = [
            models.Index("next_look_at", name="renewal_next_look"),
            models.Index("copy_sid", name="renewal_copy_sid"),
            # Holds all that the queue is sorted and narrowed by, so that no row is read for it.
            models.Index(
                "state",
                "valid_until",
                "trouble",
                "moved_at",
                "opened_at",
                "seen_by_customer_at",
                "rejections",
                "paused_at",
                "assignee",
                "bundle",
                "id",
                name="renewal_queue",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                "bundle",
                condition=~Q(state__in=["completed", "cancelled"]),
                name="one_open_renewal_per_bundle",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["detected", "cancelled", "completed"]) | ~Q(copy_sid=""),
                name="past_detected_there_is_a_copy",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["completed", "cancelled"], ended_at__isnull=False)
                | (~Q(state__in=["completed", "cancelled"]) & Q(ended_at__isnull=True)),
                name="ended_renewals_have_an_end",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def last_look(self) -> datetime | None:
        """When Twilio was last asked about it. A poll asks for all that has changed in an account,
        and so about everything there that is being reviewed."""
        polled = self.bundle.account.polled_at if self.state == self.State.IN_REVIEW else None
        return max(filter(None, (self.looked_at, polled)), default=None)

    class Stale(Exception):
        """Somebody else has moved this renewal, or has taken over its lease."""

    def move(
        self,
        to: str,
        *,
        now: datetime,
        by: User | None = None,
        event: str = "",
        customer_visible: bool = False,
        details: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> None:
        """Change the state and write the event, together and only if nobody was quicker.

        Compare-and-swap on state and lease token. Nothing else writes ``state``, and only
        ``compliance.workflow`` calls this.
        """
        from compliance.models.record import Event

        changes = {
            "attempts": 0,
            "intent": {},
            "delayed_because": "",
            "trouble": "",
            "sealed_trouble": b"",
            **changes,
            "state": to,
            "moved_at": now,
        }
        with transaction.atomic():
            if not Renewal.objects.filter(
                pk=self.pk, state=self.state, lease_token=self.lease_token
            ).update(**changes):
                raise self.Stale
            Event.objects.create(
                at=now,
                kind=event or to.replace("_", "-"),
                renewal=self,
                by=by,
                customer_visible=customer_visible,
                details={"from": self.state, "to": to, **(details or {})},
            )
        for name, value in changes.items():
            setattr(self, name, value)

    def note_seen(self, *, by: User, now: datetime) -> None:
        """Somebody has one of its pages before them: is it one of the customer's people?"""
        if self.seen_by_customer_at is None or now - self.seen_by_customer_at > SEEN_NOTED_EVERY:
            its_people = Renewal.objects.visible_to(by)
            its_people.filter(pk=self.pk).update(seen_by_customer_at=now)

    def seal(self, values: Mapping[str, Any], *, about: str) -> bytes:
        if self.key is None:
            raise sealing.Unreadable
        return sealing.seal(json.dumps(values).encode(), key=self.key, about=self._about(about))

    def unseal(self, sealed: sealing.Stored, *, about: str) -> dict[str, Any]:
        """What was sealed; empty when there was nothing or the key has been destroyed."""
        if not sealed or self.key is None:
            return {}
        values: dict[str, Any] = json.loads(
            sealing.unseal(sealed, key=self.key, about=self._about(about))
        )
        return values

    @property
    def is_open(self) -> bool:
        return self.state not in self.ENDED

    @property
    def trouble_detail(self) -> str:
        said = self.unseal(self.sealed_trouble, about="trouble")
        return str(said.get("message") or "")

    @property
    def tag(self) -> str:
        """Marks the copy as ours at Twilio."""
        return f"[{self.reference}]"

    def _about(self, what: str) -> str:
        return f"{self.reference}/{what}"
