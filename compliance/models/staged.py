"""A file on its way into an answer: uploaded as soon as it was chosen, and not yet saved.

It is nobody's answer. It goes when its person saves the task, with the renewal, or after a day.
"""

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance import sealing
from compliance.models.people import User
from compliance.models.renewal import Renewal


def new_token() -> str:
    return secrets.token_urlsafe(12)


class StagedFile(models.Model):
    renewal = models.ForeignKey(Renewal, on_delete=models.CASCADE, related_name="staged")
    task = models.CharField(_("task"), max_length=120)
    # The kind of document it was chosen for.
    document = models.CharField(_("document"), max_length=80)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    # Names it in the page; worth nothing to anybody else.
    token = models.CharField(max_length=24, unique=True, default=new_token, editable=False)
    sealed_file_name = models.BinaryField(editable=False)
    file_type = models.CharField(_("file type"), max_length=40)
    file_size = models.PositiveIntegerField(_("bytes"))
    # What makes us doubt that it can be read; codes, for the page to put into words.
    doubts = models.JSONField(default=list, blank=True, editable=False)
    sealed = models.BinaryField()
    staged_at = models.DateTimeField(_("staged"), db_index=True)

    class Meta:
        verbose_name = _("staged file")
        verbose_name_plural = _("staged files")

    def __str__(self) -> str:
        return f"{self.renewal_id}/{self.task}/{self.user_id}"

    def seal(self, data: bytes) -> None:
        if self.renewal.key is None:
            raise sealing.Unreadable
        self.sealed = sealing.seal(data, key=self.renewal.key, about=self.about)

    def data(self) -> bytes:
        return sealing.unseal(self.sealed, key=self.renewal.key, about=self.about)

    @property
    def file_name(self) -> str:
        sealed = self.renewal.unseal(self.sealed_file_name, about=self._about_name)
        return str(sealed.get("name") or "")

    @file_name.setter
    def file_name(self, name: str) -> None:
        self.sealed_file_name = self.renewal.seal({"name": name}, about=self._about_name)

    @property
    def _about_name(self) -> str:
        return f"staged-name/{self.token}"

    @property
    def about(self) -> str:
        return f"{self.renewal.reference}/staged/{self.token}"
