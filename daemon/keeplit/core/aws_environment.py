"""What the environment says to AWS tools: who to be, and where to send calls instead of AWS. Pure.

Law: a tool that keeplit starts is nobody but the session it is started for. An address that gets tokens comes from the
environment alone, never from a config file, and is https or this very machine; any other is refused, never quietly left
out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

Service = Literal["sso-oidc", "sso", "sts", "bedrock", "cloudwatch", "ce", "budgets"]

EVERY = "AWS_ENDPOINT_URL"
VARIABLES: Mapping[Service, str] = {
    "sso-oidc": f"{EVERY}_SSO_OIDC",
    "sso": f"{EVERY}_SSO",
    "sts": f"{EVERY}_STS",
    "bedrock": f"{EVERY}_BEDROCK",
    "cloudwatch": f"{EVERY}_CLOUDWATCH",
    "ce": f"{EVERY}_COST_EXPLORER",
    "budgets": f"{EVERY}_BUDGETS",
}
KEEPER: tuple[Service, ...] = ("sso-oidc", "sso", "sts", "bedrock")  # what a daemon talks to
SIGN_IN: tuple[Service, ...] = ("sso-oidc", "sso")  # those that a sign-in's tokens go to
IGNORE = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"

IDENTITY = frozenset(
    {
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",
        "AWS_BEARER_TOKEN_BEDROCK",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_ROLE_ARN",
    }
)


@dataclass(frozen=True, slots=True)
class Override:
    """An address instead of AWS's own: the variable that names it, and what it may get."""

    variable: str
    url: str
    allowed: bool
    loopback: bool


def without_identity(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without profile, keys and roles: a wrong one of these stops AWS tools."""
    return {name: value for name, value in environ.items() if name not in IDENTITY}


def override(environ: Mapping[str, str], service: Service) -> Override | None:
    """Return what the environment names instead of AWS for a service; None where it names nothing.

    The variables and their order are those of the AWS SDKs (reference guide, "Service-specific endpoints").
    """
    if environ.get(IGNORE, "").lower() == "true":
        return None
    for variable in (VARIABLES[service], EVERY):
        url = environ.get(variable, "").strip()
        if url:
            return _judged(variable, url)
    return None


def elsewhere(environ: Mapping[str, str]) -> str:
    """Return which services' calls go to which host instead of AWS: "sso-oidc, sso to 127.0.0.1"; empty: none.

    The host alone is said: a path or a query may hold what is nobody's business. What is not allowed gets no call, and
    is told by what it stops.
    """
    moved: dict[str, list[str]] = {}
    for service in KEEPER:
        named = override(environ, service)
        if named is not None and named.allowed:
            moved.setdefault(urlsplit(named.url).hostname or "", []).append(service)
    return "; ".join(f"{', '.join(services)} to {host}" for host, services in moved.items())


def _judged(variable: str, url: str) -> Override:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return Override(variable, url, allowed=False, loopback=False)
    loopback = parts.scheme in {"http", "https"} and _is_loopback(host)
    plain = bool(host) and parts.username is None and parts.password is None
    return Override(variable, url, allowed=plain and (loopback or parts.scheme == "https"), loopback=loopback)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
