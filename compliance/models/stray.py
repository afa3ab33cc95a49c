"""What Twilio holds on our account of things, and no renewal needs: to be deleted, or to be seen by
support."""

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.models.mirror import Account
from compliance.models.renewal import Renewal


class StrayQuerySet(models.QuerySet["Stray"]):
    def for_support(self) -> Self:
        """What a person has to decide about."""
        return self.filter(why__in=Stray.FOR_SUPPORT)


class Stray(models.Model):
    """A row is committed before its deletion is begun, and goes with it: what a crash, an outage or
    a refusal of Twilio leaves behind is known. ``compliance.sync.strays`` goes through the rows."""

    class Why(models.TextChoices):
        # It is decided; Twilio has not confirmed it.
        DOOMED = "doomed", _("is being deleted")
        # Another renewal needs it, or Twilio says that a bundle holds it: no stray, as it seems.
        IN_USE = "in-use", _("still in use")
        REFUSED = "refused", _("Twilio refuses to delete it")
        UNKNOWN = "unknown", _("carries the mark of a renewal that is not known here")
        NOT_A_DRAFT = "not-a-draft", _("our copy, no longer needed, but no draft any more")
        UNPROVEN = "unproven", _("carries our mark, but was not made by us as far as is known")

    FOR_SUPPORT: ClassVar[tuple[str, ...]] = (
        Why.REFUSED,
        Why.UNKNOWN,
        Why.NOT_A_DRAFT,
        Why.UNPROVEN,
    )
    # Found at Twilio by their tag, and nothing but reported: they go when they are gone there.
    REPORTED: ClassVar[tuple[str, ...]] = (Why.UNKNOWN, Why.NOT_A_DRAFT, Why.UNPROVEN)

    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.CASCADE, related_name="strays"
    )
    # The kind stands in its prefix: BU, IT, RD or AD.
    sid = models.CharField("SID", max_length=34, unique=True)
    renewal = models.ForeignKey(
        Renewal,
        verbose_name=_("renewal"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="strays",
    )
    reference = models.CharField(_("reference"), max_length=12, blank=True)
    why = models.CharField(_("why"), max_length=12, choices=Why)
    status = models.CharField(_("status"), max_length=40, blank=True)
    # Twilio's number of the refusal.
    code = models.PositiveIntegerField(_("error code"), null=True, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    found_at = models.DateTimeField(_("found"))
    seen_at = models.DateTimeField(_("last seen"))
    # Empty: it is left as it is.
    next_try_at = models.DateTimeField(_("next try"), null=True, blank=True)

    objects: ClassVar[StrayQuerySet] = StrayQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("object left over at Twilio")
        verbose_name_plural = _("objects left over at Twilio")
        # Who may see renewals may see them; nobody edits them.
        default_permissions = ()
        indexes = [models.Index("account", "next_try_at", name="stray_next_try")]

    def __str__(self) -> str:
        return f"{self.sid} {self.reference}"
