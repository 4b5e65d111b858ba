"""What was seen, taken into memory: new tokens, ended sign-ins, drawn jitter; settings and wishes by their own. Pure.

Law: with `learn` the only maker of memories. Whatever the record of a sign-in says is believed only about the token
that it names.
"""

from dataclasses import replace
from datetime import datetime

from keeplit.core.arrivals import Arrival, began_sign_in, new_token
from keeplit.core.causes import needs_sign_in
from keeplit.core.clocks import NO_MEMORY, usual_life
from keeplit.core.memory import Memory, SessionMemory
from keeplit.core.model import Facts, Reading, Seen, SignInCode, Token
from keeplit.core.settings_memory import noticed

# An ended sign-in that a person began and gave up: it counts as the browser of its token, as an unasked one does.
GIVEN_UP = frozenset({SignInCode.DENIED, SignInCode.CLOSED, SignInCode.TIMED_OUT, SignInCode.CANCELLED})


def notice(memory: Memory, facts: Facts, draw: float, now: datetime) -> Memory:
    """Return the memory after seeing `facts` at `now` (aware UTC); `draw` is this turn's number from [0, 1)."""
    sessions = dict(memory.sessions)
    for seen in facts.sessions:
        before = sessions.get(seen.session.key, NO_MEMORY)
        sessions[seen.session.key] = _seen(before, seen, facts, draw, now)
    settings = noticed(memory.settings, facts.settings, now)
    memory = replace(memory, sessions=sessions, settings=settings)
    if facts.wishes or any(session.asked is not None for session in sessions.values()):
        from keeplit.core.wishes import take_wishes  # late: mostly nobody wishes for anything

        memory = take_wishes(memory, facts, now)
    if memory.unshown:
        from keeplit.core.unshown import again  # late: mostly every notice was shown

        memory = again(memory, facts, now)
    return memory


def _seen(memory: SessionMemory, seen: Seen, facts: Facts, draw: float, now: datetime) -> SessionMemory:
    if seen.reading is Reading.TORN:
        known = memory.torn_since is not None and memory.torn_since <= now
        memory = memory if known else replace(memory, torn_since=now)
    elif seen.token is None or seen.reading is Reading.FOREIGN:
        memory = _gone(memory)
    else:
        memory = memory if memory.torn_since is None else replace(memory, torn_since=None)
        if seen.token.digest != memory.token:
            memory = replace(_arrived(memory, seen, seen.token, facts, now), jitter=jitter(seen.session.key, draw))
        elif seen.token.expires_at != memory.token_end:
            memory = replace(memory, token_end=seen.token.expires_at)
    return _sign_in_noticed(memory, seen)


def jitter(key: str, draw: float) -> float:
    """Return a number of [-1, 1) for one session from the turn's draw: sessions must not all come due together."""
    share = int(key[:8] or "0", 16) / 2**32 if all(c in "0123456789abcdef" for c in key[:8]) else 0.0
    return 2 * ((draw + share) % 1.0) - 1


def _gone(memory: SessionMemory) -> SessionMemory:
    """Forget the token whose file is gone; what is known of its sign-in stays."""
    if not memory.token and memory.torn_since is None:
        return memory
    return replace(memory, token="", token_end=None, first_seen_at=None, torn_since=None, announced="")


def _arrived(memory: SessionMemory, seen: Seen, token: Token, facts: Facts, now: datetime) -> SessionMemory:
    """Take in a token that was not there before, by how it came."""
    record = seen.sign_in
    ended = record is not None and record.code is SignInCode.SIGNED_IN and record.id != memory.sign_in
    if record is not None and (ended or record.running):
        began = began_sign_in(memory, token, record.started_at, now, fresh=record.fresh)
        at = min(record.ended_at or now, now)
        found = facts.starting or memory == NO_MEMORY
        return replace(began, signed_in_at=at, life=usual_life(seen.session.kind)) if found else began
    if facts.starting or memory == NO_MEMORY:
        return new_token(memory, token, Arrival.FOUND, now, life=usual_life(seen.session.kind))
    if not memory.token or _needed_a_person(memory, token):
        return began_sign_in(memory, token, now, now, fresh=False)
    return new_token(memory, token, Arrival.OUTSIDE, now)


def _needed_a_person(memory: SessionMemory, token: Token) -> bool:
    """Whether only a sign-in can have brought the new token: the old one was over, or could not be renewed."""
    concluded = {memory.refused, memory.dead_registration}
    past = memory.capped == memory.token and memory.ends_at is not None and token.expires_at > memory.ends_at
    return memory.token in concluded or past or not token.refreshable


def _sign_in_noticed(memory: SessionMemory, seen: Seen) -> SessionMemory:
    """Take in the record of a sign-in: an unasked one has used up the token it was for, however it ends."""
    record = seen.sign_in
    if record is None or record.id == memory.sign_in:
        return memory
    if record.token and (not record.asked or record.code in GIVEN_UP):
        memory = replace(memory, spent=record.token)
    if record.code is SignInCode.CANCELLED:
        memory = replace(memory, told=(*memory.told, needs_sign_in(memory, reminder=False)))
    return memory if record.running else replace(memory, sign_in=record.id)
