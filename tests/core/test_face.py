"""What the flame shows for a status: the face by the rules' order, the ring, the tooltip."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from keeplit.core.catalogue import PROMISES
from keeplit.core.face import (
    counts_seconds,
    face_of,
    is_paused,
    main_session,
    share_left,
    tooltip,
    turn_of_things,
    unkept,
)
from keeplit.core.flame import Face
from tests.core.drawn import NOON
from tests.core.lit_status import HOUR, MINUTE, at, session, status, trouble

ZERO = timedelta(0)


@pytest.mark.parametrize(
    ("state", "face"),
    [
        ("fresh", Face.FRESH),
        ("renewing", Face.RENEWING),
        ("sign_in_soon", Face.SOON),
        ("signing_in", Face.SOON),
        ("signed_out", Face.SIGNED_OUT),
        ("unknown", Face.TROUBLE),
        ("of_a_later_version", Face.TROUBLE),
    ],
)
def test_a_state_has_its_face(state: str, face: Face) -> None:
    """The session's state decides where nothing else speaks."""
    assert face_of(status(session(state=state)), NOON) is face


def test_a_daemon_that_is_gone_comes_before_all() -> None:
    """Whatever the last status said, nobody keeps it."""
    assert face_of(status(running=False, paused_until=at(HOUR)), NOON) is Face.NOT_RUNNING


def test_a_pause_shows_until_it_is_over() -> None:
    """Two bars, also for a session that is signed out; a pause that has passed shows nothing."""
    shown = status(session(state="signed_out"), paused_until=at(HOUR))

    assert face_of(shown, NOON) is Face.PAUSED
    assert face_of(shown, NOON + 2 * HOUR) is Face.SIGNED_OUT
    assert not is_paused(status(), NOON)


@pytest.mark.parametrize(
    ("severity", "code", "face"),
    [
        ("warning", "odd", Face.TROUBLE),
        ("error", "odd", Face.TROUBLE),
        ("info", "odd", Face.FRESH),
        ("error", "signed_out", Face.FRESH),  # of another session: its state says so
    ],
)
def test_a_trouble_marks_a_flame_that_burns(severity: str, code: str, face: Face) -> None:
    """Light ones do not, nor what a state says by itself."""
    assert face_of(status(troubles=[trouble(severity=severity, code=code)]), NOON) is face


def test_a_trouble_hides_no_sign_in_that_is_due() -> None:
    """What a person must do first is seen first."""
    assert face_of(status(session(state="sign_in_soon"), troubles=[trouble()]), NOON) is Face.SOON


def test_no_session_is_a_flame_that_is_out() -> None:
    """Nothing is kept."""
    none = status(sessions=[])

    assert (face_of(none, NOON), share_left(none, NOON)) == (Face.SIGNED_OUT, None)
    assert tooltip(none, NOON, ZERO) == "keeplit: no session is in use"


def test_the_flame_stands_for_the_current_profile() -> None:
    """Its session comes first, however another one is."""
    mine = session()

    assert main_session(status(session("other", state="signed_out", profiles=["home"]), mine)) == mine


def test_without_a_current_profile_it_stands_for_who_needs_it_most() -> None:
    """A session that is signed out comes before one that is well, and a state nobody knows before all."""
    out, well = session("out", state="signed_out", profiles=[]), session("well", profiles=[])
    odd = session("odd", state="of_a_later_version", profiles=[])

    assert main_session(status(well, out)) == out
    assert main_session(status(well, odd)) == odd


def test_the_ring_is_the_share_of_the_sign_in_that_is_left() -> None:
    """Where its beginning and its end are known."""
    begun = session(signed_in_at=at(-2 * HOUR), session_ends_at=at(6 * HOUR))

    assert share_left(status(begun), NOON) == pytest.approx(0.75)
    assert share_left(status(begun), NOON + 7 * HOUR) == 0.0


