"""The profiles and sessions that a parsed AWS config means. Pure.

Law: botocore has parsed it; here it is only read, by botocore's rules (facts: Config). A profile that ends in a session
is followed through ``source_profile``; what cannot be meant is a problem that says what to do.
"""

from collections.abc import Mapping
from hashlib import sha1

from keeplit.core.model import Credential, Kind, Problem, Profile, Session

Section = Mapping[str, object]
Sections = Mapping[str, Section]
MOST_STEPS = 10
START_URL, REGION = "sso_start_url", "sso_region"


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
        end, steps = _end_of_chain(name, profiles)
        problem = _wrong(name, section, by_key) or (_loop(name) if end is None else None)
        if problem is not None:
            problems.append(problem)
        final = profiles.get(end or name, {})
        key = _session_key(final)
        if key in by_key and end is not None:
            found.append(
                Profile(
                    name,
                    Credential.SSO,
                    key,
                    text(final, "sso_account_id"),
                    text(final, "sso_role_name"),
                    text(section, "region") or text(final, "region"),
                    text(section, "role_arn") if steps else "",
                )
            )
        else:
            found.append(Profile(name, _kind(final), region=text(section, "region")))
    return tuple(found), tuple(problems)


def _end_of_chain(name: str, profiles: Sections) -> tuple[str | None, int]:
    """Follow ``source_profile`` from `name`; None where it runs in a circle. A role of itself ends where it stands."""
    at = name
    for step in range(MOST_STEPS):
        section = profiles.get(at, {})
        source = text(section, "source_profile")
        if not text(section, "role_arn") or not source or source == at or _session_key(section):
            return at, step
        at = source
    return None, MOST_STEPS


def _session_key(section: Section) -> str:
    named = text(section, "sso_session")
    if named:
        return cache_key(named)
    start_url = text(section, START_URL)
    return cache_key(start_url) if start_url and text(section, REGION) else ""


def _kind(section: Section) -> Credential:
    """Return where the credentials of a profile without a session come from, in botocore's order of providers."""
    if text(section, "web_identity_token_file"):
        return Credential.WEB_IDENTITY
    if text(section, "login_session"):
        return Credential.CONSOLE_LOGIN
    if text(section, "aws_access_key_id"):
        return Credential.KEYS
    if text(section, "credential_process"):
        return Credential.PROCESS
    return Credential.OTHER


def _loop(name: str) -> Problem:
    return Problem(
        "profile_loop",
        f"The profile {name!r} follows source_profile in a circle.",
        "let one profile of the chain have credentials of its own",
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
            f"add [sso-session {named}] with sso_start_url and sso_region, or correct the name",
            name,
        )
    for key, right in ((START_URL, session.start_url), (REGION, session.region)):
        left = text(section, key)
        if left and left != right:
            return Problem(
                "profile_contradicts_session",
                f"The profile {name!r} has another {key} than its sso-session {named!r}, and AWS tools refuse that.",
                f"remove {key} from [profile {name}]",
                name,
            )
    return None
