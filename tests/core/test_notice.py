"""What was seen, taken into memory."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.core.memory import Memory, SessionMemory, Unshown
from keeplit.core.model import Facts, Reading, Seen, SignInCode, Token, Verb, Wish
from keeplit.core.notice import jitter, notice
from tests.core import drawn
from tests.core.drawn import ACME, NOON, OLD, TWIN
from tests.core.made import HOUR, MINUTE, facts, record, seen, there, token

KNOWN = SessionMemory("t1", first_seen_at=NOON - HOUR, token_end=NOON + HOUR, signed_in_at=NOON - HOUR)


def noticed(before: SessionMemory | None, view: Seen, *, starting: bool = False, now: datetime = NOON) -> SessionMemory:
    """Return what is remembered of a session after it was seen; the draw of 0.5 is no jitter for a key of zeros."""
    session = replace(view.session, key="0" * 40)
    memory = Memory({session.key: before} if before is not None else {})
    seen_so = facts(replace(view, session=session), starting=starting)
    return notice(memory, seen_so, 0.5, now).sessions[session.key]


@given(drawn.facts(), drawn.memories, st.floats(), drawn.near)
def test_the_same_look_gives_the_same_memory(seen_now: Facts, memory: Memory, draw: float, now: datetime) -> None:
    """Whatever is seen and remembered, nothing is raised, changed or left to chance."""
    twin = copy.deepcopy(memory)
    first, second = notice(memory, seen_now, draw, now), notice(twin, seen_now, draw, now)
    assert repr(first) == repr(second)  # a drawn jitter may be no number, which equals nothing
    assert repr(memory) == repr(twin)


@given(drawn.facts(), drawn.memories, drawn.near)
def test_a_second_look_sees_nothing_new(seen_now: Facts, memory: Memory, now: datetime) -> None:
    """What was taken in once is not taken in again: a turn without news writes no memory."""
    once = notice(memory, seen_now, 0.3, now)
    assert repr(notice(once, replace(seen_now, starting=False), 0.9, now)) == repr(once)


def test_a_token_of_the_first_look_was_found() -> None:
    """It was not seen to appear: it counts as its kind lives, whatever it has left."""
    assert noticed(None, seen(token(MINUTE))).life == HOUR
    assert noticed(KNOWN, seen(token(MINUTE, "t2")), starting=True).life == HOUR
    assert noticed(None, seen(token(), OLD)).life == 8 * HOUR
    assert noticed(None, seen(token())).signed_in_at is None


def test_a_token_beside_a_known_one_is_another_tools_renewal() -> None:
    """It belongs to the same sign-in."""
    after = noticed(KNOWN, seen(token(2 * HOUR, "t2")))
    assert (after.token, after.signed_in_at, after.last_good_at) == ("t2", NOON - HOUR, NOON)


@pytest.mark.parametrize(
    ("before", "arrived"),
    [
        (replace(KNOWN, token="", token_end=None), token(9 * HOUR, "t2")),
        (replace(KNOWN, refused="t1"), token(9 * HOUR, "t2")),
        (replace(KNOWN, dead_registration="t1", token_end=NOON), token(9 * HOUR, "t2")),
        (replace(KNOWN, capped="t1", ends_at=NOON - MINUTE, token_end=NOON - MINUTE), token(9 * HOUR, "t2")),
        (replace(KNOWN, token_end=NOON), token(9 * HOUR, "t2", refreshable=False)),
    ],
)
def test_what_only_a_person_can_have_brought_is_a_sign_in(before: SessionMemory, arrived: Token) -> None:
    """After no token, a refusal, a dead registration, a proven end, or where nothing can be renewed."""
    assert noticed(before, seen(arrived)).signed_in_at == NOON


def test_a_token_with_the_record_of_its_sign_in_is_known_to_be_one() -> None:
    """Seen while it runs, or when it has just ended; an old record says nothing about a newer token."""
    over = replace(KNOWN, token_end=NOON - MINUTE)
    arrived = token(2 * HOUR, "t2")
    running = noticed(over, seen(arrived, sign_in=record(of="t1")))
    ended = noticed(over, seen(arrived, sign_in=record(SignInCode.SIGNED_IN, NOON)))
    assert (running.signed_in_at, running.sign_in) == (NOON, "")
    assert (ended.signed_in_at, ended.sign_in) == (NOON, "r1")
    old = noticed(replace(KNOWN, sign_in="r1"), seen(arrived, sign_in=record(SignInCode.SIGNED_IN, NOON)))
    denied = noticed(KNOWN, seen(arrived, sign_in=record(SignInCode.DENIED, NOON)))
    assert old.signed_in_at == denied.signed_in_at == NOON - HOUR


def test_a_sign_in_that_ended_before_the_first_look_began_then() -> None:
    """The record knows better than the clock of whoever looks late."""
    signed_in = record(SignInCode.SIGNED_IN, NOON - 3 * HOUR)
    assert noticed(None, seen(token(), sign_in=signed_in), starting=True).signed_in_at == NOON - 3 * HOUR
    assert noticed(None, seen(token(), sign_in=signed_in)).signed_in_at == NOON - 3 * HOUR
    ahead = record(SignInCode.SIGNED_IN, NOON + HOUR)
    assert noticed(None, seen(token(), sign_in=ahead), starting=True).signed_in_at == NOON
    assert noticed(None, seen(token(), sign_in=record()), starting=True).signed_in_at == NOON


def test_a_token_that_is_gone_is_forgotten_and_its_sign_in_is_not() -> None:
    """The file may be another one's, too: one of another start URL is no token of ours."""
    gone = noticed(replace(KNOWN, announced="t1", torn_since=NOON), seen())
    assert gone == SessionMemory(signed_in_at=NOON - HOUR)
    assert noticed(KNOWN, seen(token(), reading=Reading.FOREIGN)).token == ""
    assert noticed(SessionMemory(), seen()) == SessionMemory()


