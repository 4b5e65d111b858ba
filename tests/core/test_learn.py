"""What came of an action, taken into memory."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeplit.core.backoff import LONGEST_BACKOFF, Backoff
from keeplit.core.deeds import Action, Do, Notice, Outcome, Result
from keeplit.core.learn import MOST_ANSWERS, MOST_TOLD, answered, backed_off, learn
from keeplit.core.memory import Answer, Asked, Memory, SessionMemory
from keeplit.core.model import Verb
from tests.core import drawn
from tests.core.drawn import ACME, NOON
from tests.core.made import HOUR, MINUTE, SECOND, token

KNOWN = SessionMemory(
    "t1",
    first_seen_at=NOON - 30 * MINUTE,
    token_end=NOON + 30 * MINUTE,
    signed_in_at=NOON - 4 * HOUR,
    last_good_at=NOON - 30 * MINUTE,
)
OVER = Outcome(Result.OVER, "InvalidGrantException")
BROKEN = Outcome(Result.CANNOT, "no_answer", "the sign-in process said nothing")


def learned(
    before: SessionMemory, do: Do, outcome: Outcome, *, asked: bool = False, notice: Notice | None = None
) -> SessionMemory:
    """Return what is remembered of ACME after an action on its token."""
    action = Action(do, ACME.key, "cause", "…", token="t1", asked=asked, notice=notice)
    return learn(Memory({ACME.key: before}), action, outcome, NOON).sessions[ACME.key]


actions = st.builds(
    Action,
    st.sampled_from(Do),
    drawn.keys,
    drawn.texts,
    drawn.texts,
    drawn.named,
    st.booleans(),
    st.sampled_from(["", "w1"]),
    st.none() | st.sampled_from(Notice),
)


@given(drawn.memories, actions, drawn.outcomes, drawn.near)
def test_the_same_outcome_teaches_the_same(memory: Memory, action: Action, outcome: Outcome, now: datetime) -> None:
    """Whatever is remembered and came out, nothing is raised, changed or left to chance."""
    twin = copy.deepcopy(memory)
    assert repr(learn(memory, action, outcome, now)) == repr(learn(twin, action, outcome, now))
    assert repr(memory) == repr(twin)


# Renewals.


def test_a_renewed_token_is_the_sessions_token() -> None:
    """With the life that the service said; the next renewal waits at least a moment."""
    after = learned(KNOWN, Do.REFRESH, Outcome(Result.DONE, token=token(HOUR, "t2"), life=HOUR))
    assert (after.token, after.life, after.last_good_at) == ("t2", HOUR, NOON)
    assert after.refresh.until(NOON) == NOON + 5 * SECOND


def test_another_tools_renewal_is_taken_over() -> None:
    """After a dead token it may as well have been a sign-in."""
    dead = replace(KNOWN, token_end=NOON)
    after = learned(dead, Do.REFRESH, Outcome(Result.SUPERSEDED, token=token(HOUR, "t2")))
    assert (after.token, after.signed_in_at) == ("t2", None)


def test_the_same_token_again_is_no_new_one() -> None:
    """From the service it can prove the end, from elsewhere it says nothing; without one there is a short wait."""
    again = token(30 * MINUTE, "t1")
    assert learned(KNOWN, Do.REFRESH, Outcome(Result.DONE, token=again)).capped == "t1"
    waiting = replace(KNOWN, refresh=Backoff(0, NOON, 5 * SECOND))
    assert learned(KNOWN, Do.REFRESH, Outcome(Result.SUPERSEDED, token=again)) == waiting
    assert learned(KNOWN, Do.REFRESH, Outcome(Result.DONE)) == waiting


def test_a_refusal_ends_the_sign_in() -> None:
    """Of that token; its end lies between the last good renewal and now, and the earlier of them is published."""
    after = learned(replace(KNOWN, refresh=Backoff(3, NOON, HOUR)), Do.REFRESH, OVER)
    assert (after.refused, after.ends_at, after.refresh) == ("t1", NOON - 30 * MINUTE, Backoff())
    unknown = learned(replace(KNOWN, last_good_at=None, ends_at=NOON), Do.REFRESH, OVER)
    assert unknown.ends_at == NOON


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"began_after_end": True}, 3.5),
        ({"began_after_end": True, "length": 3.75 * HOUR}, 3.75),
        ({"began_after_end": True, "length": 8 * HOUR}, 3.5),
        ({"began_after_end": True, "length": 1 * HOUR}, 3.5),
        ({}, None),
        ({"length": 8 * HOUR}, 8),
        ({"length": 1 * HOUR}, None),
        ({"length": 8 * HOUR, "signed_in_at": None}, 8),
        ({"length": 8 * HOUR, "last_good_at": None}, 8),
        ({"length": 8 * HOUR, "last_good_at": NOON - 9 * HOUR}, 8),
    ],
)
def test_a_refusal_teaches_the_length_of_a_sign_in(changes: dict[str, object], expected: float | None) -> None:
    """The start of its interval, unless what is known lies in it; a lower bound can only disprove what is known."""
    after = learned(replace(KNOWN, **changes), Do.REFRESH, OVER)  # type: ignore[arg-type]  # fields of SessionMemory
    assert after.length == (None if expected is None else expected * HOUR)


def test_a_dead_registration_says_nothing_about_the_session() -> None:
    """Only that this token cannot be renewed."""
    after = learned(KNOWN, Do.REFRESH, Outcome(Result.REGISTRATION_DEAD))
    assert after == replace(KNOWN, dead_registration="t1")


def test_a_failed_renewal_is_noted_with_its_reason() -> None:
    """For the status, and the back-off."""
    after = learned(KNOWN, Do.REFRESH, Outcome(Result.TRANSIENT, "Timeout", "no answer in 15 s"))
    assert after.refresh == Backoff(1, NOON, 5 * SECOND, "transient", "Timeout", "no answer in 15 s")


@pytest.mark.parametrize(
    ("failures", "outcome", "jitter", "expected"),
    [
        (0, Outcome(Result.TRANSIENT), 0.0, 5),
        (1, Outcome(Result.TRANSIENT), 0.0, 10),
        (3, Outcome(Result.NOT_WRITABLE), 0.0, 40),
        (4, Outcome(Result.UNEXPECTED), 0.0, 60),
        (10**9, Outcome(Result.TRANSIENT), 0.0, 60),
        (-5, Outcome(Result.TRANSIENT), 0.0, 5),
        (0, Outcome(Result.TRANSIENT), 1.0, 6),
        (0, Outcome(Result.TRANSIENT), -1.0, 4),
        (0, Outcome(Result.TRANSIENT), float("inf"), 5),
        (9, Outcome(Result.STALE), 0.0, 1),
        (0, Outcome(Result.THROTTLED), 0.0, 5),
        (0, Outcome(Result.THROTTLED, retry_after=90 * SECOND), 0.0, 90),
        (0, Outcome(Result.THROTTLED, retry_after=2 * HOUR), 0.0, 300),
        (0, Outcome(Result.THROTTLED, retry_after=-HOUR), 0.0, 1),
        (0, Outcome(Result.REFUSED), 0.0, 300),
        (0, Outcome(Result.CANNOT), 0.0, 300),
        (0, Outcome(Result.FORBIDDEN), 0.0, 300),
    ],
)
def test_a_back_off_fits_the_failure(failures: int, outcome: Outcome, jitter: float, expected: int) -> None:
    """5 s doubling to 60 s, ±20 %; as told when throttled, 5 min at most; 5 min where nothing changes by itself."""
    backoff = backed_off(Backoff(failures), outcome, jitter, NOON)
    assert backoff.delay == expected * SECOND
    assert backoff.failures == max(0, failures) + 1
    assert backoff.until(NOON) is not None


# Bridges.


@pytest.mark.parametrize("result", [Result.DONE, Result.FORBIDDEN])
def test_a_bridge_is_taken_once(result: Result) -> None:
    """Also where a role is not assigned: asking again would not help, and the status says so."""
    after = learned(KNOWN, Do.BRIDGE, Outcome(result))
    assert (after.bridged, after.bridged_at, after.bridge.result) == ("t1", NOON, str(result))


def test_the_portals_refusal_is_about_the_token() -> None:
    """A 401 means renew or sign in, not try again."""
    assert learned(KNOWN, Do.BRIDGE, Outcome(Result.REJECTED)) == replace(KNOWN, rejected="t1")


def test_a_failed_bridge_backs_off() -> None:
    """And has not been taken."""
    after = learned(KNOWN, Do.BRIDGE, Outcome(Result.TRANSIENT))
    assert (after.bridged, after.bridge.failures) == ("", 1)


# Sign-ins.


def test_a_browser_that_opened_is_used_up() -> None:
    """So it is where nobody knows whether it opened; one that was asked for uses up nothing."""
    announced = replace(KNOWN, announced="t1", announced_at=NOON)
    for result in (Result.DONE, Result.UNEXPECTED):
        after = learned(announced, Do.SIGN_IN, Outcome(result))
        assert (after.spent, after.announced, after.announced_at) == ("t1", "", None)
        assert learned(announced, Do.SIGN_IN, Outcome(result), asked=True).spent == ""


def test_a_browser_that_could_not_be_started_is_tried_once_more() -> None:
    """In five minutes; then a person has to, instead of a notice every five minutes that nothing follows."""
    once = learned(KNOWN, Do.SIGN_IN, BROKEN)
    assert (once.spent, once.start.until(NOON), once.start.code) == ("", NOON + LONGEST_BACKOFF, "no_answer")
    assert learned(once, Do.SIGN_IN, BROKEN).spent == "t1"
    assert learned(once, Do.SIGN_IN, BROKEN, asked=True).spent == ""


def test_a_decision_on_an_old_token_is_made_again_soon() -> None:
    """Nothing was done, so nothing is used up."""
    after = learned(replace(KNOWN, announced="t1"), Do.EXTEND, Outcome(Result.STALE))
    assert (after.spent, after.start.until(NOON)) == ("", NOON + SECOND)


def test_who_signed_out_is_not_told_to_sign_in() -> None:
    """Where signing out failed there is nothing to keep quiet about."""
    assert learned(KNOWN, Do.LOGOUT, Outcome(Result.DONE)).told == ("sign_in_needed:",)
    assert learned(KNOWN, Do.LOGOUT, Outcome(Result.TRANSIENT)).told == ()


# Notices.


def test_an_announcement_is_remembered_with_its_time() -> None:
    """Shown or not: the 20 s pass either way."""
    after = learned(KNOWN, Do.NOTIFY, Outcome(Result.NOT_SHOWN), notice=Notice.SIGNING_IN)
    assert (after.announced, after.announced_at, after.told) == ("t1", NOON, ())


def test_what_was_told_is_not_told_again() -> None:
    """And news of a failed sign-in says that one is needed."""
    assert learned(KNOWN, Do.NOTIFY, Outcome(Result.DONE), notice=Notice.EXPIRING).told == ("cause",)
    failed = learned(KNOWN, Do.NOTIFY, Outcome(Result.DONE), notice=Notice.SIGN_IN_FAILED)
    assert failed.told == ("cause", "sign_in_needed:t1")


def test_a_reminder_comes_once() -> None:
    """Other notices leave it standing."""
    reminded = replace(KNOWN, reminder=True)
    assert learned(reminded, Do.NOTIFY, Outcome(Result.DONE), notice=Notice.EXPIRING).reminder
    assert not learned(reminded, Do.NOTIFY, Outcome(Result.DONE), notice=Notice.SIGN_IN_NEEDED).reminder


def test_only_the_latest_causes_are_kept() -> None:
    """A memory does not grow for ever."""
    full = replace(KNOWN, told=tuple(map(str, range(MOST_TOLD))))
    told = learned(full, Do.NOTIFY, Outcome(Result.DONE), notice=Notice.EXPIRING).told
    assert (len(told), told[0], told[-1]) == (MOST_TOLD, "1", "cause")


# Answers.


@pytest.mark.parametrize(
    ("result", "state"), [(Result.DONE, "done"), (Result.SUPERSEDED, "done"), (Result.TRANSIENT, "failed")]
)
def test_a_request_is_answered_and_done_with(result: Result, state: str) -> None:
    """However its action came out."""
    asked = replace(KNOWN, asked=Asked(Verb.REFRESH, "w1", NOON))
    action = Action(Do.REFRESH, ACME.key, "asked", "…", token="t1", asked=True, wish="w1")
    memory = learn(Memory({ACME.key: asked}), action, Outcome(result), NOON)
    assert memory.answers == (Answer("w1", state, str(result)),)
    assert memory.sessions[ACME.key].asked is None


def test_who_waits_with_a_request_is_answered_as_it_is() -> None:
    """And nobody else who waits."""
    waiting = (Answer("w2", "waiting", "w1"), Answer("w3", "waiting", "logout"), Answer("w1", "waiting", "logout"))
    memory = answered(Memory(answers=waiting), Answer("w1", "failed", "transient"))
    assert memory.answers == (Answer("w2", "failed", "transient"), waiting[1], Answer("w1", "failed", "transient"))
    assert answered(Memory(answers=waiting), waiting[2]).answers == waiting


def test_a_request_without_a_wish_is_done_with_too() -> None:
    """A memory written by hand must not make it loop."""
    asked = replace(KNOWN, asked=Asked(Verb.LOGOUT, "", NOON))
    assert learned(asked, Do.LOGOUT, Outcome(Result.TRANSIENT), asked=True).asked is None


def test_the_last_answer_counts_and_the_oldest_go() -> None:
    """A wish has one answer; 200 are kept."""
    memory = answered(answered(Memory(), Answer("w1", "waiting")), Answer("w1", "done"))
    assert memory.answers == (Answer("w1", "done"),)
    for number in range(MOST_ANSWERS):
        memory = answered(memory, Answer(f"n{number}", "done"))
    assert (len(memory.answers), memory.answers[0].id) == (MOST_ANSWERS, "n0")


def test_an_action_of_a_session_that_was_never_seen_is_learned_all_the_same() -> None:
    """A memory that was lost in between starts anew."""
    action = Action(Do.REFRESH, ACME.key, "due", "…", token="t1")
    memory = learn(Memory(), action, OVER, NOON)
    assert memory.sessions[ACME.key].refused == "t1"


@pytest.mark.parametrize(
    ("skew", "expected"),
    [
        (None, 7 * MINUTE),
        (7 * MINUTE - 10 * SECOND, 7 * MINUTE),
        (7 * MINUTE + 11 * SECOND, 7 * MINUTE + 11 * SECOND),
        (-7 * MINUTE, -7 * MINUTE),
        (timedelta(0), timedelta(0)),
    ],
)
def test_the_clock_is_remembered_where_it_moved(skew: timedelta | None, expected: timedelta) -> None:
    """Not by the seconds that an answer takes, or the memory would be written anew each time; nor without an answer."""
    before = replace(KNOWN, skew=7 * MINUTE)
    assert learned(before, Do.BRIDGE, Outcome(Result.DONE, skew=skew)).skew == expected


def test_a_notice_that_was_not_shown_is_remembered_for_other_interfaces() -> None:
    """Of a session or of the settings; what was done otherwise is none."""
    nobody = Outcome(Result.NOT_SHOWN, "no_service")
    for notice, session in ((Notice.SIGN_IN_NEEDED, ACME.key), (Notice.SETTINGS_QUESTION, "")):
        memory = learn(Memory(), Action(Do.NOTIFY, session, "cause", "…", notice=notice), nobody, NOON)
        assert [(one.cause, one.session, one.why) for one in memory.unshown] == [("cause", session, "no_service")]
    assert learn(Memory(), Action(Do.REFRESH, ACME.key, "due", "…"), Outcome(Result.TRANSIENT), NOON).unshown == ()
