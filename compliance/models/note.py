"""What staff write down about a renewal, for one another."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.models.people import User
from compliance.models.renewal import Renewal


class Note(models.Model):
    """Sealed like what a customer entered, since it may repeat it; and gone with it at the end."""

    renewal = models.ForeignKey(
        Renewal, verbose_name=_("renewal"), on_delete=models.CASCADE, related_name="notes"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    at = models.DateTimeField(_("when"))
    sealed = models.BinaryField(default=b"", blank=True, editable=False)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")

    def __str__(self) -> str:
        return f"{self.renewal_id} {self.at:%Y-%m-%d %H:%M}"

    @classmethod
    def write(cls, renewal: Renewal, text: str, *, by: User, now: datetime) -> "Note":
        """:raises sealing.Unreadable: the renewal has ended, and its key is gone."""
        note = cls(renewal=renewal, by=by, at=now)
        note.sealed = renewal.seal({"text": text}, about=note.about)
        note.save()
        return note

    @property
    def text(self) -> str:
        return str(self.renewal.unseal(self.sealed, about=self.about).get("text") or "")

    @property
    def about(self) -> str:
        return f"note/{self.at.isoformat()}"
