"""The rules that tell a person something."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from keeplit.core.causes import expiring
from keeplit.core.deeds import Action, Notice
from keeplit.core.memory import SessionMemory
from keeplit.core.model import Desk, Extend, Mode, Network, Policy, Reading, SignInCode
from keeplit.core.steps import Step, Wait
from keeplit.core.telling_rules import (
    coming_end_is_warned_of,
    end_of_a_sign_in_is_told,
    page_of_a_sign_in_is_told,
    person_is_told_to_sign_in,
)
from tests.core.drawn import NOON, quiet_hours
from tests.core.made import HOUR, MINUTE, SECOND, case, record, there, token

AWAY = Desk(NOON - HOUR)
OFFLINE = replace(there(), network=Network.DOWN)
ASK = Policy(Mode.ASK)
OVER = SessionMemory("t1", refused="t1")
CAPPED = SessionMemory("t1", capped="t1")


def told(step: Step) -> Notice | None:
    """Return the notice that a rule shows; None where it shows none now."""
    return step.notice if isinstance(step, Action) else None


# How a sign-in ended.


def test_a_successful_sign_in_is_told_once() -> None:
    """While it is news."""
    signed_in = record(SignInCode.SIGNED_IN, NOON)
    assert told(end_of_a_sign_in_is_told(case(token(), sign_in=signed_in))) is Notice.SIGNED_IN
    already = SessionMemory("t1", told=("ended:r1",))
    assert end_of_a_sign_in_is_told(case(token(), already, sign_in=signed_in)) is None
    assert end_of_a_sign_in_is_told(case(token(), sign_in=signed_in, now=NOON + HOUR)) is None
    assert end_of_a_sign_in_is_told(case(token(), sign_in=signed_in, now=NOON - SECOND)) is None


@pytest.mark.parametrize("code", sorted(set(SignInCode) - {"signed_in", "running", "cancelled"}))
def test_a_failed_sign_in_is_told_with_its_reason(code: SignInCode) -> None:
    """Each way to fail has a sentence of its own."""
    step = end_of_a_sign_in_is_told(case(token(), OVER, sign_in=record(code, NOON)))
    assert told(step) is Notice.SIGN_IN_FAILED
    assert isinstance(step, Action)
    assert (step.sentence == "The sign-in did not succeed.") == (code is SignInCode.FAILED)


def test_a_failed_sign_in_is_told_without_a_token() -> None:
    """As at the first start."""
    assert told(end_of_a_sign_in_is_told(case(sign_in=record(SignInCode.DENIED, NOON)))) is Notice.SIGN_IN_FAILED


def test_a_failed_sign_in_is_told_to_whoever_comes_back() -> None:
    """However late, where it was for the token that is still there; how one ended well is old news by then."""
    late = record(SignInCode.TIMED_OUT, NOON - 12 * HOUR)
    away = case(token(), OVER, sign_in=late, desk=AWAY)
    assert end_of_a_sign_in_is_told(away) == Wait(None, for_person=True)
    assert told(end_of_a_sign_in_is_told(case(token(), OVER, sign_in=late))) is Notice.SIGN_IN_FAILED
    assert told(end_of_a_sign_in_is_told(case(sign_in=late))) is Notice.SIGN_IN_FAILED
    of_another = replace(late, token="t0")
    assert end_of_a_sign_in_is_told(case(token(), OVER, sign_in=of_another)) is None
    signed_in = replace(late, code=SignInCode.SIGNED_IN)
    assert end_of_a_sign_in_is_told(case(token(), OVER, sign_in=signed_in)) is None


def test_who_is_signed_in_all_the_same_is_told_nothing() -> None:
    """A tab that was closed beside a living session, or one that ends later, changed nothing."""
    closed = record(SignInCode.CLOSED, NOON)
    assert end_of_a_sign_in_is_told(case(token(), sign_in=closed)) is None
    assert end_of_a_sign_in_is_told(case(token(), CAPPED, sign_in=closed)) is None


def test_a_sign_in_that_runs_or_was_cancelled_is_no_news() -> None:
    """Who cancelled it knows; a paused keeplit is silent, and an empty desk is waited for."""
    denied = record(SignInCode.DENIED, NOON)
    assert end_of_a_sign_in_is_told(case(token(), OVER)) is None
    assert end_of_a_sign_in_is_told(case(token(), OVER, sign_in=record())) is None
    assert end_of_a_sign_in_is_told(case(token(), OVER, sign_in=record(SignInCode.CANCELLED, NOON))) is None
    assert end_of_a_sign_in_is_told(case(token(), OVER, sign_in=denied, paused=True)) is None
    assert end_of_a_sign_in_is_told(case(token(), OVER, sign_in=denied, desk=AWAY)) == Wait(None, for_person=True)


def test_an_end_that_did_not_move_is_told_of_the_token_that_proves_it() -> None:
    """The next morning's sign-in, which did move it, is a plain success."""
    signed_in = record(SignInCode.SIGNED_IN, NOON)
    stayed = SessionMemory("t1", capped="t1", end_did_not_move=True)
    assert told(end_of_a_sign_in_is_told(case(token(), stayed, sign_in=signed_in))) is Notice.END_DID_NOT_MOVE
    moved = replace(stayed, capped="t0")
    assert told(end_of_a_sign_in_is_told(case(token(), moved, sign_in=signed_in))) is Notice.SIGNED_IN


