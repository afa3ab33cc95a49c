"""Tries the Twilio credentials and says what it saw."""

from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from compliance import accounts
from compliance.gateway import Credentials, Gone, Refused, Twilio, Unavailable


class Command(BaseCommand):
    help = "Tries the Twilio credentials and says what it saw. Changes nothing at Twilio."

    def handle(self, *args: Any, **options: Any) -> None:
        where = settings.TWILIO_BASE_URL or "Twilio"
        try:
            self._look(where)
        except Unavailable as error:
            if error.cause == "credentials":
                raise CommandError(
                    f"{where} does not accept the credentials of {settings.TWILIO_ACCOUNT_SID}. "
                    "Check TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN, or TWILIO_API_KEY with "
                    "TWILIO_API_SECRET."
                ) from error
            raise CommandError(f"{where} can't be reached: {error}. Try again later.") from error
        except Refused as error:
            raise CommandError(f"{where} refuses: {error.message} (error {error.code}).") from error

    def _look(self, where: str) -> None:
        twilio = Twilio(accounts.main_credentials())
        statuses: Counter[str] = Counter()
        for page in twilio.bundles_with_deadline():
            statuses.update(bundle.status for bundle in page)
        listed = ", ".join(f"{n} {status}" for status, n in statuses.most_common()) or "none"
        self.stdout.write(f"{where} accepts the credentials of {settings.TWILIO_ACCOUNT_SID}.")
        self.stdout.write(f"Bundles with a deadline in this account: {listed}.")
        try:
            others = [a for a in twilio.accounts() if a.sid != settings.TWILIO_ACCOUNT_SID]
        except (Refused, Gone, Unavailable):
            self.stdout.write(
                "Subaccounts can't be listed with these credentials: use the auth token or a main "
                "API key if there are any."
            )
            return
        active = [a for a in others if a.status == "active"]
        self.stdout.write(f"Subaccounts: {len(active)} active of {len(others)}.")
        for account in active:
            if not account.auth_token:
                self.stdout.write(f"{account.sid} has no auth token to work with.")
                continue
            own = Twilio(Credentials(account.sid, account.sid, account.auth_token))
            count = sum(len(page) for page in own.bundles_with_deadline())
            self.stdout.write(f"{account.sid}: {count} with a deadline.")
        if not accounts.can_verify_callbacks():
            self.stdout.write(
                "TWILIO_AUTH_TOKEN is empty: callbacks can't be verified, so set "
                "TWILIO_REQUIRE_SIGNATURE=false or give the token; polling works without."
            )
