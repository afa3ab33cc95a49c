"""What the customer answered, what is still being typed, and files until Twilio has them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from compliance.models.people import User
from compliance.models.renewal import Renewal


class Answer(models.Model):
    """What a customer entered for one task: details, or one document."""

    class State(models.TextChoices):
        WAITING = "waiting", _("on its way")
        DELIVERED = "delivered", _("with Twilio")
        REFUSED = "refused", _("refused by Twilio")

    renewal = models.ForeignKey(Renewal, on_delete=models.CASCADE, related_name="answers")
    task = models.CharField(_("task"), max_length=120)
    # The regulation's requirement names that this answer is meant to satisfy.
    covers = models.JSONField(_("requirements"), default=list, blank=True)
    type = models.CharField(_("type"), max_length=80)
    # The item that this answer changes; empty if it makes a new one.
    changes_sid = models.CharField(_("changes"), max_length=34, blank=True)
    # The items that this answer's new document takes the place of.
    supersedes = models.JSONField(_("supersedes"), default=list, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    sealed = models.BinaryField(default=b"", blank=True, editable=False)

    # People name files after themselves.
    sealed_file_name = models.BinaryField(default=b"", blank=True, editable=False)
    file_type = models.CharField(_("file type"), max_length=40, blank=True)
    file_size = models.PositiveIntegerField(_("bytes"), default=0)
    file_sha256 = models.CharField("SHA-256", max_length=64, blank=True)

    # The answer of another renewal that brought the document to Twilio which is used here too.
    reuses = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="reused_by"
    )

    # What delivery has made at Twilio so far, and when it was last begun.
    item_sid = models.CharField(_("made"), max_length=34, blank=True)
    address_sid = models.CharField(_("address made"), max_length=34, blank=True)
    # Addresses that were made for earlier versions; deleted at the end.
    left_addresses = models.JSONField(default=list, blank=True, editable=False)
    # When something was last begun for it at Twilio without an answer yet, and for which version.
    intent_at = models.DateTimeField(null=True, blank=True, editable=False)
    intent_version = models.PositiveIntegerField(default=0, editable=False)
    # A call for it got no answer once, so Twilio may hold something that nobody knows of.
    uncertain = models.BooleanField(default=False, editable=False)
    refused_code = models.PositiveIntegerField(_("error code"), null=True, blank=True)
    # What Twilio said; it can repeat an address or a name.
    sealed_refusal = models.BinaryField(default=b"", blank=True, editable=False)

    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    saved_at = models.DateTimeField(_("saved"))
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [models.UniqueConstraint("renewal", "task", name="one_answer_per_task")]
        indexes = [
            models.Index("renewal", condition=Q(state="waiting"), name="answer_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.renewal_id}/{self.task}"

    @property
    def tag(self) -> str:
        """Marks what this version of the answer made at Twilio, so that it is found again."""
        return f"{self.tag_of_all_versions}{self.version}]"

    @property
    def tag_of_all_versions(self) -> str:
        return f"[{self.renewal.reference}/{self.pk}."

    def values(self) -> dict[str, Any]:
        return self.renewal.unseal(self.sealed, about=f"answer/{self.task}")

    @property
    def file_name(self) -> str:
        return str(
            self.renewal.unseal(self.sealed_file_name, about=f"file-name/{self.task}").get("name")
            or ""
        )

    @file_name.setter
    def file_name(self, name: str) -> None:
        about = f"file-name/{self.task}"
        self.sealed_file_name = self.renewal.seal({"name": name}, about=about) if name else b""

    @property
    def refused_message(self) -> str:
        refusal = self.renewal.unseal(self.sealed_refusal, about=f"refusal/{self.task}")
        return str(refusal.get("message") or "")


class Upload(models.Model):
    """The sealed bytes of an answer's file, until Twilio has confirmed that it holds them."""

    answer = models.OneToOneField(Answer, on_delete=models.CASCADE, related_name="upload")
    sealed = models.BinaryField()

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")

    def __str__(self) -> str:
        return str(self.answer_id)


class Draft(models.Model):
    """What somebody has typed into a task's page and not saved, and that the page is open."""

    renewal = models.ForeignKey(Renewal, on_delete=models.CASCADE, related_name="drafts")
    task = models.CharField(_("task"), max_length=120)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    # Of the answer on which the draft builds.
    version = models.PositiveIntegerField(_("version"), default=0)
    # What the page's inputs held, by name; empty as long as nothing has been typed.
    sealed = models.BinaryField(default=b"", blank=True, editable=False)
    saved_at = models.DateTimeField(_("saved"), null=True, blank=True)
    # Since when the page has been open, and when it last said so.
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    seen_at = models.DateTimeField(_("last seen"), null=True, blank=True)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints = [
            models.UniqueConstraint("renewal", "task", "user", name="one_draft_per_person_and_task")
        ]

    def __str__(self) -> str:
        return f"{self.renewal_id}/{self.task}/{self.user_id}"

    def inputs(self) -> dict[str, str]:
        return self.renewal.unseal(self.sealed, about=self.about)

    @property
    def about(self) -> str:
        return f"draft/{self.task}/{self.user_id}"