@pytest.mark.parametrize(
    "changes",
    [
        {"session_ends_at": at(6 * HOUR)},
        {"signed_in_at": at(-HOUR)},
        {"signed_in_at": "yesterday", "session_ends_at": at(HOUR)},
        {"signed_in_at": at(HOUR), "session_ends_at": at(HOUR)},
    ],
)
def test_the_ring_is_the_tokens_share_where_the_sign_in_is_not_known(changes: dict[str, Any]) -> None:
    """34 of 60 minutes are left."""
    assert share_left(status(session(**changes)), NOON) == pytest.approx(34 / 60)


def test_a_legacy_token_lives_eight_hours() -> None:
    """Four of them left are half a ring; without a token there is none."""
    assert share_left(status(session(kind="legacy", access_expires_at=at(4 * HOUR))), NOON) == pytest.approx(0.5)
    assert share_left(status(session(access_expires_at=None)), NOON) is None


def test_the_tooltip_says_state_and_clocks() -> None:
    """On one line, with the profile's name."""
    assert tooltip(status(), NOON, ZERO) == "work: signed in · renews itself in 12 min"
    assert tooltip(status(profile=""), NOON, ZERO) == "acme: signed in · renews itself in 12 min"


def test_the_tooltip_says_a_pause_and_a_daemon_that_is_gone() -> None:
    """Before anything else."""
    assert tooltip(status(paused_until=at(HOUR)), NOON, ZERO).startswith("paused · work")
    assert tooltip(status(running=False), NOON, ZERO) == "keeplit is not running: nothing is renewed"


@pytest.mark.parametrize(
    ("before", "expires", "after"),
    [
        ("fresh", MINUTE, "fresh"),
        ("renewing", MINUTE, "fresh"),
        ("sign_in_soon", MINUTE, "sign_in_soon"),
        ("signing_in", MINUTE, "signed_out"),
        ("fresh", -MINUTE, "signed_out"),
    ],
)
def test_what_nobody_keeps_ends_by_itself(before: str, expires: timedelta, after: str) -> None:
    """Nothing is to come for it, and a token that has passed is over."""
    left = unkept(status(session(state=before, access_expires_at=at(expires)), paused_until=at(HOUR)), NOON)

    assert (left["sessions"][0]["state"], left["sessions"][0]["next_action"]) == (after, None)
    assert (left["daemon"]["running"], left["paused_until"]) == (False, None)


def test_a_dead_daemon_promises_nothing() -> None:
    """What it would try again, nobody tries; the rest of the trouble stands."""
    before = status(troubles=[trouble(detail=f"It failed.{PROMISES[0]}"), trouble()])

    assert [one["detail"] for one in unkept(before, NOON)["troubles"]] == ["It failed.", "It is odd."]


def test_a_session_without_a_token_is_signed_out() -> None:
    """As it was with a daemon."""
    assert unkept(status(session(access_expires_at=None)), NOON)["sessions"][0]["state"] == "signed_out"


@pytest.mark.parametrize(
    ("after", "expected"),
    [(timedelta(seconds=59), True), (timedelta(seconds=-59), True), (MINUTE, False), (HOUR, False)],
)
def test_the_last_minute_is_counted_in_seconds(after: timedelta, *, expected: bool) -> None:
    """Then the flame is looked at each second; else twice a minute."""
    assert counts_seconds(status(session(next_action_at=at(after))), NOON) is expected
    assert not counts_seconds(status(session(next_action_at=None, access_expires_at=None)), NOON)


def test_a_sign_in_that_begins_or_ends_is_a_turn_of_things() -> None:
    """So is a daemon that goes; a renewal is none."""
    lit = status(session(state="fresh"))

    assert turn_of_things(lit) == turn_of_things(status(session(state="renewing")))
    for other in ("signed_out", "signing_in"):
        assert turn_of_things(lit) != turn_of_things(status(session(state=other)))
    assert turn_of_things(lit) != turn_of_things(unkept(lit, NOON))
