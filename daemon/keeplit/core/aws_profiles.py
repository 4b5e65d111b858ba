"""The profiles and sessions that a parsed AWS config means. Pure.

Law: botocore has parsed it; here it is only read, by botocore's rules (facts: Config). A profile that ends in a session
is followed through ``source_profile``; what cannot be meant is a problem that says what to do.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha1

from keeplit.core.model import Credential, Kind, Problem, Profile, Session

Section = Mapping[str, object]
Sections = Mapping[str, Section]
KEYS = ("aws_access_key_id", "aws_secret_access_key")
MOST_NAMES = 4096
PLAIN, HARD = re.compile(r"[^\s\"'\\\]]+"), re.compile(r"[\"\\]")
START_URL, REGION = "sso_start_url", "sso_region"


def head(kind: str, name: str) -> str:
    """Return the head of a section as AWS tools read it: its words are split as a shell does."""
    if PLAIN.fullmatch(name):
        return f"[{kind} {name}]"
    if not HARD.search(name):
        return f'[{kind} "{name}"]'
    import shlex  # late: seldom has a name quotes of its own

    return f"[{kind} {shlex.quote(name)}]"


@lru_cache(MOST_NAMES)
def cache_key(name: str) -> str:
    """Return the stem of a token file: ``sha1`` of the session's name, or of a legacy profile's exact start URL."""
    return sha1(name.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def text(section: Section, key: str) -> str:
    """Return a value of a section; empty where it has none or a nested block."""
    value = section.get(key)
    return value if isinstance(value, str) else ""


def sessions_of(sso_sessions: Sections, profiles: Sections) -> tuple[tuple[Session, ...], tuple[Problem, ...]]:
    """Return the sso-sessions, then a legacy session for each start URL that stands inside a profile."""
    problems: list[Problem] = []
    found: dict[str, Session] = {}
    for name, section in sso_sessions.items():
        start_url, region = text(section, START_URL), text(section, REGION)
        if not start_url or not region:
            missing = START_URL if not start_url else REGION
            problems.append(
                Problem(
                    "session_incomplete",
                    f"[sso-session {name}] has no {missing}.",
                    "add it: your AWS access portal shows both under 'Access keys'",
                    name,
                )
            )
            continue
        scopes = tuple(part.strip() for part in text(section, "sso_registration_scopes").split(",") if part.strip())
        key = cache_key(name)
        found[key] = Session(key, name, Kind.SSO_SESSION, start_url, region, scopes)
    for name, section in profiles.items():
        start_url, region = text(section, START_URL), text(section, REGION)
        if start_url and region and not text(section, "sso_session"):
            key = cache_key(start_url)
            found.setdefault(key, Session(key, name, Kind.LEGACY, start_url, region))
    return tuple(found.values()), tuple(problems)


def profiles_of(profiles: Sections, sessions: tuple[Session, ...]) -> tuple[tuple[Profile, ...], tuple[Problem, ...]]:
    """Return the profiles, each with the session that it ends in, if any."""
    by_key = {session.key: session for session in sessions}
    problems: list[Problem] = []
    found: list[Profile] = []
    for name, section in profiles.items():
        final, lost = _end_of_chain(name, profiles)
        problems += [problem for problem in (_wrong(name, section, by_key), lost) if problem is not None]
        key = _session_key(final)
        kind = _kind(final, in_session=key in by_key)
        if kind is Credential.SSO:
            found.append(
                Profile(
                    name,
                    kind,
                    key,
                    text(final, "sso_account_id"),
                    text(final, "sso_role_name"),
                    text(section, "region") or text(final, "region"),
                    text(section, "role_arn") if _assumes(section) else "",
                )
            )
        else:
            found.append(Profile(name, kind, region=text(section, "region")))
    return tuple(found), tuple(problems)


def _assumes(section: Section) -> bool:
    """Whether botocore assumes a role for a profile, whatever else stands in it."""
    return bool(text(section, "role_arn")) and not text(section, "web_identity_token_file")


def _end_of_chain(name: str, profiles: Sections) -> tuple[Section, Problem | None]:
    """Follow ``source_profile`` to the section whose own credentials begin the chain; empty where none do."""
    section = profiles[name]
    passed = {name}
    while _assumes(section):
        source = text(section, "source_profile")
        if not source or text(section, "credential_source"):
            return {}, None
        if source not in profiles:
            return {}, _lost(name, source)
        again = profiles[source]
        own_keys = any(key in again for key in KEYS)
        if source in passed:
            # Only a profile that names itself may: botocore then takes the keys that stand beside its role.
            return (again, None) if again is section and own_keys else ({}, _loop(name))
        if own_keys:
            return again, None
        passed.add(source)
        section = again
    return section, None


def _session_key(section: Section) -> str:
    named = text(section, "sso_session")
    if named:
        return cache_key(named)
    start_url = text(section, START_URL)
    return cache_key(start_url) if start_url and text(section, REGION) else ""


def _kind(section: Section, *, in_session: bool) -> Credential:
    """Return where a profile's credentials come from, in botocore's order of providers; a mere sign-in comes last."""
    if text(section, "web_identity_token_file"):
        return Credential.WEB_IDENTITY
    if in_session and (text(section, "sso_account_id") or text(section, "sso_role_name")):
        return Credential.SSO
    if text(section, "login_session"):
        return Credential.CONSOLE_LOGIN
    if text(section, "aws_access_key_id"):
        return Credential.KEYS
    if text(section, "credential_process"):
        return Credential.PROCESS
    return Credential.SSO if in_session else Credential.OTHER


def _loop(name: str) -> Problem:
    return Problem(
        "profile_loop",
        f"The profile {name!r} follows source_profile in a circle.",
        "let one profile of the chain have credentials of its own",
        name,
    )


def _lost(name: str, source: str) -> Problem:
    return Problem(
        "profile_source_missing",
        f"The profile {name!r} leads to the source_profile {source!r}, which the config does not have.",
        f"add {head('profile', source)}, or correct the name",
        name,
    )


def _wrong(name: str, section: Section, sessions: Mapping[str, Session]) -> Problem | None:
    named = text(section, "sso_session")
    if not named:
        return None
    session = sessions.get(cache_key(named))
    if session is None:
        return Problem(
            "session_missing",
            f"The profile {name!r} names the sso-session {named!r}, which the config does not have.",
            f"add {head('sso-session', named)} with sso_start_url and sso_region, or correct the name",
            name,
        )
    for key, right in ((START_URL, session.start_url), (REGION, session.region)):
        left = text(section, key)
        if left and left != right:
            return Problem(
                "profile_contradicts_session",
                f"The profile {name!r} has another {key} than its sso-session {named!r}, and AWS tools refuse that.",
                f"remove {key} from {head('profile', name)}",
                name,
            )
    return None
