"""A new token: whose it is, how long it lives, and what its end proves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from keeplit.core.arrivals import Arrival, began_sign_in, ended_at, new_token, proves_cap, same_token
from keeplit.core.backoff import Backoff
from keeplit.core.memory import SessionMemory
from tests.core.drawn import NOON
from tests.core.made import HOUR, MINUTE, SECOND, token

# A token that was seen half an hour ago and has half an hour left, of a sign-in an hour old.
HALF = SessionMemory(
    token="t0",
    first_seen_at=NOON - 30 * MINUTE,
    token_end=NOON + 30 * MINUTE,
    signed_in_at=NOON - HOUR,
    began_after_end=True,
)
STAYED = token(32 * MINUTE)


@pytest.mark.parametrize(
    ("moved", "elapsed", "expected"),
    [
        (timedelta(0), 30 * MINUTE, True),
        (4 * MINUTE, 30 * MINUTE, True),
        (5 * MINUTE, 30 * MINUTE, False),
        (-4 * MINUTE, 30 * MINUTE, True),
        (-HOUR, 30 * MINUTE, False),
        (timedelta(seconds=59), 4 * MINUTE, True),
        (timedelta(seconds=60), 4 * MINUTE, False),
        (timedelta(0), timedelta(seconds=2), True),
        (timedelta(0), timedelta(seconds=1.9), False),
        (timedelta(0), timedelta(0), False),
        (timedelta(0), -HOUR, False),
    ],
)
def test_a_renewal_that_hardly_moves_the_end_proves_it(moved: timedelta, elapsed: timedelta, expected: bool) -> None:  # noqa: FBT001
    """By less than 5 min and a quarter of the time; never where the clock was set back meanwhile."""
    assert proves_cap(NOON, NOON - elapsed, NOON + moved, NOON) is expected


def test_a_new_token_starts_from_nothing() -> None:
    """Back-offs, the bridge, an announcement and what was told about the old one lapse; the sign-in goes on."""
    failed = Backoff(3, NOON, HOUR)
    before = replace(
        HALF,
        refresh=failed,
        bridge=failed,
        start=failed,
        bridged="t0",
        bridged_at=NOON,
        announced="t0",
        announced_at=NOON,
        reminder=True,
        told=("sign_in_needed:t0", "ended:r1"),
    )
    after = new_token(before, token(), Arrival.REFRESH, NOON, life=HOUR)
    assert after == replace(
        HALF, token="t1", first_seen_at=NOON, token_end=NOON + HOUR, life=HOUR, last_good_at=NOON, told=("ended:r1",)
    )


@pytest.mark.parametrize(
    ("said", "expected"), [(None, 45 * MINUTE), (HOUR, HOUR), (30 * MINUTE, 45 * MINUTE), (timedelta(0), 45 * MINUTE)]
)
def test_a_token_lives_as_long_as_the_service_said(said: timedelta | None, expected: timedelta) -> None:
    """Else for what it has left when it is first seen, and never less than that."""
    assert new_token(HALF, token(45 * MINUTE), Arrival.OUTSIDE, NOON, life=said).life == expected


def test_a_renewal_to_the_same_end_is_the_sign_ins_end() -> None:
    """Its length is learned with it, where it was begun after a known end."""
    capped = new_token(HALF, STAYED, Arrival.REFRESH, NOON)
    assert (capped.capped, capped.ends_at, capped.length) == ("t1", STAYED.expires_at, HOUR + 32 * MINUTE)
    assert new_token(HALF, token(), Arrival.REFRESH, NOON).capped == ""


def test_what_was_only_found_proves_nothing() -> None:
    """Nor does a copy that is dead on arrival, or a token without one before it."""
    assert new_token(HALF, STAYED, Arrival.FOUND, NOON).capped == ""
    dead = replace(HALF, token_end=NOON - MINUTE)
    assert new_token(dead, token(-MINUTE), Arrival.REFRESH, NOON).capped == ""
    assert new_token(replace(HALF, token=""), STAYED, Arrival.REFRESH, NOON).capped == ""
    assert new_token(replace(HALF, first_seen_at=None), STAYED, Arrival.REFRESH, NOON).capped == ""


def test_another_tools_renewal_proves_no_end() -> None:
    """A starved tool writes its token long after it got it: whose end stayed is known once keeplit renews it itself."""
    assert new_token(HALF, STAYED, Arrival.OUTSIDE, NOON).capped == ""
    assert new_token(HALF, STAYED, Arrival.REFRESH, NOON).capped == STAYED.digest


def test_a_token_after_a_dead_one_leaves_the_beginning_unknown() -> None:
    """Another tool's late renewal and a sign-in by hand look alike."""
    dead = replace(HALF, token_end=NOON)
    after = new_token(dead, token(), Arrival.OUTSIDE, NOON)
    assert (after.signed_in_at, after.began_after_end) == (None, False)
    assert new_token(dead, token(), Arrival.REFRESH, NOON).signed_in_at == NOON - HOUR


