"""The two clocks of one session, derived: when its token is due, whether it can be renewed, when its sign-in ends.

Law: everything is computed from the facts and what is remembered, never stored; a conclusion about a token counts only
for the token whose digest it names. Source of the figures: section 3 of the design.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from keeplit.core import plausible
from keeplit.core.memory import Memory, SessionMemory
from keeplit.core.model import Extend, Facts, Kind, Reading, Seen, Token, portal

HOUR = timedelta(hours=1)
LONGEST_MARGIN = timedelta(minutes=30)
JITTER = 0.1
DEFAULT_LENGTH = timedelta(hours=8)
LEGACY_LIFE = timedelta(hours=8)
AFTER_END = timedelta(seconds=5)
NOTICE_TIME = timedelta(seconds=20)
BRIDGE_LEAD = timedelta(minutes=2)
ANNOUNCEMENT_HOLDS = timedelta(minutes=1)
CLOCK_SLACK = timedelta(minutes=5)
TORN_FOR = timedelta(seconds=2)
NO_MEMORY = SessionMemory()


class Certainty(StrEnum):
    """How well the end of a sign-in is known."""

    KNOWN = "known"
    LEARNED = "learned"
    ESTIMATED = "estimated"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Case:
    """One session in use at one moment: what is seen of it, what is remembered of it, and everything else seen.

    `token` is there where the file could be read and is this session's. Every rule asks for it and for `renews`: they
    are derived once, since with hundreds of sessions a turn spent a third of its time on deriving them again.
    """

    seen: Seen
    memory: SessionMemory
    facts: Facts
    now: datetime
    paused: bool = False
    promised: frozenset[str] = frozenset()  # portals for which another session's browser was announced just now
    token: Token | None = field(init=False)
    renews: bool = field(init=False)

    def __post_init__(self) -> None:
        """Derive what every rule asks for."""
        object.__setattr__(self, "token", self.seen.token if self.seen.reading is Reading.PRESENT else None)
        object.__setattr__(self, "renews", _renews(self))

    @property
    def key(self) -> str:
        """The session's key."""
        return self.seen.session.key


def cases(facts: Facts, memory: Memory, now: datetime) -> tuple[Case, ...]:
    """Return a case for each session in use."""
    facts = sound(facts)
    paused = is_paused(memory, now)
    found = tuple(_case(seen, facts, memory, now, paused=paused) for seen in facts.sessions)
    owners: dict[str, str] = {}
    for case in found:
        if announced_at(case) is not None:
            owners.setdefault(portal(case.seen.session.start_url), case.key)
    if not owners:
        return found
    return tuple(
        replace(case, promised=frozenset(url for url, owner in owners.items() if owner != case.key)) for case in found
    )


def case_of(facts: Facts, memory: Memory, now: datetime, key: str) -> Case | None:
    """Return the case of one session by its key; None where it is not in use."""
    seen = next((seen for seen in facts.sessions if seen.session.key == key), None)
    if seen is None:
        return None
    return _case(seen, sound(facts), memory, now, paused=is_paused(memory, now))


def sound(facts: Facts) -> Facts:
    """Return the facts with a policy and a desk that can be reckoned with."""
    policy, desk = plausible.policy(facts.policy), plausible.desk(facts.desk)
    if policy is facts.policy and desk is facts.desk:
        return facts
    return replace(facts, policy=policy, desk=desk)


def _case(seen: Seen, facts: Facts, memory: Memory, now: datetime, *, paused: bool) -> Case:
    remembered = plausible.remembered(memory.sessions.get(seen.session.key, NO_MEMORY))
    return Case(plausible.seen(seen), remembered, facts, now, paused)


def is_paused(memory: Memory, now: datetime) -> bool:
    """Whether unasked browsers, notices and settings writes are paused; silent refresh never is."""
    return memory.paused_until is not None and memory.paused_until > now


def usual_life(kind: Kind) -> timedelta:
    """Return how long a token is taken to live when it was not seen to appear."""
    return LEGACY_LIFE if kind is Kind.LEGACY else HOUR


def life(memory: SessionMemory) -> timedelta:
    """Return how long the token lives as a whole, as far as is remembered."""
    return memory.life if memory.life > timedelta(0) else HOUR


def margin(memory: SessionMemory) -> timedelta:
    """Return how long before its end a token is renewed: 30 min or half its life, jittered once per token."""
    jitter = memory.jitter if -1 <= memory.jitter <= 1 else 0.0
    return min(LONGEST_MARGIN, life(memory) / 2) * (1 + JITTER * jitter)


def refused(case: Case) -> bool:
    """Whether the service said that the sign-in behind this token is over."""
    return case.token is not None and case.memory.refused == case.token.digest


