"""What `keeplit setup` is told, by flags and by a person: one noun, and which way it then goes. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from keeplit.core.model import Credential, Kind, Profile, Session


@dataclass(frozen=True, slots=True)
class Answers:
    """Every answer; empty, and None: not given. What belongs to a new profile alone is empty for one that is there."""

    profile: str = ""
    start_url: str = ""
    sso_region: str = ""
    session: str = ""
    account: str = ""
    role: str = ""
    upgrade: bool | None = None  # of a legacy profile
    region: str = ""
    model: str = ""
    haiku: str = ""
    residency: str = ""
    isolate: bool | None = None
    replace_helpers: bool | None = None
    statusline: bool | None = None
    autostart: bool | None = None


class Way(StrEnum):
    """What is to be done about the profile."""

    NEW = "new"  # an sso-session, if need be, and a profile are written
    EXISTING = "existing"  # it is taken as it is
    UPGRADE = "upgrade"  # its start URL moves into an sso-session
    OTHER = "other"  # it has other credentials: nothing of it is renewed


@dataclass(frozen=True, slots=True)
class Found:
    """What is there already: the AWS config, what Claude Code uses, and what keeplit is for."""

    sessions: tuple[Session, ...] = ()
    profiles: tuple[Profile, ...] = ()
    profile: str = ""  # that Claude Code uses now
    region: str = ""
    model: str = ""
    haiku: str = ""
    isolate: bool = False
    foreign_refresh: str = ""  # a command of the person's own in awsAuthRefresh
    kept: bool = False  # Claude Code calls keeplit already
    starts: bool = False  # it starts at login already
    row: bool = False  # keeplit's row stands in its status line
    rivals: tuple[str, ...] = ()  # keys of the settings that bypass every profile

    def profile_of(self, name: str) -> Profile | None:
        """Return a profile by its name."""
        return next((one for one in self.profiles if one.name == name), None)

    def session_of(self, profile: Profile) -> Session | None:
        """Return the session that a profile ends in."""
        return next((one for one in self.sessions if one.key == profile.session), None)

    @property
    def signing_in(self) -> tuple[Profile, ...]:
        """Return the profiles that end in a session and name a role."""
        keys = {one.key for one in self.sessions}
        return tuple(one for one in self.profiles if one.session in keys and one.account and one.role)


def unasked_profile(found: Found, given: Answers) -> str:
    """Return the profile that need not be asked about; empty where a person chooses, or a new one is made."""
    if given.profile or given.start_url:
        return given.profile if not given.start_url else ""
    used = found.profile_of(found.profile)
    if used is not None:
        return used.name
    able = found.signing_in
    return able[0].name if len(able) == 1 else ""


def way(found: Found, answers: Answers) -> Way:
    """Return what is to be done about the profile of the answers."""
    there = found.profile_of(answers.profile)
    if answers.start_url or there is None:
        return Way.NEW
    session = found.session_of(there)
    if session is None:
        return Way.OTHER
    return Way.UPGRADE if session.kind is Kind.LEGACY and answers.upgrade is not False else Way.EXISTING


NEVER_RENEWED = {
    Credential.KEYS: "access keys: nothing renews them, and keeplit has nothing to do; better: an SSO profile",
    Credential.WEB_IDENTITY: "a web identity token: whoever gives it renews it, not keeplit",
    Credential.CONSOLE_LOGIN: "`aws login`: the AWS CLI renews it for up to 12 hours, not keeplit",
    Credential.PROCESS: "a credential_process: it renews by itself, not by keeplit",
    Credential.API_KEY: "a Bedrock API key: nothing renews it",
    Credential.OTHER: "no sign-in of its own: nothing of it is renewed by keeplit",
}
"""What is said of a profile with other credentials."""


def never_renewed(profile: Profile) -> str:
    """Return what is never renewed for a profile; empty for one that signs in."""
    why = NEVER_RENEWED.get(profile.credential)
    return f"The profile {profile.name!r} has {why}." if why else ""