@pytest.mark.parametrize(
    ("began_after_end", "known", "end", "expected"),
    [
        (True, None, NOON, HOUR),
        (True, 8 * HOUR, NOON, HOUR),
        (False, None, NOON, None),
        (False, 8 * HOUR, NOON, 8 * HOUR),
        (False, MINUTE, NOON, None),
        (True, MINUTE, NOON - HOUR, MINUTE),
    ],
)
def test_a_length_is_learned_from_a_known_beginning(
    began_after_end: bool,  # noqa: FBT001
    known: timedelta | None,
    end: datetime,
    expected: timedelta | None,
) -> None:
    """A beginning that may be earlier gives a lower bound, which can only disprove what was learned."""
    before = replace(HALF, began_after_end=began_after_end, length=known)
    assert ended_at(before, end).length == expected


def test_an_end_without_a_beginning_teaches_no_length() -> None:
    """It is the end all the same."""
    after = ended_at(replace(HALF, signed_in_at=None, length=HOUR), NOON)
    assert (after.capped, after.ends_at, after.length) == ("t0", NOON, HOUR)


def test_the_same_token_again_can_prove_the_end_too() -> None:
    """Some services answer with the token that one has; where its end moved it lives on."""
    stays = same_token(HALF, token(30 * MINUTE, "t0"), NOON)
    assert (stays.capped, stays.last_good_at) == ("t0", NOON)
    moves = same_token(HALF, token(HOUR, "t0"), NOON)
    assert (moves.capped, moves.token_end, moves.life) == ("", NOON + HOUR, HOUR)


def test_a_sign_in_after_a_refusal_begins_anew() -> None:
    """From now, after a known end: its length can be learned. What was put off is done with."""
    refused = replace(HALF, refused="t0", ends_at=NOON - MINUTE, later_until=NOON + HOUR, not_before=NOON + HOUR)
    after = began_sign_in(refused, token(), NOON, NOON, fresh=False)
    assert (after.signed_in_at, after.began_after_end, after.ends_at) == (NOON, True, None)
    assert (after.later_until, after.not_before, after.last_good_at) == (None, None, NOON)


def test_a_sign_in_during_a_living_one_reuses_it() -> None:
    """Its beginning, known or not, stays what it was."""
    after = began_sign_in(replace(HALF, began_after_end=False), token(), NOON, NOON, fresh=False)
    assert (after.signed_in_at, after.began_after_end) == (NOON - HOUR, False)
    unknown = began_sign_in(replace(HALF, signed_in_at=None), token(), NOON, NOON, fresh=False)
    assert unknown.signed_in_at is None


def test_a_sign_in_after_a_dead_token_begins_now() -> None:
    """Whether the old one still lived cannot be told, so it is a lower bound."""
    after = began_sign_in(replace(HALF, token_end=NOON - HOUR), token(), NOON, NOON, fresh=False)
    assert (after.signed_in_at, after.began_after_end) == (NOON, False)


def test_a_sign_in_after_a_logout_is_anew_even_to_the_same_end() -> None:
    """It was asked to be: the end it lands on is its own."""
    after = began_sign_in(HALF, STAYED, NOON, NOON, fresh=True)
    assert (after.signed_in_at, after.began_after_end, after.capped) == (NOON, True, "")


def test_a_sign_in_that_lands_on_the_old_end_learns_it() -> None:
    """Before the end that is the service's way: the browser may open once more after it."""
    after = began_sign_in(HALF, STAYED, NOON, NOON, fresh=False)
    assert (after.capped, after.end_did_not_move, after.spent) == ("t1", True, "")
    assert after.signed_in_at == NOON - HOUR


@pytest.mark.parametrize(
    ("before", "arrived"),
    [
        (replace(HALF, capped="t0", ends_at=NOON, token_end=NOON), token(SECOND)),
        (replace(HALF, refused="t0"), STAYED),
        (replace(HALF, token_end=NOON - MINUTE), token(timedelta(0))),
    ],
)
def test_a_sign_in_after_the_end_that_lands_on_it_gets_no_second_tab(before: SessionMemory, arrived: object) -> None:
    """After a known end, after a refusal, or dead on arrival: from there on a person is told, not shown a tab."""
    assert isinstance(arrived, type(STAYED))
    after = began_sign_in(before, arrived, NOON, NOON, fresh=False)
    assert (after.spent, after.end_did_not_move) == ("t1", True)


def test_that_an_end_does_not_move_is_kept_until_a_login_moves_one() -> None:
    """It is a habit of the service, and lasts over the ends that it was learned at."""
    stays = replace(HALF, refused="t0", end_did_not_move=True)
    assert began_sign_in(stays, token(), NOON, NOON, fresh=False).end_did_not_move
    assert not began_sign_in(replace(stays, refused=""), token(), NOON, NOON, fresh=False).end_did_not_move
