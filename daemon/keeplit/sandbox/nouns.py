"""The things the sandbox's Identity Center keeps: registrations, authorizations, sessions, tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

ACCOUNT_ACCESS = "sso:account:access"
"""The scope without which no refresh token is given."""

Decision = Literal["waiting", "approved", "denied", "spent"]


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long each thing lives; the defaults are those of the real service."""

    access_token: timedelta = timedelta(hours=1)
    session: timedelta = timedelta(hours=8)
    registration: timedelta = timedelta(days=90)
    device_code: timedelta = timedelta(minutes=10)
    role_credentials: timedelta = timedelta(hours=1)
    legacy_token: timedelta = timedelta(hours=8)
    poll_interval: timedelta = timedelta(seconds=1)
    """What a device flow is told to wait between two polls (the real service says 5 s)."""


@dataclass(frozen=True, slots=True)
class World:
    """What is not known of the real service, and so is a switch here."""

    outlives: bool = False
    """True: the last access token lives on after its session's end; False: it is cut to that end."""
    rotate: bool = True
    """True: a refresh token works once and the answer holds the next one."""


@dataclass(frozen=True, slots=True)
class Registration:
    """A client that has registered itself."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    name: str
    scopes: tuple[str, ...]
    issuer_url: str
    """The start URL, which only the browser (PKCE) flow names at registration."""
    redirect_uris: tuple[str, ...]
    registered_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Authorization:
    """A sign-in that waits for a person's decision in a browser: device flow or PKCE."""

    ticket: str
    """What the browser's page is found by: the user code, or for PKCE a random word."""
    code: str = field(repr=False)
    """What is exchanged for a token: the device code or the authorization code."""
    client_id: str = field(repr=False)
    client: str
    start_url: str
    scopes: tuple[str, ...]
    expires_at: datetime
    redirect_uri: str = ""
    state: str = field(default="", repr=False)
    challenge: str = field(default="", repr=False)
    decision: Decision = "waiting"
    user: str = ""
    polled: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in of one person at one start URL; its end never slides."""

    number: int
    start_url: str
    user: str
    begun_at: datetime
    ends_at: datetime
    ended: bool = False

    def lives(self, now: datetime) -> bool:
        """Tell whether it is neither over nor ended by logout or an admin."""
        return not self.ended and now < self.ends_at

    @property
    def label(self) -> str:
        """Return the session's name in the request log, such as ``d-1234567890.awsapps.com/sam/1``."""
        host = self.start_url.partition("://")[2].partition("/")[0]
        return f"{host}/{self.user}/{self.number}"


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What the portal asks for."""

    value: str = field(repr=False)
    session: int
    issued_at: datetime
    expires_at: datetime
    rejected: bool = False


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """What a client exchanges for the next access token."""

    value: str = field(repr=False)
    session: int
    client_id: str = field(repr=False)
    spent: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """The answer to a CreateToken that was granted."""

    access: AccessToken
    refresh: RefreshToken | None
    session: Session
