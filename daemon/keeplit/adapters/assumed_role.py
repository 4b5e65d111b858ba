"""The role that a profile assumes on top of its session's role: resolved by botocore, and kept in the AWS CLI's cache.

Law: the worker process asks (`keeplit.adapters.aws_worker`), and it is given the session's role credentials: no token
of the sign-in is near, nobody is prompted, and what a config file names as STS's address is not asked. The cache's
names and format are the CLI's own, so that either profits from what the other took.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from keeplit.adapters import files
from keeplit.core.answers import Answer, broken, judged
from keeplit.core.aws_environment import override
from keeplit.core.deeds import Outcome, Result
from keeplit.core.model import Profile
from keeplit.core.role_file import read_role, role_of
from keeplit.core.secrets import RoleCredentials

MOST_BYTES = 1 << 16
KEY = re.compile(r"[0-9a-f]{40}")
NO_SOURCE, MFA, SETTINGS = "source", "mfa", "settings"

Ask = Callable[[Sequence[Mapping[str, object]]], Sequence[Answer]]

NAMED: Mapping[str, tuple[Result, str]] = {
    **dict.fromkeys(
        ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"),
        (Result.REJECTED, "AWS does not accept the role credentials of the sign-in"),
    ),
    **dict.fromkeys(("Throttling", "RequestLimitExceeded"), (Result.THROTTLED, "AWS asks for fewer calls.")),
    "RegionDisabledException": (Result.REFUSED, "STS is not switched on for the account in the profile's region"),
    "SignatureDoesNotMatch": (Result.REFUSED, "AWS does not accept the signature: look at this machine's clock"),
    "ValidationError": (
        Result.REFUSED,
        "AWS refuses what the profile says of the role: look at role_arn, and at duration_seconds, here 3600 at most",
    ),
}


@dataclass(frozen=True, slots=True)
class Assumed:
    """What came of it; `key` is the stem of the role's file in the cache, empty where it is not known."""

    outcome: Outcome
    credentials: RoleCredentials | None = None
    key: str = ""


def assume(
    ask: Ask, environ: Mapping[str, str], cli_cache: Path, profile: Profile, region: str, source: RoleCredentials | None
) -> Assumed:
    """Return the cached credentials of the role with over 15 min left, else fresh ones, which are cached.

    Without a `source` there are only cached ones, and the code `NO_SOURCE`; `region` counts where nothing names one.
    """
    named = override(environ, "sts")
    if source is not None and named is not None and not named.allowed:
        return Assumed(broken("endpoint"))
    call = {
        "profile": profile.name,
        "region": profile.region or region,
        "endpoint": named.url if named else None,
        "cache": str(cli_cache),
        "source": _keys(source) if source is not None else None,
    }
    answer = ask([call])[0]
    key, new = answer.fields.get("key"), answer.fields.get("new")
    key = key if isinstance(key, str) and KEY.fullmatch(key) else ""
    _write(cli_cache, new if isinstance(new, dict) else {})
    if not answer.good:
        return Assumed(_judged(profile, answer), None, key)
    found = role_of(answer.fields.get("document"))
    credentials = RoleCredentials(*found) if found is not None else None
    return Assumed(Outcome(Result.DONE) if credentials else broken(), credentials, key)


def read(cli_cache: Path, key: str) -> RoleCredentials | None:
    """Return what the cache holds under a key, whatever its end; None where there is nothing that can be read."""
    try:
        found = read_role(files.read(cli_cache / f"{key}.json", MOST_BYTES))
    except files.FileTrouble:
        return None
    return RoleCredentials(*found) if found is not None else None


def _keys(source: RoleCredentials) -> dict[str, str]:
    return {
        "access_key": source.access_key_id,
        "secret_key": source.secret_access_key,
        "token": source.session_token,
    }


def _write(cli_cache: Path, documents: Mapping[str, object]) -> None:
    """Put each document into the cache, 0600 and whole; a cache that cannot be written costs only the next call."""
    try:
        for key, document in documents.items():
            if KEY.fullmatch(key):
                cli_cache.mkdir(mode=0o700, parents=True, exist_ok=True)
                files.replace(cli_cache / f"{key}.json", json.dumps(document).encode())
    except (OSError, files.FileTrouble):
        return


def _judged(profile: Profile, answer: Answer) -> Outcome:
    """Return what an answer of STS means; each sentence names what to look at, and none repeats what was answered."""
    role = answer.fields.get("role") or profile.assumes
    said = {
        NO_SOURCE: (Result.CANNOT, "the session's role credentials are needed first"),
        MFA: (Result.CANNOT, f"the role {profile.assumes!r} asks for a code of an MFA device (mfa_serial)"),
        SETTINGS: (Result.CANNOT, "AWS tools refuse the profile: look at its role_arn, source_profile and region"),
    }
    if answer.failure in said:
        return Outcome(said[answer.failure][0], answer.failure, said[answer.failure][1])
    general = judged(answer)
    if answer.failure or answer.page or general.result in {Result.TRANSIENT, Result.THROTTLED}:
        return general
    if answer.error in NAMED:
        return Outcome(NAMED[answer.error][0], answer.error, NAMED[answer.error][1])
    if answer.error.startswith("AccessDenied"):
        return Outcome(
            Result.FORBIDDEN,
            answer.error,
            f"AWS does not let the role {profile.role!r} of your sign-in assume {role!r} (AccessDenied): its trust "
            "policy, its external_id or your permission for sts:AssumeRole does not suit",
        )
    return general
