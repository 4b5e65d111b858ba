"""The names that `keeplit setup` proposes, and the start URL as it is typed. Pure.

Law: a name is one word of letters, digits and dashes: JavaScript's AWS tools, Claude Code among them, see no other.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from keeplit.core.model import Session, portal

PORTAL_HOST = ".awsapps.com"
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
SHORT = re.compile(r"[a-z0-9][a-z0-9-]{1,60}")
DIRECTORY = re.compile(r"(d-|ssoins-)[0-9a-f]{8,}")
MOST = 30


def start_url(typed: str) -> tuple[str, str]:
    """Return a start URL as it is written down, and why what was typed is none; one of the two is empty."""
    text = portal(typed.strip())
    if SHORT.fullmatch(text):
        return f"https://{text}{PORTAL_HOST}/start", ""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "", "that is no address; it looks like https://acme.awsapps.com/start"
    if parts.scheme != "https" or "." not in host or parts.username is not None or not text.isascii():
        return "", "a start URL begins with https:// and looks like https://acme.awsapps.com/start"
    if any(sign.isspace() for sign in text) or parts.query:
        return "", "a start URL ends with its path, as in https://acme.awsapps.com/start"
    if host.endswith(PORTAL_HOST) and not parts.path.startswith("/start"):
        return "", f"it ends in /start: https://{host}/start"
    return text, ""


def session_name(url: str, region: str, sessions: Iterable[Session]) -> str:
    """Return the name of the session with this start URL and region that is there, else a new short one."""
    known = tuple(sessions)
    same = (one.name for one in known if (portal(one.start_url), one.region) == (portal(url), region))
    there = next(same, "")
    if there:
        return there
    label = (urlsplit(url).hostname or "").partition(".")[0]
    return _free("sso" if DIRECTORY.match(label) or not label else label, {one.name for one in known})


def profile_name(account: str, role: str, taken: Iterable[str]) -> str:
    """Return a short name for a profile, from the account's name (else its role)."""
    return _free(_slug(account) or _slug(role) or "claude", set(taken))


def name_fault(name: str, taken: Iterable[str] = ()) -> str:
    """Return why a name cannot be taken; empty where it can."""
    if not WORD.fullmatch(name):
        return "a name has letters, digits, - and _ only: other AWS tools do not see the rest"
    return f"there is a profile {name!r} already" if name in set(taken) else ""


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:MOST].strip("-")


def _free(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    number = 2
    while f"{name}-{number}" in taken:
        number += 1
    return f"{name}-{number}"
