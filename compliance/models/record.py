"""What happened, and what was told to whom. Rows here are added and never changed in meaning."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.models.people import Customer
from compliance.models.renewal import Renewal


class Event(models.Model):
    """Timeline, audit trail and outbox in one. It names fields and codes, never their values."""

    at = models.DateTimeField(_("when"))
    kind = models.SlugField(_("what"), max_length=40)
    renewal = models.ForeignKey(
        Renewal, null=True, blank=True, on_delete=models.CASCADE, related_name="events"
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
    told_at = models.DateTimeField(_("told"), null=True, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [models.Index(fields=["renewal", "-at"], name="event_timeline")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.kind}"


class Mail(models.Model):
    """Every message that was sent, or that was tried."""

    key = models.CharField(_("key"), max_length=120, unique=True)
    kind = models.SlugField(_("kind"), max_length=40)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="mails"
    )
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.CASCADE, related_name="mails"
    )
    tried_at = models.DateTimeField(_("tried"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    problem = models.CharField(_("problem"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")

    def __str__(self) -> str:
        return self.key
