"""The sandbox's clock, which a test or a person can move forward or stop, and the two ways in
which Twilio writes a date.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime


@dataclass
class Clock:
    """Real time plus an offset, or one frozen moment."""

    offset: float = 0.0
    frozen: datetime | None = None

    def now(self) -> datetime:
        if self.frozen is not None:
            return self.frozen
        return datetime.now(UTC) + timedelta(seconds=self.offset)

    def advance(self, seconds: float) -> None:
        if self.frozen is not None:
            self.frozen += timedelta(seconds=seconds)
        else:
            self.offset += seconds

    def freeze(self, moment: datetime) -> None:
        self.frozen = moment

    def follow_real_time(self) -> None:
        self.offset = 0.0
        self.frozen = None


def iso(moment: datetime | None) -> str | None:
    """As numbers.twilio.com writes it: UTC, whole seconds, a Z."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc2822(moment: datetime) -> str:
    """As the 2010 API writes it: ``Tue, 18 Aug 2015 17:07:30 +0000``."""
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0))


def parse_iso(text: str) -> datetime:
    """Read a date or a date with time; without a zone it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text.strip())
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
