"""The AWS CLI's role cache: role credentials that the CLI, its SDK and keeplit share.

Law: the CLI's own names and format (facts: Portal), so that either profits from what the other took.
"""

import json
from datetime import datetime
from hashlib import sha1
from pathlib import Path
from typing import TYPE_CHECKING

from keeplit.adapters import files
from keeplit.core.aws_dates import write_date
from keeplit.core.deeds import Outcome, Result
from keeplit.core.model import Kind, Session
from keeplit.core.role_file import Parts, read_role

if TYPE_CHECKING:
    from keeplit.core.secrets import RoleCredentials

MOST_BYTES = 1 << 16


def path(cli_cache: Path, session: Session, account: str, role: str) -> Path:
    """Return the file of one role: ``sha1`` of the minified sorted JSON of what it is for."""
    key = {"accountId": account, "roleName": role}
    if session.kind is Kind.SSO_SESSION:
        key["sessionName"] = session.name
    else:
        key["startUrl"] = session.start_url
    spelled = json.dumps(key, sort_keys=True, separators=(",", ":"))
    return cli_cache / f"{sha1(spelled.encode(), usedforsecurity=False).hexdigest()}.json"


def read(cli_cache: Path, session: Session, account: str, role: str) -> "RoleCredentials | None":
    """Return the cached credentials of a role, whatever their end; None where there are none that can be read."""
    found = _read(cli_cache, session, account, role)
    if found is None:
        return None
    from keeplit.core.secrets import RoleCredentials  # whoever only looks needs none

    return RoleCredentials(*found)


def look(cli_cache: Path, session: Session, account: str, role: str) -> datetime | None:
    """Return when the cached credentials of a role end; None where there are none."""
    found = _read(cli_cache, session, account, role)
    return found[3] if found is not None else None


def _read(cli_cache: Path, session: Session, account: str, role: str) -> Parts | None:
    try:
        return read_role(files.read(path(cli_cache, session, account, role), MOST_BYTES), account)
    except files.FileTrouble:
        return None


def write(cli_cache: Path, session: Session, account: str, role: str, credentials: "RoleCredentials") -> Outcome:
    """Put role credentials into the cache, 0600 and whole."""
    document = {
        "ProviderType": "sso",
        "Credentials": {
            "AccessKeyId": credentials.access_key_id,
            "SecretAccessKey": credentials.secret_access_key,
            "SessionToken": credentials.session_token,
            "Expiration": write_date(credentials.expires_at),
            "AccountId": credentials.account or account,
        },
    }
    try:
        cli_cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.replace(path(cli_cache, session, account, role), json.dumps(document).encode())
    except OSError as error:
        return Outcome(Result.NOT_WRITABLE, "role_cache", f"{cli_cache} cannot be made: {error.strerror}")
    except files.FileTrouble as trouble:
        return Outcome(Result.NOT_WRITABLE, "role_cache", str(trouble))
    return Outcome(Result.DONE)
