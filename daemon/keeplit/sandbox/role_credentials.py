"""The role credentials the portal has given out: they outlive the sign-in, and STS and Bedrock ask for them here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from secrets import choice, token_urlsafe
from typing import Literal

from keeplit.sandbox.clockwork import Now
from keeplit.sandbox.nouns import Lifetimes

_KEY_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(frozen=True, slots=True)
class RoleCredentials:
    """Keys for one role in one account."""

    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    account_id: str
    role: str
    user: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Caller:
    """What a signed request says of its sender: whose keys, whether they are good, and the region signed for."""

    state: Literal["good", "expired", "unknown"]
    region: str
    credentials: RoleCredentials | None


@dataclass(slots=True)
class Vault:
    """Every set of role credentials given out, by access key."""

    now: Now
    lifetimes: Lifetimes
    _issued: dict[str, RoleCredentials] = field(default_factory=dict, repr=False)

    def issue(self, account_id: str, role: str, user: str) -> RoleCredentials:
        """Give out fresh keys that live for the role's full duration."""
        credentials = RoleCredentials(
            access_key_id="ASIA" + "".join(choice(_KEY_LETTERS) for _ in range(16)),
            secret_access_key=token_urlsafe(30),
            session_token="IQoJb3JpZ2luX2Vj" + token_urlsafe(90),
            account_id=account_id,
            role=role,
            user=user,
            expires_at=self.now() + self.lifetimes.role_credentials,
        )
        self._issued[credentials.access_key_id] = credentials
        return credentials

    def caller(self, headers: Mapping[str, str]) -> Caller:
        """Look up who signed a request; the signature itself is not verified, the session token must fit."""
        # AWS4-HMAC-SHA256 Credential=ASIA…/20260102/us-east-1/bedrock/aws4_request, SignedHeaders=…
        scope = headers.get("authorization", "").partition("Credential=")[2].split("/")
        region = scope[2] if len(scope) > 3 else "us-east-1"  # noqa: PLR2004 - key, date, region, service
        credentials = self._issued.get(scope[0])
        if credentials is None or headers.get("x-amz-security-token") != credentials.session_token:
            return Caller("unknown", region, None)
        return Caller("good" if self.now() < credentials.expires_at else "expired", region, credentials)

    def secrets(self) -> frozenset[str]:
        """Return every secret key and session token, so that a test can look for them where they must not be."""
        return frozenset(
            secret for one in tuple(self._issued.values()) for secret in (one.secret_access_key, one.session_token)
        )