def test_in_quiet_hours_only_who_just_asked_is_told_how_it_ended() -> None:
    """Another failure is told when they are over, another success is old news by then."""
    quiet = Policy(quiet=quiet_hours(11, 13))
    asked = record(SignInCode.DENIED, NOON)
    assert told(end_of_a_sign_in_is_told(case(token(), OVER, sign_in=asked, policy=quiet))) is Notice.SIGN_IN_FAILED
    held = Wait(NOON + HOUR)
    long_ago = record(SignInCode.DENIED, NOON - 6 * MINUTE)
    assert end_of_a_sign_in_is_told(case(token(), OVER, sign_in=long_ago, policy=quiet)) == held
    unasked = record(SignInCode.DENIED, NOON, asked=False)
    assert end_of_a_sign_in_is_told(case(token(), OVER, sign_in=unasked, policy=quiet)) == held
    signed_in = replace(unasked, code=SignInCode.SIGNED_IN)
    assert end_of_a_sign_in_is_told(case(token(), sign_in=signed_in, policy=quiet)) == held


# What the page of a sign-in must show.


def test_the_page_of_a_sign_in_that_runs_is_told_once() -> None:
    """Once there is one; the sentence itself names neither its host nor its code."""
    step = page_of_a_sign_in_is_told(case(token(), OVER, sign_in=record(page=True)))
    assert told(step) is Notice.IN_BROWSER
    again = replace(OVER, told=("page:r1",))
    assert page_of_a_sign_in_is_told(case(token(), again, sign_in=record(page=True))) is None
    assert page_of_a_sign_in_is_told(case(token(), OVER)) is None
    assert page_of_a_sign_in_is_told(case(token(), OVER, sign_in=record())) is None
    ended = record(SignInCode.SIGNED_IN, NOON, page=True)
    assert page_of_a_sign_in_is_told(case(token(), OVER, sign_in=ended)) is None


def test_the_page_of_a_sign_in_disturbs_nobody() -> None:
    """Paused, unasked in quiet hours, or with nobody there; who asked for it is told at any hour."""
    running, unasked = record(page=True), record(asked=False, page=True)
    quiet = Policy(quiet=quiet_hours(11, 13))
    assert page_of_a_sign_in_is_told(case(token(), OVER, sign_in=running, paused=True)) is None
    assert page_of_a_sign_in_is_told(case(token(), OVER, sign_in=unasked, policy=quiet)) is None
    assert told(page_of_a_sign_in_is_told(case(token(), OVER, sign_in=running, policy=quiet))) is Notice.IN_BROWSER
    away = case(token(), OVER, sign_in=running, desk=AWAY)
    assert page_of_a_sign_in_is_told(away) == Wait(None, for_person=True)


