"""The nouns of what is done: actions, their outcomes, troubles, and the plan of one turn.

Law: frozen and without a secret, as in `keeplit.core.model`. Every action carries a reason code and one sentence.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from keeplit.core.model import Token
from keeplit.core.settings_model import Edit


class Do(StrEnum):
    """The outward actions."""

    REFRESH = "refresh"
    BRIDGE = "bridge"
    SIGN_IN = "sign_in"
    EXTEND = "extend"
    LOGOUT = "logout"
    NOTIFY = "notify"
    EDIT_SETTINGS = "edit_settings"  # of Claude Code; its session is empty, its token the digest of the file


class Notice(StrEnum):
    """The notices a person can be shown."""

    SIGNING_IN = "signing_in"
    IN_BROWSER = "in_browser"  # what the page of a sign-in that runs must show
    SIGN_IN_NEEDED = "sign_in_needed"
    EXPIRING = "expiring"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    END_DID_NOT_MOVE = "end_did_not_move"
    SETTINGS_QUESTION = "settings_question"
    SETTINGS_REPAIRED = "settings_repaired"


SETTINGS_NOTICES = frozenset({Notice.SETTINGS_QUESTION, Notice.SETTINGS_REPAIRED})


@dataclass(frozen=True, slots=True)
class Action:
    """One outward action for one session: its reason code and sentence, and the token digest it was decided on."""

    do: Do
    session: str
    reason: str
    sentence: str
    token: str = ""
    asked: bool = False
    wish: str = ""
    not_after: datetime | None = None  # a request that is later than this is not done any more
    notice: Notice | None = None
    about: datetime | None = None  # the end, or the moment, that a notice tells of
    edits: tuple[Edit, ...] = ()  # the keys to be written, for `EDIT_SETTINGS`


class Result(StrEnum):
    """What came of an action: the answers of the facts' table, and what our own files said."""

    DONE = "done"
    SUPERSEDED = "superseded"  # someone else renewed it meanwhile
    STALE = "stale"  # the token is no longer the one that was decided on; nothing was done
    OVER = "over"  # InvalidGrant or ExpiredToken, twice
    REGISTRATION_DEAD = "registration_dead"
    REFUSED = "refused"  # AccessDenied, InvalidRequest, any unnamed 4xx
    TRANSIENT = "transient"
    THROTTLED = "throttled"
    REJECTED = "rejected"  # the portal answered 401: the token is dead, whatever its date says
    FORBIDDEN = "forbidden"  # the portal answered 403: the role or assignment
    NOT_WRITABLE = "not_writable"
    NOT_SHOWN = "not_shown"  # a notice that could not be shown
    CANNOT = "cannot"  # no way to do it here
    UNEXPECTED = "unexpected"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an action. `code` is the service's own word, `detail` one sentence; neither holds a secret."""

    result: Result
    code: str = ""
    detail: str = ""
    retry_after: timedelta | None = None
    token: Token | None = None
    life: timedelta | None = None  # the service's expiresIn
    roles: int = 0  # role credentials taken by a bridge
    skew: timedelta | None = None  # how far AWS's clock was ahead of ours; None: no answer said


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is not as it should be: a code of the catalogue and what fills its sentence."""

    code: str
    session: str = ""
    detail: str = ""
    fix: str = ""
    light: bool = False  # info only: the token still lives


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do now, when to look again, and what is wrong."""

    actions: tuple[Action, ...]
    wake_at: datetime
    troubles: tuple[Trouble, ...] = ()
    watch_person: bool = False  # a sign-in waits for a person: look for one every 5 s
    next_actions: tuple[tuple[str, str, datetime], ...] = ()  # (session key, reason, when)
