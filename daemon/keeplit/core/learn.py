"""What came of an action, taken into memory. Pure; with `notice` the only maker of memories.

Law: whatever the outcome, the same action is not planned again at once: every branch leaves a back-off, a conclusion
about the token, or a cause that has been told.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from keeplit.core.arrivals import Arrival, new_token, same_token
from keeplit.core.backoff import LONGEST_BACKOFF, Backoff
from keeplit.core.causes import NEEDED, needs_sign_in
from keeplit.core.clocks import NO_MEMORY
from keeplit.core.deeds import SETTINGS_NOTICES, Action, Do, Notice, Outcome, Result
from keeplit.core.memory import Answer, Memory, SessionMemory
from keeplit.core.settings_memory import learned, told
from keeplit.core.unshown import after

FIRST_DELAY = timedelta(seconds=5)
LONGEST_TRANSIENT = timedelta(seconds=60)
REFUSED_DELAY = timedelta(minutes=5)
SPREAD = 0.2
MOST_TOLD = 20
MOST_ANSWERS = 200
LATE = timedelta(seconds=1)
MOST_STARTS = 2
SAME_SKEW = timedelta(seconds=10)


def learn(memory: Memory, action: Action, outcome: Outcome, now: datetime) -> Memory:
    """Return the memory after `action` came out as `outcome` at `now` (aware UTC)."""
    if action.do is Do.EDIT_SETTINGS:
        failed = backed_off(memory.settings.write, outcome, 0.0, now)
        return replace(memory, settings=learned(memory.settings, action, outcome, failed, now))
    if action.do is Do.NOTIFY:
        memory = after(memory, action, outcome, now)
    if action.notice in SETTINGS_NOTICES:
        return replace(memory, settings=told(memory.settings, action.reason))
    session = memory.sessions.get(action.session, NO_MEMORY)
    match action.do:
        case Do.REFRESH:
            session = _refreshed(session, action, outcome, now)
        case Do.BRIDGE:
            session = _bridged(session, action, outcome, now)
        case Do.SIGN_IN | Do.EXTEND:
            session = _sign_in_started(session, action, outcome, now)
        case Do.LOGOUT:
            session = _signed_out(session, outcome)
        case Do.NOTIFY:
            session = _told(session, action, now)
        case _ as never:
            assert_never(never)
    if outcome.skew is not None and not _as_before(session.skew, outcome.skew):
        session = replace(session, skew=outcome.skew)
    if action.asked:
        session = replace(session, asked=None)
    if action.wish:
        state = "done" if outcome.result in {Result.DONE, Result.SUPERSEDED} else "failed"
        memory = answered(memory, Answer(action.wish, state, str(outcome.result)))
    return replace(memory, sessions={**memory.sessions, action.session: session})


def _as_before(known: timedelta, skew: timedelta) -> bool:
    """Whether two clocks are as far apart as they were; an answer takes seconds, and is no reason to write a file."""
    return abs(known.total_seconds() - skew.total_seconds()) <= SAME_SKEW.total_seconds()


def answered(memory: Memory, answer: Answer) -> Memory:
    """Return the memory with one more answer; an earlier one of the same wish gives way, who waits with it hears it."""
    others = tuple(a for a in memory.answers if a.id != answer.id)
    if answer.state != "waiting":
        with_it = ("waiting", answer.id)
        others = tuple(replace(answer, id=a.id) if (a.state, a.code) == with_it else a for a in others)
    return replace(memory, answers=(*others, answer)[-MOST_ANSWERS:])


def _refreshed(memory: SessionMemory, action: Action, outcome: Outcome, now: datetime) -> SessionMemory:
    """Take in the answer to a silent refresh."""
    match outcome.result:
        case Result.DONE | Result.SUPERSEDED:
            failed = Backoff(0, now, FIRST_DELAY)
            if outcome.token is None:
                return replace(memory, refresh=failed)
            if outcome.token.digest == memory.token:
                renewed = same_token(memory, outcome.token, now) if outcome.result is Result.DONE else memory
                return replace(renewed, refresh=failed)
            how = Arrival.REFRESH if outcome.result is Result.DONE else Arrival.OUTSIDE
            return replace(new_token(memory, outcome.token, how, now, life=outcome.life), refresh=failed)
        case Result.OVER:
            return replace(
                memory,
                refused=action.token,
                refresh=Backoff(),
                ends_at=memory.last_good_at or memory.ends_at,
                length=_length_at_refusal(memory, now),
            )
        case Result.REGISTRATION_DEAD:
            return replace(memory, dead_registration=action.token, refresh=Backoff())
        case _:
            return replace(memory, refresh=backed_off(memory.refresh, outcome, memory.jitter, now))


def _length_at_refusal(memory: SessionMemory, now: datetime) -> timedelta | None:
    """Return the length learned from a refusal: the start of the interval in which the sign-in ended.

    What was learned before stays where it lies in that interval; a beginning that is not known gives a lower bound.
    """
    known = memory.length
    if memory.signed_in_at is None or memory.last_good_at is None or memory.last_good_at <= memory.signed_in_at:
        return known
    least = memory.last_good_at - memory.signed_in_at
    if known is not None and least <= known <= now - memory.signed_in_at:
        return known
    if memory.began_after_end:
        return least
    return None if known is not None and least > known else known


def _bridged(memory: SessionMemory, action: Action, outcome: Outcome, now: datetime) -> SessionMemory:
    """Take in what the portal said to taking role credentials."""
    match outcome.result:
        case Result.DONE | Result.FORBIDDEN:
            note = Backoff(0, now, FIRST_DELAY, str(outcome.result), outcome.code, outcome.detail)
            return replace(memory, bridged=action.token, bridged_at=now, bridge=note)
        case Result.REJECTED:
            return replace(memory, rejected=action.token, bridge=Backoff())
        case _:
            return replace(memory, bridge=backed_off(memory.bridge, outcome, memory.jitter, now))


def _sign_in_started(memory: SessionMemory, action: Action, outcome: Outcome, now: datetime) -> SessionMemory:
    """Note that a runner was started. What became of it is a fact that `notice` reads."""
    memory = replace(memory, announced="", announced_at=None)
    match outcome.result:
        case Result.DONE:
            start = Backoff(0, now, FIRST_DELAY)
        case Result.STALE:
            return replace(memory, start=backed_off(memory.start, outcome, memory.jitter, now))
        case _:
            # Nothing opened, as far as is known. One more try in five minutes, then a person has to: not a notice
            # of a browser every five minutes that never opens. `status` says why.
            start = Backoff(
                memory.start.failures + 1, now, LONGEST_BACKOFF, str(outcome.result), outcome.code, outcome.detail
            )
    opened = outcome.result in {Result.DONE, Result.UNEXPECTED} or start.failures >= MOST_STARTS
    return replace(memory, start=start, spent=action.token if opened and not action.asked else memory.spent)


def _signed_out(memory: SessionMemory, outcome: Outcome) -> SessionMemory:
    """Note that a person signed out: they need no notice that nobody is signed in."""
    return replace(memory, told=(*memory.told, NEEDED)) if outcome.result is Result.DONE else memory


def _told(memory: SessionMemory, action: Action, now: datetime) -> SessionMemory:
    """Note that a person was told, or could not be: either way it is not said again."""
    if action.notice is Notice.SIGNING_IN:
        return replace(memory, announced=action.token, announced_at=now)
    causes = (*memory.told, action.reason)
    if action.notice in {Notice.SIGN_IN_FAILED, Notice.SIGN_IN_NEEDED}:
        causes = (*causes, needs_sign_in(memory, reminder=False))
    reminder = memory.reminder and action.notice is not Notice.SIGN_IN_NEEDED
    return replace(memory, told=causes[-MOST_TOLD:], reminder=reminder)


def backed_off(before: Backoff, outcome: Outcome, jitter: float, now: datetime) -> Backoff:
    """Return the back-off after one more failure: 5 s doubling to 60 s, ±20 %; as told when throttled; else 5 min."""
    failures = max(0, before.failures)
    spread = 1 + SPREAD * (jitter if -1 <= jitter <= 1 else 0.0)
    doubling = min(LONGEST_TRANSIENT, FIRST_DELAY * 2 ** min(failures, 6)) * spread
    match outcome.result:
        case Result.STALE:
            delay = LATE
        case Result.THROTTLED if outcome.retry_after is not None:
            delay = max(LATE, min(outcome.retry_after, LONGEST_BACKOFF))
        case Result.REFUSED | Result.CANNOT | Result.FORBIDDEN:
            delay = REFUSED_DELAY
        case _:
            delay = doubling
    return Backoff(failures + 1, now, delay, str(outcome.result), outcome.code, outcome.detail)