# That an end comes.


def test_a_known_end_is_warned_of_twice() -> None:
    """30 and 10 min before it, each once; between them there is a time to wait for."""
    assert coming_end_is_warned_of(case(token(), CAPPED)) == Wait(NOON + 30 * MINUTE, "warn")
    half = case(token(), CAPPED, now=NOON + 30 * MINUTE)
    assert told(coming_end_is_warned_of(half)) is Notice.EXPIRING
    once = replace(CAPPED, told=(expiring(NOON + HOUR, 30 * MINUTE),))
    assert coming_end_is_warned_of(case(token(), once, now=NOON + 30 * MINUTE)) == Wait(NOON + 50 * MINUTE, "warn")
    assert told(coming_end_is_warned_of(case(token(), once, now=NOON + 50 * MINUTE))) is Notice.EXPIRING
    twice = replace(once, told=(*once.told, expiring(NOON + HOUR, 10 * MINUTE)))
    assert coming_end_is_warned_of(case(token(), twice, now=NOON + 51 * MINUTE)) is None


def test_a_late_warning_gives_way_to_the_next_one() -> None:
    """Back at the desk 12 min before the end, one hears of it 10 min before, not twice."""
    assert coming_end_is_warned_of(case(token(12 * MINUTE), CAPPED)) == Wait(NOON + 2 * MINUTE, "warn")
    assert told(coming_end_is_warned_of(case(token(20 * MINUTE), CAPPED))) is Notice.EXPIRING


def test_a_sign_in_later_than_the_warning_makes_it_old_news() -> None:
    """Nobody is warned right after they signed in."""
    soon = token(20 * MINUTE)
    since = replace(CAPPED, signed_in_at=NOON)
    assert coming_end_is_warned_of(case(soon, since)) == Wait(NOON + 10 * MINUTE, "warn")
    just = record(SignInCode.SIGNED_IN, NOON)
    assert coming_end_is_warned_of(case(soon, CAPPED, sign_in=just)) == Wait(NOON + 10 * MINUTE, "warn")
    failed = record(SignInCode.DENIED, NOON)
    assert told(coming_end_is_warned_of(case(soon, CAPPED, sign_in=failed))) is Notice.EXPIRING


def test_an_empty_desk_is_not_warned() -> None:
    """The warning waits for the person, as long as it is true."""
    step = coming_end_is_warned_of(case(token(20 * MINUTE), CAPPED, desk=AWAY))
    assert step == Wait(NOON + 10 * MINUTE, "warn", for_person=True)


def test_nothing_is_warned_of_where_it_would_disturb() -> None:
    """Paused, offline, quiet, put off, or with the browser's own notice due: silence."""
    soon = token(20 * MINUTE)
    quiet = Policy(quiet=quiet_hours(11, 13))
    later = replace(CAPPED, later_until=NOON + 5 * MINUTE)
    auto = Policy(extend=Extend.AUTO, lead=20 * MINUTE)
    assert coming_end_is_warned_of(case(soon, CAPPED, paused=True)) is None
    assert coming_end_is_warned_of(case(soon, CAPPED, desk=OFFLINE)) is None
    assert coming_end_is_warned_of(case(soon, CAPPED, policy=quiet)) == Wait(NOON + HOUR, "warn")
    assert coming_end_is_warned_of(case(soon, later)) == Wait(NOON + 5 * MINUTE, "warn")
    not_today = replace(later, not_before=NOON + 12 * HOUR)
    assert coming_end_is_warned_of(case(soon, not_today)) == Wait(NOON + 12 * HOUR, "warn")
    assert coming_end_is_warned_of(case(soon, OVER)) is None
    assert coming_end_is_warned_of(case(soon, CAPPED, policy=auto)) is None
    assert coming_end_is_warned_of(case(token(timedelta(0)), CAPPED)) is None
    assert coming_end_is_warned_of(case(soon)) is None


