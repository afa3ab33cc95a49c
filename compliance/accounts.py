"""The way to an account at Twilio: its credentials, and whether it answers."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q

from compliance import gateway, sealing
from compliance.gateway import Credentials, Gone, Refused, Twilio, Unavailable
from compliance.models import Account, Renewal
from compliance.models.mirror import LONGEST_REST

PAUSE = timedelta(seconds=5)


def main_account() -> Account:
    """The row of the account that the environment names; made when it is not there."""
    account, _ = Account.objects.get_or_create(
        sid=settings.TWILIO_ACCOUNT_SID, defaults={"is_main": True}
    )
    if not account.is_main:
        Account.objects.filter(is_main=True).update(is_main=False)
        Account.objects.filter(pk=account.pk).update(is_main=True)
        account.is_main = True
    return account


def main_credentials() -> Credentials:
    """An API key if one is configured (it can be revoked by itself), else the auth token."""
    if settings.TWILIO_API_KEY:
        return Credentials(
            settings.TWILIO_ACCOUNT_SID, settings.TWILIO_API_KEY, settings.TWILIO_API_SECRET
        )
    return Credentials(
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN
    )


def connect(account: Account) -> Twilio:
    """A subaccount is worked on with its own credentials: only they decide what is seen."""
    if account.is_main or account.sid == settings.TWILIO_ACCOUNT_SID:
        return Twilio(main_credentials())
    try:
        return Twilio(Credentials(account.sid, account.sid, account.token()))
    except sealing.Unreadable as error:
        # The key that sealed it has left the ring; the next sync reads the token anew.
        raise Unavailable("credentials", "the subaccount's token can't be read") from error


def signing_secrets(account: Account, *, key: str = "") -> list[str]:
    """What Twilio may have signed an account's callbacks with.

    :param key: the SharedKey that a callback names; empty: the account's auth token.
    :raises sealing.Unreadable: the key that sealed a subaccount's token is gone.
    """
    if key:
        secret = settings.TWILIO_SIGNING_KEYS.get(key)
        return [secret] if secret else []
    if account.is_main or account.sid == settings.TWILIO_ACCOUNT_SID:
        return [settings.TWILIO_AUTH_TOKEN, *settings.TWILIO_AUTH_TOKEN_FALLBACKS]
    return [account.token()]


def can_verify_callbacks() -> bool:
    return bool(settings.TWILIO_AUTH_TOKEN or settings.TWILIO_SIGNING_KEYS)


def note_silence(account: Account, error: Unavailable, *, now: datetime) -> None:
    """Remember that Twilio does not answer; after a 429 leave the account alone for a while."""
    if error.cause == "busy":
        # Twilio was not asked.
        return
    if error.cause == "limit":
        pause = timedelta(seconds=error.retry_after) if error.retry_after else PAUSE
        until = now + min(pause, LONGEST_REST)
        # Of several at the same time, the one that names the longest rest counts.
        rests_longer = Account.objects.resting(now=now).filter(paused_until__gt=until)
        Account.objects.filter(pk=account.pk).exclude(pk__in=rests_longer).update(
            paused_until=until
        )
        return
    Account.objects.filter(pk=account.pk, unreachable_since=None).update(
        unreachable_since=now, unreachable_because=str(error)[:300]
    )


def note_answer(account: Account, *, now: datetime) -> None:
    """Twilio answered. After a silence, what had to wait for it is due at once."""
    if Account.objects.filter(pk=account.pk, unreachable_since__isnull=False).update(
        unreachable_since=None, unreachable_because="", paused_until=None
    ):
        Renewal.objects.filter(
            ~Q(delayed_because=""), bundle__account=account, lease_token=""
        ).open().update(next_look_at=now)


def ask_for_test(account: Account, *, now: datetime) -> None:
    """Whoever works next tries the credentials."""
    Account.objects.filter(pk=account.pk).update(test_asked_at=now)


def asked_for_test() -> list[Account]:
    """Tests that were asked for and are still to be done."""
    untested = Q(tested_at=None) | Q(tested_at__lt=F("test_asked_at"))
    return list(Account.objects.filter(untested, test_asked_at__isnull=False))


def test(account: Account, *, now: datetime) -> None:
    """One list is read with the account's credentials, which changes nothing at Twilio."""
    problem = ""
    try:
        next(connect(account).bundles_by_change(since=None), None)
    except Unavailable as error:
        note_silence(account, error, now=now)
        problem = str(error)
    except Refused as error:
        problem = f"Twilio refuses ({error.code})"
    except Gone:
        problem = "Twilio does not know it (404)"
    else:
        note_answer(account, now=now)
    Account.objects.filter(pk=account.pk).update(tested_at=now, test_problem=problem[:300])


def mirror_accounts(found: list[gateway.Account], *, main: Account) -> None:
    """The main account's name, and its subaccounts with their tokens, sealed."""
    for read in found:
        values = {
            "friendly_name": read.friendly_name[:255],
            "active": read.status == "active",
        }
        known = read.sid == main.sid or read.auth_token in ("", _token_of(read.sid))
        if not known:
            values["sealed_token"] = sealing.wrap(read.auth_token.encode())
        Account.objects.update_or_create(sid=read.sid, defaults=values)


def _token_of(sid: str) -> str:
    """What we hold as a subaccount's token; empty if that is nothing, or nothing readable."""
    row = Account.objects.filter(sid=sid).first()
    try:
        return row.token() if row else ""
    except sealing.Unreadable:
        return ""
