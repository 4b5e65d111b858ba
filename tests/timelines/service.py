"""An Identity Center of the timelines: sign-in sessions with an end, tokens, and the switches that a story needs.

It knows the true time, which no clock setting changes. In the world `shortened` a token ends with its session at the
latest; in the world `survives` it lives its whole life.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from keeplit.core.deeds import Outcome, Result
from keeplit.core.model import Kind, Session, Token

LEGACY_LIFE = timedelta(hours=8)
REGISTERED = timedelta(days=90)


@dataclass
class Account:
    """What the service knows of one session."""

    session: Session
    lasts: timedelta = timedelta(hours=8)
    survives: bool = False
    life: timedelta = timedelta(hours=1)
    end: datetime | None = None
    registered_until: datetime | None = None
    issued: int = 0
    fault: str = ""
    retry_after: timedelta | None = None

    def lives(self, now: datetime) -> bool:
        """Whether the sign-in session lives."""
        return self.end is not None and now < self.end

    def issue(self, now: datetime, offset: timedelta) -> tuple[Token, timedelta]:
        """Return a new token, its end as the clock on the machine will write it, and its life."""
        assert self.end is not None
        self.issued += 1
        legacy = self.session.kind is Kind.LEGACY
        end = now + (LEGACY_LIFE if legacy else self.life)
        if not self.survives:
            end = min(end, self.end)
        until = None if self.registered_until is None else self.registered_until + offset
        token = Token(
            f"{self.session.name}-{self.issued}", end + offset, refreshable=not legacy, registration_expires_at=until
        )
        return token, end - now

    def sign_in(self, now: datetime, offset: timedelta, *, fresh: bool = False) -> tuple[Token, timedelta]:
        """Sign in: a living session is reused and keeps its end, unless it was logged out first."""
        if fresh or not self.lives(now):
            self.end = now + self.lasts
        if self.registered_until is None or self.registered_until <= now:
            self.registered_until = now + REGISTERED
        return self.issue(now, offset)

    def refresh(self, now: datetime, offset: timedelta) -> Outcome:
        """Answer CreateToken with a refresh token."""
        match self.fault:
            case "unreachable":
                return Outcome(Result.TRANSIENT, "EndpointConnectionError")
            case "throttles":
                return Outcome(Result.THROTTLED, "SlowDownException", retry_after=self.retry_after)
            case "refuses":
                return Outcome(Result.REFUSED, "InvalidRequestException")
        if self.registered_until is not None and self.registered_until <= now:
            return Outcome(Result.REGISTRATION_DEAD, "InvalidClientException")
        if not self.lives(now):
            return Outcome(Result.OVER, "InvalidGrantException")
        token, life = self.issue(now, offset)
        return Outcome(Result.DONE, token=token, life=life)

    def bridge(self, now: datetime, roles: int) -> Outcome:
        """Answer GetRoleCredentials, once for each role."""
        if self.fault == "unreachable":
            return Outcome(Result.TRANSIENT, "EndpointConnectionError")
        return Outcome(Result.DONE, roles=roles)