def rejected(case: Case) -> bool:
    """Whether the portal refused this token before its time; that it refuses an expired one says nothing."""
    token = case.token
    return token is not None and case.memory.rejected == token.digest and token.expires_at > case.now


def capped(case: Case) -> bool:
    """Whether this token's end is proven to be the sign-in's end."""
    return case.token is not None and case.memory.capped == case.token.digest


def registration_dead(case: Case) -> bool:
    """Whether the client registration behind this token can renew nothing any more."""
    token = case.token
    if token is None:
        return False
    over = token.registration_expires_at is not None and token.registration_expires_at <= case.now
    return over or case.memory.dead_registration == token.digest


def renewable(case: Case) -> bool:
    """Whether this token can be renewed without a person."""
    return case.renews


def _renews(case: Case) -> bool:
    token = case.token
    return (
        token is not None
        and token.refreshable
        and not refused(case)
        and not registration_dead(case)
        and (rejected(case) or not capped(case))
    )


def refresh_due_at(case: Case) -> datetime | None:
    """Return when this token is to be renewed silently; None where it cannot be."""
    token = case.token
    if token is None or not renewable(case):
        return None
    return case.now if rejected(case) or _clock_was_set_back(case, token) else token.expires_at - margin(case.memory)


def _clock_was_set_back(case: Case, token: Token) -> bool:
    """Whether the token has more left than it lives: then its written end cannot be trusted."""
    known = case.memory.token == token.digest
    return known and token.expires_at - case.now > life(case.memory) + CLOCK_SLACK


def alive(case: Case) -> bool:
    """Whether the token still opens doors, as far as is known."""
    return case.token is not None and case.token.expires_at > case.now and not rejected(case)


def sign_in_due_at(case: Case) -> datetime | None:
    """Return from when a person has to sign in; None while nothing says so, or where there is no token at all."""
    token = case.token
    if token is None or renewable(case):
        return None
    if refused(case) or rejected(case) or (registration_dead(case) and token.refreshable):
        return case.now
    if capped(case) or case.memory.end_did_not_move:
        return token.expires_at + AFTER_END
    return token.expires_at - min(case.facts.policy.lead, life(case.memory) / 2)


def extends_by_itself(case: Case) -> bool:
    """Whether ``extend = "auto"`` meets a known end of this sign-in by a sign-out and a new sign-in before it."""
    end, certainty = end_of_sign_in(case)
    known = certainty in {Certainty.KNOWN, Certainty.LEARNED} and end is not None and end > case.now
    return case.facts.policy.extend is Extend.AUTO and known and alive(case)


def browser_due_at(case: Case) -> datetime | None:
    """Return from when a browser may open by itself; None while nothing says so."""
    end, _ = end_of_sign_in(case)
    if end is not None and extends_by_itself(case):
        return end - case.facts.policy.lead
    return sign_in_due_at(case)


def announced_at(case: Case) -> datetime | None:
    """Return when a browser for this token was announced, while that still holds."""
    at = case.memory.announced_at
    if case.token is None or case.memory.announced != case.token.digest or at is None:
        return None
    return at if at <= case.now <= at + ANNOUNCEMENT_HOLDS else None


def torn_for(case: Case) -> timedelta:
    """Return for how long the token file has been unreadable; nothing where it is not."""
    since = case.memory.torn_since
    return case.now - since if case.seen.reading is Reading.TORN and since is not None else timedelta(0)


def end_of_sign_in(case: Case) -> tuple[datetime | None, Certainty]:
    """Return when the sign-in ends and how well that is known; a refused one has ended.

    A learned or estimated end that passed while the token can still be renewed was none.
    """
    memory = case.memory
    token = case.token
    if token is None:
        return None, Certainty.UNKNOWN
    if refused(case):
        return memory.ends_at, Certainty.UNKNOWN if memory.ends_at is None else Certainty.KNOWN
    if capped(case):
        return token.expires_at, Certainty.KNOWN
    if memory.signed_in_at is None:
        return None, Certainty.UNKNOWN
    certainty = Certainty.ESTIMATED if memory.length is None else Certainty.LEARNED
    end = memory.signed_in_at + (memory.length or DEFAULT_LENGTH)
    return (end, certainty) if end > case.now else (None, Certainty.UNKNOWN)


def work_ends_at(case: Case) -> datetime | None:
    """Return the known moment after which nothing is renewed silently: what warnings and the bridge go by.

    It is the token's end where no refresh can move it, and a learned end of the sign-in; never an estimate.
    """
    token = case.token
    if token is None:
        return None
    if not renewable(case):
        return token.expires_at
    end, certainty = end_of_sign_in(case)
    return end if certainty is Certainty.LEARNED else None
