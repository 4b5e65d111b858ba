"""What `keeplit doctor` says of credentials that beat the profile, and where each is set. Pure.

Law: a value is never said, only its name, file and line; and nothing of it is edited, since it is a person's own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from keeplit.core.check import Check
from keeplit.core.doctor_marks import Judge, fail, ok, together, warn
from keeplit.core.settings_keys import is_off

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")
IDENTITY = ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN")
API_KEY = "AWS_BEARER_TOKEN_BEDROCK"
SKIP_AUTH = "CLAUDE_CODE_SKIP_BEDROCK_AUTH"
ANTHROPIC = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")
PROFILE, DEFAULT_PROFILE = "AWS_PROFILE", "AWS_DEFAULT_PROFILE"
WANTED = frozenset({*KEYS, *IDENTITY, API_KEY, SKIP_AUTH, *ANTHROPIC, PROFILE, DEFAULT_PROFILE})
"""The variables whose places are looked for."""


@dataclass(frozen=True, slots=True)
class Rivals:
    """What Claude Code finds in its environment: the variables' values, and where each is set, in words."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)  # some are secret
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shell_profile: str = ""
    profile: str = ""  # that is in use


def aws_keys(seen: Rivals) -> Check:
    """Judge whether keys in the environment beat the profile."""
    found = _named(seen, KEYS[:1] if seen.values.get(KEYS[0]) else KEYS, "beats the profile in every AWS tool", fail)
    found += _named(seen, IDENTITY, "may be used instead of the profile", warn)
    return together("aws_keys", "No AWS keys in the environment beat the profile.", found)


def api_key(seen: Rivals) -> Check:
    """Judge whether a Bedrock API key, or a switch, bypasses the profile."""
    found = _named(seen, (API_KEY,), "is used instead of the profile, and nothing renews it", fail)
    if not is_off(seen.values.get(SKIP_AUTH, "")):
        found += _named(seen, (SKIP_AUTH,), "has Claude Code sign nothing itself: only a gateway can", warn)
    return together("api_key", "No Bedrock API key bypasses the profile.", found)


def anthropic_key(seen: Rivals) -> Check:
    """Judge whether a key of Anthropic's own API is about, with which Claude Code may leave Bedrock."""
    found = _named(seen, ANTHROPIC, "is a key of Anthropic's own API, which Bedrock does not take", warn)
    return together("anthropic_key", "No key of Anthropic's own API is set.", found)


def shell_profile(seen: Rivals) -> Check:
    """Judge whether the shell names another profile than Claude Code uses."""
    code = "shell_profile"
    other = seen.values.get(DEFAULT_PROFILE, "")
    if other and seen.shell_profile and other != seen.shell_profile:
        sentence = f"{PROFILE} and {DEFAULT_PROFILE} name two profiles; AWS's tools differ in which one they take."
        return warn(code, _where(seen, DEFAULT_PROFILE, sentence), f"unset {DEFAULT_PROFILE}")
    if seen.shell_profile and seen.profile and seen.shell_profile != seen.profile:
        sentence = f"Your shell uses the profile {seen.shell_profile!r}, Claude Code {seen.profile!r}."
        return ok(code, sentence)
    return ok(code, "The shell names no other profile than Claude Code uses.")


def _named(seen: Rivals, names: Iterable[str], what: str, mark: Judge) -> list[Check]:
    return [
        mark("", _where(seen, name, f"{name} {what}."), f"take it out where it is set, or: unset {name}")
        for name in names
        if seen.values.get(name)
    ]


def _where(seen: Rivals, name: str, sentence: str) -> str:
    places = seen.places.get(name, ())
    return f"{sentence} It is set in {' and '.join(places)}." if places else sentence


CHECKS = (aws_keys, api_key, anthropic_key, shell_profile)
