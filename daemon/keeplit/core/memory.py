"""What is remembered from turn to turn; only `notice` and `learn` make a new one.

Law: a memory may be lost, wrong, old or from the future, and nothing due stops for it: every remembered delay is read
through `Backoff.until`, which bounds it, and whatever was concluded about a token is bound to that token's digest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from keeplit.core.backoff import Backoff
from keeplit.core.model import ZERO, Verb
from keeplit.core.settings_model import SettingsMemory


@dataclass(frozen=True, slots=True)
class Asked:
    """A person's request that waits for its action."""

    verb: Verb
    wish: str
    not_after: datetime


@dataclass(frozen=True, slots=True)
class SessionMemory:
    """What is remembered of one session. Fields that name a token hold its digest; empty: none."""

    # the token of the file
    token: str = ""
    first_seen_at: datetime | None = None
    token_end: datetime | None = None
    life: timedelta = timedelta(hours=1)
    jitter: float = 0.0  # -1 .. 1, drawn once per token
    torn_since: datetime | None = None
    # what was concluded about a token
    refused: str = ""  # the sign-in behind it is over
    dead_registration: str = ""
    rejected: str = ""  # the portal answered 401
    capped: str = ""  # its end is the sign-in's end
    # the sign-in
    signed_in_at: datetime | None = None
    began_after_end: bool = False  # begun after a known end: its length can be learned
    last_good_at: datetime | None = None
    ends_at: datetime | None = None  # known end of the running sign-in
    length: timedelta | None = None  # learned length of a sign-in
    end_did_not_move: bool = False  # a login before the end did not move it
    # attempts
    refresh: Backoff = field(default_factory=Backoff)
    bridge: Backoff = field(default_factory=Backoff)
    bridged: str = ""
    bridged_at: datetime | None = None
    start: Backoff = field(default_factory=Backoff)  # starting a sign-in
    # people
    asked: Asked | None = None
    announced: str = ""  # the token whose sign-in was announced, and when
    announced_at: datetime | None = None
    spent: str = ""  # the ended token that has had its unasked browser
    told: tuple[str, ...] = ()  # notices shown, by their cause
    later_until: datetime | None = None
    reminder: bool = False  # one more notice after `later_until`
    not_before: datetime | None = None  # "not today": none before local midnight
    sign_in: str = ""  # the last sign-in whose end was noticed
    # the machine
    skew: timedelta = ZERO  # how far AWS's clock was ahead of ours at its last answer, to some seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a wish."""

    id: str
    state: str  # waiting | done | failed | expired | refused
    code: str = ""


@dataclass(frozen=True, slots=True)
class Unshown:
    """A notice that the desktop did not show, and why; `keeplit.core.unshown` has its rules."""

    cause: str
    at: datetime
    session: str = ""  # its key; empty: about Claude Code's settings
    notice: str = ""
    sentence: str = ""
    about: datetime | None = None
    why: str = ""
    tries: int = 1


@dataclass(frozen=True, slots=True)
class Memory:
    """All that is remembered."""

    sessions: Mapping[str, SessionMemory] = field(default_factory=dict)
    paused_until: datetime | None = None
    answers: tuple[Answer, ...] = ()
    settings: SettingsMemory = field(default_factory=SettingsMemory)
    unshown: tuple[Unshown, ...] = ()
