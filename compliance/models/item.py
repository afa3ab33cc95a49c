"""What the copy of a renewal holds, as Twilio last told."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.models.renewal import Renewal


class Item(models.Model):
    """An End-User or Supporting Document on the copy, as last read."""

    renewal = models.ForeignKey(Renewal, on_delete=models.CASCADE, related_name="items")
    sid = models.CharField("SID", max_length=34)
    assignment_sid = models.CharField(_("Item Assignment"), max_length=34, blank=True)
    type = models.CharField(_("type"), max_length=80)
    status = models.CharField(_("status"), max_length=40, blank=True)
    mime_type = models.CharField(_("file type"), max_length=80, blank=True)
    error_codes = models.JSONField(_("error codes"), default=list, blank=True)
    refused_at = models.DateTimeField(_("refused"), null=True, blank=True)
    # {"attributes": {...}, "failure_reason": str, "friendly_name": str}
    sealed = models.BinaryField(default=b"", blank=True, editable=False)

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        constraints = [models.UniqueConstraint("renewal", "sid", name="one_item_per_sid")]

    def __str__(self) -> str:
        return f"{self.type} {self.sid}"

    @property
    def is_end_user(self) -> bool:
        """The kind of an item stands in its SID alone."""
        return self.sid.startswith("IT")

    def contents(self) -> dict[str, Any]:
        return self.renewal.unseal(self.sealed, about=self.sid)
