"""What is wrong, found anew each turn."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from keeplit.core.backoff import Backoff
from keeplit.core.catalogue import CATALOGUE, Severity
from keeplit.core.clocks import Case
from keeplit.core.deeds import Action, Do, Outcome, Result, Trouble
from keeplit.core.memory import SessionMemory
from keeplit.core.model import ACCOUNT_ACCESS, Desk, Mode, Network, Policy, Problem, Reading
from keeplit.core.troubles import BY_RESULT, failure, troubles
from keeplit.core.view import in_words
from tests.core.drawn import ACME, NOON, OLD
from tests.core.made import HOUR, MINUTE, SECOND, case, record, there, token

OVER = SessionMemory("t1", refused="t1")


def codes(*found: Case) -> list[str]:
    """Return the codes of what is wrong with these cases."""
    return [trouble.code for trouble in troubles(found[0].facts, found)]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (case(token()), []),
        (case(), ["signed_out"]),
        (case(reading=Reading.FOREIGN), ["token_file_foreign"]),
        (case(reading=Reading.TORN), []),
        (case(memory=SessionMemory(torn_since=NOON - 2 * SECOND), reading=Reading.TORN), ["token_file_unreadable"]),
        (case(token(), OVER), ["session_over"]),
        (case(token(-HOUR), OVER), ["session_over"]),
        (case(token(), replace(OVER, rejected="t1")), ["token_rejected"]),
        (case(token(registered=NOON)), ["registration_dead"]),
        (case(token(), SessionMemory("t1", capped="t1")), []),
        (case(token(-HOUR), SessionMemory("t1", capped="t1")), ["signed_out"]),
        (case(token(refreshable=False)), ["not_refreshable"]),
        (case(token(refreshable=False), session=replace(ACME, scopes=(ACCOUNT_ACCESS,))), ["no_refresh_token"]),
        (case(token(5 * MINUTE, refreshable=False)), ["ends_soon", "not_refreshable"]),
        (case(token(refreshable=False), session=OLD), ["legacy_profile"]),
        (case(token(), OVER, desk=Desk()), ["session_over", "presence_unknown"]),
        (case(token(), desk=Desk(blind="No desktop is known.")), ["presence_unknown"]),
        (case(token(), desk=Desk(blind="No desktop is known."), policy=Policy(Mode.ASK)), []),
        (case(token(), desk=Desk(blind="No desktop is known."), policy=Policy(always_present=True)), []),
        (case(token(), desk=Desk()), []),
        (case(token(), desk=replace(there(), network=Network.DOWN)), ["offline"]),
    ],
)
def test_each_trouble_is_found_by_its_facts(found: Case, expected: list[str]) -> None:
    """And nothing else with it."""
    assert codes(found) == expected


@pytest.mark.parametrize("result", [str(result) for result in BY_RESULT])
def test_a_failed_renewal_is_a_trouble_from_the_first(result: str) -> None:
    """By the reason of the failure; a warning counts as information while the token lives."""
    failed = SessionMemory("t1", refresh=Backoff(1, NOON, MINUTE, result, "Code", "A sentence."))
    (found,) = troubles(case(token()).facts, (case(token(), failed),))
    assert (found.code, found.detail) == (BY_RESULT[Result(result)], "A sentence")
    assert found.light == (CATALOGUE[found.code].severity is Severity.WARNING)
    dead = codes(case(token(-HOUR), failed))
    assert dead == [found.code]
    assert not troubles(case().facts, (case(token(-HOUR), failed),))[0].light


@pytest.mark.parametrize(
    ("sentence", "said"), [("AWS could not be reached.", "AWS could not be reached"), ("", "html")]
)
def test_a_failure_is_said_in_words(sentence: str, said: str) -> None:
    """The code is for scripts: it stands in for a sentence only where nobody made one."""
    code = "network" if sentence else "html"
    failed = SessionMemory("t1", refresh=Backoff(1, NOON, MINUTE, "transient", code, sentence))
    (found,) = troubles(case(token()).facts, (case(token(), failed),))
    assert in_words(found)["detail"] == f"The renewal failed: {said}. It is tried again by itself."


@pytest.mark.parametrize(
    ("do", "result", "code"),
    [
        *((Do.REFRESH, result, code) for result, code in BY_RESULT.items()),
        (Do.REFRESH, Result.OVER, "session_over"),
        (Do.REFRESH, Result.REGISTRATION_DEAD, "registration_dead"),
        (Do.BRIDGE, Result.REJECTED, "token_rejected"),
        (Do.BRIDGE, Result.FORBIDDEN, "role_forbidden"),
        (Do.SIGN_IN, Result.CANNOT, "sign_in_impossible"),
        (Do.EXTEND, Result.TRANSIENT, "sign_in_impossible"),
        (Do.EDIT_SETTINGS, Result.REFUSED, "settings_not_writable"),
        (Do.LOGOUT, Result.TRANSIENT, "unexpected"),
        (Do.NOTIFY, Result.UNEXPECTED, "unexpected"),
        (Do.SIGN_IN, Result.UNEXPECTED, "unexpected"),
    ],
)
def test_a_failed_action_is_a_trouble_of_the_catalogue(do: Do, result: Result, code: str) -> None:
    """By what was to be done and what came of it, with the reason in words."""
    found = failure(Action(do, ACME.key, "due", "So."), Outcome(result, "Code", "A sentence."), "acme")
    assert found == Trouble(code, "acme", "A sentence")
    assert code in CATALOGUE


@pytest.mark.parametrize("do", Do)
@pytest.mark.parametrize("result", [Result.DONE, Result.SUPERSEDED, Result.STALE, Result.NOT_SHOWN])
def test_what_did_not_fail_is_no_trouble(do: Do, result: Result) -> None:
    """Done, by somebody else, or not to be done any more; a sign-in that was begun, a notice that nobody shows."""
    assert failure(Action(do, ACME.key, "due", "So."), Outcome(result), "acme") is None


@pytest.mark.parametrize("do", Do)
@pytest.mark.parametrize("result", Result)
def test_whatever_an_action_comes_to_has_its_words(do: Do, result: Result) -> None:
    """No pair is left out, and each says what to do."""
    found = failure(Action(do, ACME.key, "due", "So."), Outcome(result), "acme")
    assert found is None or in_words(found)["fix"]


def test_a_failure_that_is_over_is_none() -> None:
    """A renewal of what cannot be renewed any more, a bridge of a dead token, or an outcome that is no failure."""
    failed = Backoff(1, NOON, MINUTE, "transient", "Timeout")
    assert codes(case(token(), replace(OVER, refresh=failed))) == ["session_over"]
    assert codes(case(token(-HOUR), SessionMemory("t1", bridge=failed))) == []
    assert codes(case(token(), SessionMemory("t1", bridge=failed))) == ["network"]
    assert codes(case(token(), SessionMemory("t1", refresh=Backoff(1, NOON, MINUTE, "stale")))) == []


def test_a_sign_in_that_could_not_be_started_is_said_as_such() -> None:
    """Whatever kept it from starting."""
    failed = replace(OVER, start=Backoff(1, NOON, MINUTE, "cannot", "no_answer", "nothing came"))
    assert codes(case(token(), failed)) == ["session_over", "sign_in_impossible"]


@pytest.mark.parametrize(
    ("skews", "expected"),
    [
        ((2 * MINUTE,), []),
        ((-2 * MINUTE,), []),
        ((2 * MINUTE + SECOND,), ["2 min behind AWS's"]),
        ((-7 * MINUTE,), ["7 min ahead of AWS's"]),
        ((MINUTE, -HOUR, 7 * MINUTE), ["60 min ahead of AWS's"]),
    ],
)
def test_a_clock_that_is_off_is_said_once(skews: tuple[timedelta, ...], expected: list[str]) -> None:
    """From two minutes on, by the answer that was furthest from it: the ends that AWS names come at other times."""
    found = tuple(case(token(), SessionMemory("t1", skew=skew)) for skew in skews)
    assert [trouble.detail for trouble in troubles(found[0].facts, found) if trouble.code == "clock_skew"] == expected


def test_what_a_file_says_wrong_is_passed_on() -> None:
    """With its own words, after the sessions' troubles; the same one twice is one."""
    problem = Problem("config_wrong", "line 3: no such key", "remove it", "config.toml")
    found = replace(case().facts, problems=(problem, problem))
    expected = Trouble("config_wrong", "config.toml", "line 3: no such key", "remove it")
    assert troubles(found, (case(),)) == (Trouble("signed_out", "acme"), expected)


def test_whatever_a_renewal_can_fail_with_is_in_the_catalogue() -> None:
    """So that no failure goes unnamed."""
    assert set(BY_RESULT.values()) <= set(CATALOGUE)


@pytest.mark.parametrize("found", [case(), case(token(), OVER), case(reading=Reading.FOREIGN)])
def test_what_a_person_is_mending_is_no_trouble(found: Case) -> None:
    """While the browser is open, "sign in" would be said to somebody who does."""
    signing_in = replace(found, seen=replace(found.seen, sign_in=record()))
    assert codes(found) != []
    assert codes(signing_in) == []
