"""The nouns of what is seen and wanted: sessions, tokens, sign-ins, the desk, wishes, the policy, the facts of a turn.

Law: everything here is frozen and holds no secret. A token is known by the digest of its access token, a session by its
*key*, the stem of its file in AWS's token cache (``sha1`` of the session's name, or of the start URL for a legacy one).
Times are aware UTC datetimes. What is done is in `keeplit.core.deeds`, what is remembered in `keeplit.core.memory`.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from keeplit.core.settings_model import Settings

ZERO = timedelta(0)
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)


class Kind(StrEnum):
    """How a session is written in the AWS config."""

    SSO_SESSION = "sso-session"
    LEGACY = "legacy"


ACCOUNT_ACCESS = "sso:account:access"
"""The scope without which the sign-in by a code brings no refresh token."""


@dataclass(frozen=True, slots=True)
class Session:
    """An IAM Identity Center session of the AWS config; `key` names its token file."""

    key: str
    name: str
    kind: Kind
    start_url: str
    region: str
    scopes: tuple[str, ...] = ()


def portal(start_url: str) -> str:
    """Return a start URL without what tools add at its end: its spellings are one portal and one sign-in."""
    return start_url.removesuffix("#/").removesuffix("#").rstrip("/")


class Credential(StrEnum):
    """Where a profile's credentials come from; all but `SSO` have nothing for keeplit to renew."""

    SSO = "sso"
    KEYS = "keys"
    WEB_IDENTITY = "web-identity"
    CONSOLE_LOGIN = "aws-login"
    PROCESS = "credential-process"
    API_KEY = "api-key"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile of the AWS config; `session` is the key of the session that it, or its `source_profile`, ends in."""

    name: str
    credential: Credential
    session: str = ""
    account: str = ""
    role: str = ""
    region: str = ""
    assumes: str = ""  # the role_arn assumed on top of the session's role, if any


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file a person wrote: where, what, and what to do next."""

    code: str
    sentence: str
    fix: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """What a token file says, without its secrets."""

    digest: str
    expires_at: datetime
    refreshable: bool = False
    registration_expires_at: datetime | None = None


class Reading(StrEnum):
    """How reading a token file went."""

    PRESENT = "present"
    ABSENT = "absent"
    TORN = "torn"  # empty, half or not JSON: normal for a moment while another tool writes
    FOREIGN = "foreign"  # a start URL or region other than the config's


@dataclass(frozen=True, slots=True)
class Role:
    """A profile in use and when the role credentials in the AWS CLI's cache end; None where there are none."""

    profile: str
    account: str
    role: str
    expires_at: datetime | None = None


class SignInCode(StrEnum):
    """How a sign-in stands or ended."""

    RUNNING = "running"
    SIGNED_IN = "signed_in"
    DENIED = "denied"
    CLOSED = "closed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    OFFLINE = "offline"
    NO_BROWSER = "no_browser"
    CACHE_NOT_WRITABLE = "cache_not_writable"
    MISCONFIGURED = "misconfigured"
    REGISTRATION_DEAD = "registration_dead"  # AWS no longer knows, or does not take, the client that asked
    NOT_ENDED = "not_ended"  # an extension whose old sign-in could not be ended: nothing else was begun
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SignIn:
    """The record of a sign-in that runs or ended: who asked, and for which (ended) token it was begun."""

    id: str
    session: str
    start_url: str
    started_at: datetime
    asked: bool = True
    fresh: bool = False  # the old sign-in was logged out first: the end moves
    token: str = ""
    code: SignInCode = SignInCode.RUNNING
    ended_at: datetime | None = None
    detail: str = ""
    has_page: bool = False  # a page waits in the browser; its address and code are no facts

    @property
    def running(self) -> bool:
        """Whether its runner still lives."""
        return self.code is SignInCode.RUNNING


@dataclass(frozen=True, slots=True)
class Seen:
    """A session in use as it is seen now."""

    session: Session
    reading: Reading
    token: Token | None = None
    roles: tuple[Role, ...] = ()
    sign_in: SignIn | None = None
    writable: bool = True


class Network(StrEnum):
    """What is known of the network; only a known `DOWN` keeps a browser shut."""

    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Desk:
    """What is known of the person and the machine. `last_input_at` None: presence cannot be known here."""

    last_input_at: datetime | None = None
    locked: bool = False
    woke_at: datetime | None = None
    network: Network = Network.UNKNOWN
    utc_offset: timedelta = ZERO
    notices: bool | None = None  # whether somebody shows notices; None: not known
    blind: str = ""  # why presence cannot be known here, a sentence


class Verb(StrEnum):
    """What a wish can ask for; there is no verb that says how."""

    SIGN_IN = "sign_in"
    REFRESH = "refresh"
    EXTEND = "extend"
    LOGOUT = "logout"
    PAUSE = "pause"
    RESUME = "resume"
    LATER = "later"
    NOT_TODAY = "not_today"
    CANCEL = "cancel"
    REJECTED = "rejected"
    STOP = "stop"  # the daemon ends


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish of an interface. `duration` belongs to pause and later, `token` (a digest) to rejected."""

    id: str
    verb: Verb
    session: str = ""
    duration: timedelta | None = None
    token: str = ""
    not_after: datetime | None = None


class Mode(StrEnum):
    """Who may open a browser."""

    AUTO = "auto"
    ASK = "ask"
    NEVER = "never"


class Extend(StrEnum):
    """Whether the day may be extended by a logout and a new sign-in before the session's end."""

    ASK = "ask"
    AUTO = "auto"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Policy:
    """What `config.toml` says about signing in and telling."""

    mode: Mode = Mode.AUTO
    always_present: bool = False
    quiet: tuple[time, time] | None = None
    lead: timedelta = timedelta(minutes=10)
    extend: Extend = Extend.ASK
    notify: bool = True
    warn_before: tuple[timedelta, ...] = (timedelta(minutes=30), timedelta(minutes=10))


@dataclass(frozen=True, slots=True)
class Facts:
    """All that one turn saw."""

    sessions: tuple[Seen, ...] = ()
    desk: Desk = field(default_factory=Desk)
    policy: Policy = field(default_factory=Policy)
    wishes: tuple[Wish, ...] = ()
    problems: tuple[Problem, ...] = ()
    other_sign_ins: tuple[SignIn, ...] = ()  # running ones of sessions that are not in use
    starting: bool = False  # the first turn: a token already in its file was not seen to appear
    settings: Settings = field(default_factory=Settings)
