"""The rules that open a browser, or end a sign-in."""

from __future__ import annotations

from dataclasses import replace

from keeplit.core.backoff import Backoff
from keeplit.core.clocks import Case
from keeplit.core.deeds import Action, Do, Notice
from keeplit.core.memory import Asked, SessionMemory
from keeplit.core.model import Desk, Extend, Policy, Verb
from keeplit.core.sign_in_rules import asked_logout_is_done, asked_sign_in_is_started, over_session_is_signed_in
from keeplit.core.steps import Step, Wait
from tests.core.drawn import NOON, quiet_hours
from tests.core.made import HOUR, MINUTE, SECOND, case, record, token

OVER = SessionMemory("t1", refused="t1")
ANNOUNCED = replace(OVER, announced="t1", announced_at=NOON - 20 * SECOND)


def asked(verb: Verb, **more: object) -> Case:
    """Return a case in which a person asked for something."""
    memory = SessionMemory("t1", asked=Asked(verb, "w1", NOON + MINUTE))
    return replace(case(token(), memory), **more)  # type: ignore[arg-type]  # fields of Case


def done(step: Step) -> tuple[Do, str, bool] | None:
    """Return what a rule does, why, and whether it was asked for; None where it does nothing now."""
    return (step.do, step.reason, step.asked) if isinstance(step, Action) else None


def test_what_a_person_asked_for_is_done() -> None:
    """Signing out, signing in, extending: each by its verb alone."""
    assert done(asked_logout_is_done(asked(Verb.LOGOUT))) == (Do.LOGOUT, "asked", True)
    assert done(asked_sign_in_is_started(asked(Verb.SIGN_IN))) == (Do.SIGN_IN, "asked", True)
    step = asked_logout_is_done(asked(Verb.LOGOUT))
    assert isinstance(step, Action)
    assert step.not_after == NOON + MINUTE
    assert done(asked_sign_in_is_started(asked(Verb.EXTEND))) == (Do.EXTEND, "asked", True)
    for rule in (asked_logout_is_done, asked_sign_in_is_started):
        assert rule(asked(Verb.REFRESH)) is None
        assert rule(case(token())) is None


def test_a_request_overrides_everything_but_another_tab() -> None:
    """Paused, at an unknown desk, with another tab announced: a click is a click. A tab that runs is waited for."""
    wanted = asked(Verb.SIGN_IN)
    free = replace(wanted, paused=True, promised=frozenset({wanted.seen.session.start_url}))
    assert done(asked_sign_in_is_started(replace(free, facts=replace(free.facts, desk=Desk())))) is not None
    busy = replace(wanted, facts=replace(wanted.facts, other_sign_ins=(record(),)))
    assert asked_sign_in_is_started(busy) == Wait(NOON + SECOND, "under_way")


def test_an_unasked_browser_is_announced_then_opens() -> None:
    """20 s lie between the two, and the person is watched for meanwhile."""
    step = over_session_is_signed_in(case(token(), OVER))
    assert isinstance(step, Action)
    assert (step.notice, step.about) == (Notice.SIGNING_IN, NOON + 20 * SECOND)
    waiting = replace(ANNOUNCED, announced_at=NOON - 5 * SECOND)
    assert over_session_is_signed_in(case(token(), waiting)) == Wait(NOON + 15 * SECOND, "sign_in", for_person=True)
    assert done(over_session_is_signed_in(case(token(), ANNOUNCED))) == (Do.SIGN_IN, "over", False)


def test_a_known_end_is_announced_so_early_that_the_browser_opens_just_after_it() -> None:
    """5 s after the end, the notice 20 s before that."""
    capped = SessionMemory("t1", capped="t1")
    begin = NOON + HOUR - 15 * SECOND
    assert over_session_is_signed_in(case(token(), capped)) == Wait(begin, "sign_in")
    step = over_session_is_signed_in(case(token(), capped, now=begin))
    assert isinstance(step, Action)
    assert step.about == NOON + HOUR + 5 * SECOND


def test_nothing_is_due_without_a_token_or_with_a_living_one() -> None:
    """A token that renews itself needs no browser; without any, none opens unasked."""
    assert over_session_is_signed_in(case(token())) is None
    assert over_session_is_signed_in(case()) is None


def test_what_objects_says_when_it_is_lifted() -> None:
    """Later, not today and quiet hours have an end, an empty desk is watched, the others end by a knock."""
    later, not_today = NOON + 10 * MINUTE, NOON + 12 * HOUR
    quiet = Policy(quiet=quiet_hours(11, 14))
    cases = {
        Wait(later, "later"): case(token(), replace(OVER, later_until=later)),
        Wait(not_today, "not_today"): case(token(), replace(OVER, not_before=not_today)),
        Wait(NOON + 2 * HOUR, "quiet_hours"): case(token(), OVER, policy=quiet),
        Wait(None, "nobody_there", for_person=True): case(token(), OVER, desk=Desk(NOON - HOUR)),
        Wait(None, "paused"): case(token(), OVER, paused=True),
    }
    assert [over_session_is_signed_in(held) for held in cases.values()] == list(cases)


def test_a_browser_waits_for_a_hand_on_the_keyboard() -> None:
    """Who has just got up is still present by the rule: neither the notice nor the tab goes to an empty chair."""
    idle = Desk(NOON - MINUTE)
    for memory in (OVER, ANNOUNCED):
        held = over_session_is_signed_in(case(token(), memory, desk=idle))
        assert held == Wait(None, "nobody_there", for_person=True)


def test_a_browser_that_could_not_be_started_waits() -> None:
    """Before it is announced again, so that no notice promises what failed a moment ago."""
    failed = replace(OVER, start=Backoff(1, NOON, 5 * MINUTE))
    assert over_session_is_signed_in(case(token(), failed)) == Wait(NOON + 5 * MINUTE, "sign_in")


def test_an_automatic_extension_says_what_it_does() -> None:
    """It signs out first, and the notice before it says so."""
    auto = Policy(extend=Extend.AUTO)
    capped = SessionMemory("t1", capped="t1")
    soon = token(10 * MINUTE)
    step = over_session_is_signed_in(case(soon, capped, policy=auto))
    assert isinstance(step, Action)
    assert "signed out and in again" in step.sentence
    ready = replace(capped, announced="t1", announced_at=NOON - 20 * SECOND)
    assert done(over_session_is_signed_in(case(soon, ready, policy=auto))) == (Do.EXTEND, "extend", False)
