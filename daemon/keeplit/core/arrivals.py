"""A new token in the file: whose it is, how long it lives, and what its end proves.

Law: a new digest starts from nothing. What was concluded about the old token lapses by itself, since it names the old
digest; only what belongs to the sign-in behind both goes on.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from keeplit.core.backoff import Backoff
from keeplit.core.causes import NEEDED
from keeplit.core.memory import SessionMemory
from keeplit.core.model import Token

CAP_SHIFT = timedelta(minutes=5)
A_MOMENT = timedelta(seconds=2)


class Arrival(StrEnum):
    """How a token came into its file."""

    REFRESH = "refresh"  # keeplit's own
    OUTSIDE = "outside"  # another tool's refresh
    SIGN_IN = "sign_in"
    FOUND = "found"  # it was there when keeplit looked for the first time


def new_token(
    memory: SessionMemory, token: Token, how: Arrival, now: datetime, *, life: timedelta | None = None
) -> SessionMemory:
    """Return the memory of a session whose file holds `token` since `now`; `life` where the service said it.

    A renewal of ours that hardly moves the end proves that the end is the sign-in's own (section 3, rule 2 of the
    design). Another tool's proves nothing: it may have got its token long before it wrote it.
    """
    remaining = token.expires_at - now
    same_sign_in = how in {Arrival.REFRESH, Arrival.OUTSIDE}
    # One that is dead on arrival is an old copy written back, and proves nothing.
    cap = how is Arrival.REFRESH and remaining > timedelta(0) and _end_stayed(memory, token, now)
    if how is Arrival.OUTSIDE and memory.token_end is not None and memory.token_end <= now:
        # Renewed late by another tool, or signed in by hand: when this sign-in began is not known any more.
        memory = replace(memory, signed_in_at=None, began_after_end=False)
    fresh = replace(
        memory,
        token=token.digest,
        first_seen_at=now,
        token_end=token.expires_at,
        life=max(life or remaining, remaining),
        refresh=Backoff(),
        bridge=Backoff(),
        bridged="",
        bridged_at=None,
        start=Backoff(),
        announced="",
        announced_at=None,
        reminder=False,
        told=tuple(cause for cause in memory.told if not cause.startswith(NEEDED)),
    )
    if same_sign_in:
        fresh = replace(fresh, last_good_at=now)
    return ended_at(fresh, token.expires_at) if cap else fresh


def same_token(memory: SessionMemory, token: Token, now: datetime) -> SessionMemory:
    """Return the memory after a renewal that gave the same access token again; an end that stayed is the sign-in's."""
    again = replace(
        memory,
        token_end=token.expires_at,
        life=max(memory.life, token.expires_at - now),
        last_good_at=now,
    )
    return ended_at(again, token.expires_at) if _end_stayed(memory, token, now) else again


def ended_at(memory: SessionMemory, end: datetime) -> SessionMemory:
    """Return the memory once the end of the sign-in behind its token is proven, its length learned where it can be."""
    length = memory.length
    if memory.signed_in_at is not None and end > memory.signed_in_at:
        seen = end - memory.signed_in_at
        if memory.began_after_end:
            length = seen
        elif length is not None and seen > length:
            length = None  # a lower bound that the learned length does not reach: it was changed
    return replace(memory, capped=memory.token, ends_at=end, length=length)


def began_sign_in(
    memory: SessionMemory, token: Token, started_at: datetime, now: datetime, *, fresh: bool
) -> SessionMemory:
    """Return the memory after a person signed in; `fresh` says that the old sign-in was logged out first.

    A sign-in during a live one reuses it (facts: two clocks), so what is known of its beginning stays. One that was
    begun after the end and still lands on it has had its browser: no second tab for it.
    """
    over = fresh or not memory.token or memory.refused == memory.token
    past = memory.ends_at is not None and started_at >= memory.ends_at
    after_end = fresh or past or (over and bool(memory.token))
    arrived = new_token(memory, token, Arrival.SIGN_IN, now)
    if not fresh and _end_stayed(memory, token, now):
        # The live sign-in was reused: its end is where it was, and known now.
        spent = token.digest if after_end or token.expires_at <= now else ""
        return replace(ended_at(arrived, token.expires_at), end_did_not_move=True, spent=spent, last_good_at=now)
    reused = not over and not after_end and memory.token_end is not None and memory.token_end > now
    return replace(
        arrived,
        signed_in_at=memory.signed_in_at if reused else now,
        last_good_at=now,
        began_after_end=memory.began_after_end if reused else after_end,
        ends_at=None,
        end_did_not_move=memory.end_did_not_move and (over or after_end),
        later_until=None,
        not_before=None,
    )


def _end_stayed(memory: SessionMemory, token: Token, now: datetime) -> bool:
    if not memory.token or memory.token_end is None or memory.first_seen_at is None:
        return False
    return proves_cap(memory.token_end, memory.first_seen_at, token.expires_at, now)


def proves_cap(old_end: datetime, old_since: datetime, new_end: datetime, now: datetime) -> bool:
    """Whether a renewal moved the end so little that the new end must be the sign-in's end.

    A far earlier end proves nothing: the old one was written before the clock was set back. Nor do two that were
    written within a moment by tools that raced: ends are whole seconds.
    """
    elapsed = now - old_since
    return elapsed >= A_MOMENT and abs(new_end - old_end) < min(CAP_SHIFT, elapsed / 4)
