"""A client registration in AWS's token cache: the names it has, and whether it is of use. Pure.

Law (facts: Cache): an empty or corrupt registration makes ``aws sso login`` fail for ever, so it must go; one that soon
ends is renewed by the next login when it is gone.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha1
from typing import TYPE_CHECKING

from keeplit.core.aws_dates import has_zone, read_date, write_date
from keeplit.core.model import Kind, Session

if TYPE_CHECKING:
    from keeplit.core.secrets import Registration  # whoever only looks needs no secrets

ENOUGH = timedelta(days=30)


def names(session: Session) -> tuple[str, ...]:
    """Return the file names that a session's registration can have, today's first, that of CLIs before 2.7.32 last.

    A session whose `sso_registration_scopes` are there but empty is registered with an empty list, not with none.
    """
    today = (name(session), *(() if session.scopes else (_name(session, []),)))
    return (*today, f"botocore-client-id-{session.region}.json")


def name(session: Session) -> str:
    """Return the file name of a registration in botocore's words."""
    return _name(session, list(session.scopes) or None)


def _name(session: Session, scopes: list[str] | None) -> str:
    key = {
        "tool": "botocore",
        "startUrl": session.start_url,
        "region": session.region,
        "scopes": scopes,
        "session_name": session.name if session.kind is Kind.SSO_SESSION else None,
    }
    return sha1(json.dumps(key, sort_keys=True).encode(), usedforsecurity=False).hexdigest() + ".json"


def fields_of(data: bytes) -> Mapping[str, object] | None:
    """Return the fields of a registration that is whole; None for one that makes a login fail."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not all(isinstance(found.get(k), str) for k in ("clientId", "clientSecret")):
        return None
    ends = found.get("expiresAt")
    return found if read_date(ends) is not None and has_zone(ends) else None


def must_go(data: bytes, now: datetime) -> bool:
    """Whether a registration has to be deleted before a login: it is broken, or has under 30 days left."""
    fields = fields_of(data)
    if fields is None:
        return True
    ends = read_date(fields.get("expiresAt"))
    return ends is None or ends - now < ENOUGH


def spelled(registration: "Registration") -> bytes:
    """Return a registration as the bytes of its cache file."""
    fields: dict[str, object] = {
        "clientId": registration.client_id,
        "clientSecret": registration.client_secret,
        "expiresAt": write_date(registration.expires_at),
    }
    if registration.scopes:
        fields["scopes"] = list(registration.scopes)
    return json.dumps(fields).encode()
