"""A text without what is nobody else's business: known secrets, what looks like one, accounts, people, the home. Pure.

Law: what goes to a stranger says less rather than more; a person's secret is taken out wherever it stands, and however
it is spelled in JSON or in an address.
"""

import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from keeplit.core.redaction import HIDDEN, SECRET_VALUE, USER_IN_URL, safe

SHORTEST = 6  # a shorter one would take words apart
ACCOUNT = re.compile(r"(?<!\d)\d{8}(\d{4})(?!\d)")
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
LINE = re.compile(r"(\s*)([A-Za-z_][\w.-]*)(\s*=\s*)(.*)")
# Of the AWS config what says how a sign-in is set up; a key that is not here may hold anything.
OF_AWS = frozenset(
    {
        *("region", "output", "sso_start_url", "sso_region", "sso_session", "sso_account_id", "sso_role_name"),
        *("sso_registration_scopes", "source_profile", "role_arn", "duration_seconds", "role_session_name"),
    }
)
NAMED_SECRET = frozenset(
    {
        *("accesstoken", "refreshtoken", "clientsecret", "clientid", "accesskeyid", "secretaccesskey", "sessiontoken"),
        *("devicecode", "idtoken"),
    }
)


def scrubbed(text: str, secrets: Iterable[str], home: str = "") -> str:
    """Return a text without the secrets, what looks like one, names of people, and account numbers but their end."""
    for secret in sorted({one for one in secrets if len(one) >= SHORTEST}, key=len, reverse=True):
        for spelled in {secret, json.dumps(secret)[1:-1], quote(secret, safe="")}:
            text = text.replace(spelled, HIDDEN)
    text = USER_IN_URL.sub("...", text)
    text = re.sub(rf"{SECRET_VALUE.pattern}[\w/+=-]*", HIDDEN, text)
    text = MAIL.sub("(somebody)", text)
    text = ACCOUNT.sub(r"........\1", text)
    return text.replace(home, "~") if len(home) > 1 else text


def secrets_in(document: object, *, known: bool = False) -> Iterable[str]:
    """Give the texts of a JSON document that stand under a secret's name, however deep."""
    if isinstance(document, Mapping):
        for name, value in document.items():
            yield from secrets_in(value, known=str(name).lower() in NAMED_SECRET)
    elif isinstance(document, list):
        for value in document:
            yield from secrets_in(value, known=known)
    elif known and isinstance(document, str):
        yield document


def without_values(text: str, kept: Iterable[str] | None = None) -> str:
    """Return a file of ``name = value`` lines without secret values; with `kept` only those names keep theirs."""
    names = None if kept is None else frozenset(kept)
    return "\n".join(_line(line, names) for line in text.splitlines())


def _line(line: str, names: frozenset[str] | None) -> str:
    found = LINE.fullmatch(line)
    if found is None:
        return line if names is None or line.lstrip()[:1] in {"[", ""} else HIDDEN
    lead, name, between, value = found.groups()
    if names is not None and name.lower() not in names:
        value = HIDDEN
    return f"{lead}{name}{between}{safe(f'claude.env.{name}', value)}"
