"""A file of AWS's token cache: its bytes to fields and back. Pure.

Law: unknown fields are kept; what is not whole is not guessed at; nothing here shows a secret. Format: botocore's
``SSOTokenProvider`` and the AWS CLI (facts: Cache).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from keeplit.core.aws_dates import read_date, write_date
from keeplit.core.model import Reading, Session, Token, portal

if TYPE_CHECKING:
    from keeplit.core.secrets import NewToken, Registration, Secrets

Fields = Mapping[str, object]
MOST_DIGITS = 32


@dataclass(frozen=True, slots=True)
class TokenFile:
    """A token file, read: how that went, the token in it, and all its fields (never shown)."""

    reading: Reading
    token: Token | None = None
    fields: Fields = field(default_factory=dict, repr=False)


TORN = TokenFile(Reading.TORN)
ABSENT = TokenFile(Reading.ABSENT)


def digest(access_token: str) -> str:
    """Return what a token is known by: the beginning of its SHA-256."""
    return sha256(access_token.encode("utf-8", "surrogatepass")).hexdigest()[:MOST_DIGITS]


def parse(data: bytes | None, session: Session) -> TokenFile:
    """Return what the bytes of a session's token file say; None stands for no file."""
    if data is None:
        return ABSENT
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return TORN
    if not isinstance(found, dict):
        return TORN
    access = found.get("accessToken")
    ends = read_date(found.get("expiresAt"))
    if not isinstance(access, str) or not access or ends is None:
        return TORN
    if not belongs(found, session):
        return TokenFile(Reading.FOREIGN, None, found)
    registered = read_date(found.get("registrationExpiresAt"))
    return TokenFile(Reading.PRESENT, Token(digest(access), ends, can_refresh(found), registered), found)


def belongs(fields: Fields, session: Session) -> bool:
    """Whether a file is this session's: the same start URL, but for a slash at its end, and the same region."""
    start_url, region = fields.get("startUrl"), fields.get("region")
    same_url = start_url is None or (isinstance(start_url, str) and portal(start_url) == portal(session.start_url))
    return same_url and (region is None or region == session.region)


def text(fields: Fields, name: str) -> str:
    """Return a field; empty where it is missing or no text."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def can_refresh(fields: Fields) -> bool:
    """Whether a file holds all that a silent refresh sends."""
    return all(text(fields, name) for name in ("refreshToken", "clientId", "clientSecret"))


def secrets_of(fields: Fields) -> "Secrets":
    """Return the secrets of a file's fields."""
    from keeplit.core.secrets import Secrets  # whoever only looks needs none

    names = ("accessToken", "refreshToken", "clientId", "clientSecret")
    return Secrets(*(text(fields, name) for name in names))


def stripped(fields: Fields, kept: Fields) -> bool:
    """Whether another tool dropped the refresh token that our copy of the same client registration still has."""
    client, start_url = text(fields, "clientId"), text(fields, "startUrl")
    same = client == text(kept, "clientId") and portal(start_url) == portal(text(kept, "startUrl"))
    return not can_refresh(fields) and can_refresh(kept) and bool(client and start_url) and same


def restored(fields: Fields, kept: Fields) -> dict[str, object]:
    """Return the fields with the refresh token that was stripped, and what it needs where that is gone or empty too."""
    wanted = ("refreshToken", "clientSecret", "registrationExpiresAt")
    return {**fields, **{name: kept[name] for name in wanted if name in kept and not text(fields, name)}}


def renewed(fields: Fields, new: "NewToken", now: datetime) -> bytes:
    """Return the bytes of the file after a renewal; unknown fields, and the old refresh token if none came, stay."""
    after = {
        **fields,
        "accessToken": new.access_token,
        "expiresAt": write_date(now + timedelta(seconds=new.expires_in)),
    }
    if new.refresh_token:
        after["refreshToken"] = new.refresh_token
    return spelled(after)


def signed_in(session: Session, new: "NewToken", registration: "Registration", now: datetime) -> bytes:
    """Return the bytes of a token file as the AWS CLI writes it after a sign-in."""
    fields: dict[str, object] = {
        "startUrl": session.start_url,
        "region": session.region,
        "accessToken": new.access_token,
        "expiresAt": write_date(now + timedelta(seconds=new.expires_in)),
        "clientId": registration.client_id,
        "clientSecret": registration.client_secret,
        "registrationExpiresAt": write_date(registration.expires_at),
    }
    if new.refresh_token:
        fields["refreshToken"] = new.refresh_token
    return spelled(fields)


def spelled(fields: Fields) -> bytes:
    """Return fields as the bytes of a cache file."""
    return json.dumps(dict(fields)).encode()
