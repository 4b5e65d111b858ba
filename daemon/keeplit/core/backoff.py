"""The back-off: how often something failed in a row, and when it may be tried again; bounded always."""

from dataclasses import dataclass
from datetime import datetime, timedelta

ZERO = timedelta(0)
LONGEST_BACKOFF = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often something failed in a row, and when it may be tried again."""

    failures: int = 0
    at: datetime | None = None
    delay: timedelta = ZERO
    result: str = ""
    code: str = ""
    detail: str = ""

    def until(self, now: datetime) -> datetime | None:
        """Return when the next attempt may start, or None for now; a delay that cannot be true does not count."""
        if self.at is None or self.at > now or self.delay < ZERO:
            return None
        end = self.at + min(self.delay, LONGEST_BACKOFF)
        return end if end > now else None