def test_a_torn_file_is_torn_since_it_was_first_seen_so() -> None:
    """A time from the future counts from now; a whole file ends it, and the token is the one it was."""
    torn = noticed(KNOWN, seen(reading=Reading.TORN))
    assert torn == replace(KNOWN, torn_since=NOON)
    assert noticed(torn, seen(reading=Reading.TORN), now=NOON + MINUTE).torn_since == NOON
    assert noticed(torn, seen(reading=Reading.TORN), now=NOON - HOUR).torn_since == NOON - HOUR
    assert noticed(torn, seen(token())) == KNOWN


def test_a_new_end_of_the_same_token_is_taken_over() -> None:
    """Somebody wrote it so."""
    assert noticed(KNOWN, seen(token(2 * HOUR))).token_end == NOON + 2 * HOUR


def test_an_unasked_browser_is_used_up_as_soon_as_it_is_seen() -> None:
    """So that a kill right after it opened does not open a second one; an asked one that runs is not."""
    assert noticed(KNOWN, seen(token(), sign_in=record(asked=False))).spent == "t1"
    assert noticed(KNOWN, seen(token(), sign_in=record())).spent == ""
    assert noticed(KNOWN, seen(token(), sign_in=record(asked=False, of=""))).spent == ""


@pytest.mark.parametrize(
    ("code", "spent"),
    [
        (SignInCode.DENIED, "t1"),
        (SignInCode.CLOSED, "t1"),
        (SignInCode.TIMED_OUT, "t1"),
        (SignInCode.CANCELLED, "t1"),
        (SignInCode.OFFLINE, ""),
        (SignInCode.FAILED, ""),
    ],
)
def test_a_sign_in_that_a_person_gave_up_counts(code: SignInCode, spent: str) -> None:
    """No browser opens by itself right after somebody closed one."""
    after = noticed(KNOWN, seen(token(), sign_in=record(code, NOON)))
    assert (after.spent, after.sign_in) == (spent, "r1")
    assert noticed(after, seen(token(), sign_in=record(code, NOON))) == after


def test_who_cancelled_is_not_told_to_sign_in() -> None:
    """They know."""
    assert "sign_in_needed:t1" in noticed(KNOWN, seen(token(), sign_in=record(SignInCode.CANCELLED, NOON))).told


def test_sessions_are_not_due_together() -> None:
    """One draw of a turn gives each session a jitter of its own."""
    memory = notice(Memory(), facts(seen(token(), ACME), seen(token(), TWIN)), 0.5, NOON)
    drawn_jitters = [memory.sessions[key].jitter for key in (ACME.key, TWIN.key)]
    assert len(set(drawn_jitters)) == 2
    assert all(-1 <= number < 1 for number in drawn_jitters)


@given(st.text(), st.floats(0, 1, exclude_max=True))
def test_a_jitter_is_in_range_for_any_key(key: str, draw: float) -> None:
    """Keys are digests; what is none gives the turn's draw."""
    assert -1 <= jitter(key, draw) < 1


def test_wishes_are_taken_with_what_was_seen() -> None:
    """A wish about the token that has just been seen finds it."""
    wish = Wish("w1", Verb.REJECTED, ACME.key, token="t1")
    memory = notice(Memory(), facts(seen(token()), wishes=(wish,)), 0.5, NOON)
    assert memory.sessions[ACME.key].rejected == "t1"


def test_a_session_out_of_use_keeps_its_memory() -> None:
    """It may come back."""
    assert notice(Memory({ACME.key: KNOWN}), facts(), 0.5, NOON + timedelta(days=3)).sessions == {ACME.key: KNOWN}


def test_a_notice_that_nobody_took_is_not_told_yet_once_somebody_shows_notices() -> None:
    """The daemon begins before the desktop does: the morning's first notice must not be lost."""
    told = SessionMemory("t1", told=("sign_in_needed:t1",))
    one = Unshown("sign_in_needed:t1", NOON - HOUR, ACME.key, "sign_in_needed", "…", why="no_service")
    memory = Memory({ACME.key: told}, unshown=(one,))
    served = replace(facts(seen(token())), desk=replace(there(), notices=True))
    assert notice(memory, served, 0.5, NOON).sessions[ACME.key].told == ()
    assert notice(memory, facts(seen(token())), 0.5, NOON).sessions[ACME.key].told == ("sign_in_needed:t1",)
