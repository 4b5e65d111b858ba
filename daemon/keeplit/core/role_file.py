"""Role credentials as a file of the AWS CLI's cache holds them, read. Pure.

Law: what is not whole is as if it were not there. The parts are a plain tuple, since whoever only looks for the end
needs no class for secrets; a tuple of them is never kept, logged or shown.
"""

import json
from datetime import datetime

from keeplit.core.aws_dates import read_date

Parts = tuple[str, str, str, datetime, str]
"""The access key's id, the secret key, the session token, the end, the account: `RoleCredentials`, in its order."""

NAMES = ("AccessKeyId", "SecretAccessKey", "SessionToken")


def read_role(data: bytes | None, account: str = "") -> Parts | None:
    """Return what a cache file holds, whatever its end; None if it is not whole. `account` counts if it names none."""
    try:
        return role_of(json.loads(data), account) if data else None
    except (ValueError, RecursionError):
        return None


def role_of(document: object, account: str = "") -> Parts | None:
    """Return what a parsed cache file holds; None where it is not whole."""
    given = document.get("Credentials") if isinstance(document, dict) else None
    if not isinstance(given, dict):
        return None
    ends = read_date(given.get("Expiration"))
    texts = [part for part in map(given.get, NAMES) if isinstance(part, str) and part]
    if ends is None or len(texts) != len(NAMES):
        return None
    return texts[0], texts[1], texts[2], ends, str(given.get("AccountId") or account)