def test_an_end_that_only_a_click_meets_is_warned_of() -> None:
    """Where the automatic extension may not open a browser, the warning stands."""
    policy = Policy(Mode.ASK, extend=Extend.AUTO, lead=20 * MINUTE)
    assert told(coming_end_is_warned_of(case(token(20 * MINUTE), CAPPED, policy=policy))) is Notice.EXPIRING


# That they have to sign in.


def test_without_a_token_a_person_is_told_once() -> None:
    """At the first start; and again only as the reminder that they asked for."""
    assert told(person_is_told_to_sign_in(case())) is Notice.SIGN_IN_NEEDED
    once = SessionMemory(told=("sign_in_needed:",))
    assert person_is_told_to_sign_in(case(memory=once)) is None
    assert told(person_is_told_to_sign_in(case(memory=replace(once, reminder=True)))) is Notice.SIGN_IN_NEEDED


def test_where_only_a_click_may_go_on_the_end_brings_a_notice() -> None:
    """Before it there is a time to wait for; where the browser opens by itself there is none."""
    assert person_is_told_to_sign_in(case(token(), policy=ASK)) is None
    assert person_is_told_to_sign_in(case(token(), CAPPED, policy=ASK)) == Wait(NOON + HOUR + 5 * SECOND, "sign_in")
    assert told(person_is_told_to_sign_in(case(token(), OVER, policy=ASK))) is Notice.SIGN_IN_NEEDED
    assert told(person_is_told_to_sign_in(case(token(), OVER, desk=Desk()))) is Notice.SIGN_IN_NEEDED
    assert told(person_is_told_to_sign_in(case(token(), replace(OVER, spent="t1")))) is Notice.SIGN_IN_NEEDED
    assert person_is_told_to_sign_in(case(token(), OVER)) is None


def test_nobody_is_asked_for_what_cannot_be_done() -> None:
    """With the network down a click would not help; at an empty desk nobody would see it."""
    assert person_is_told_to_sign_in(case(desk=OFFLINE)) is None
    assert person_is_told_to_sign_in(case(desk=AWAY)) == Wait(None, for_person=True)


def test_who_put_it_off_is_told_when_that_is_over() -> None:
    """After quiet hours, at local midnight, or in 15 min: there is a time to look again."""
    quiet = Policy(quiet=quiet_hours(11, 13))
    assert person_is_told_to_sign_in(case(policy=quiet)) == Wait(NOON + HOUR, "quiet_hours")
    not_today = SessionMemory(not_before=NOON + 12 * HOUR)
    assert person_is_told_to_sign_in(case(memory=not_today)) == Wait(NOON + 12 * HOUR, "not_today")
    later = SessionMemory(later_until=NOON + 15 * MINUTE)
    assert person_is_told_to_sign_in(case(memory=later)) == Wait(NOON + 15 * MINUTE, "later")


def test_a_file_that_stays_torn_is_told_after_a_minute() -> None:
    """Not before: half a file is normal for a moment."""
    fresh = SessionMemory(torn_since=NOON - 59 * SECOND)
    assert person_is_told_to_sign_in(case(memory=fresh, reading=Reading.TORN)) is None
    old = SessionMemory(torn_since=NOON - 60 * SECOND)
    assert told(person_is_told_to_sign_in(case(memory=old, reading=Reading.TORN))) is Notice.SIGN_IN_NEEDED


def test_who_wants_never_to_be_asked_is_not() -> None:
    """`status` says it all the same; a notice would be the asking that was switched off."""
    assert told(person_is_told_to_sign_in(case(token(), OVER, policy=ASK))) is Notice.SIGN_IN_NEEDED
    assert person_is_told_to_sign_in(case(token(), OVER, policy=Policy(Mode.NEVER))) is None
