"""The rules that need no person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from keeplit.core.backoff import Backoff
from keeplit.core.deeds import Action, Do, Result
from keeplit.core.memory import Asked, SessionMemory
from keeplit.core.model import Desk, Reading, Role, Verb
from keeplit.core.silent_rules import (
    asked_renewal_is_done,
    due_token_is_renewed,
    torn_file_is_read_again,
    work_is_bridged_over_the_end,
)
from keeplit.core.steps import Step, Wait
from tests.core.drawn import NOON
from tests.core.made import HOUR, MINUTE, SECOND, WORK, case, token

LATE = HOUR - 2 * MINUTE
REFUSED = SessionMemory("t1", refused="t1")


def done(step: Step) -> tuple[Do, str] | None:
    """Return what a rule does and why; None where it does nothing now."""
    return (step.do, step.reason) if isinstance(step, Action) else None


def test_a_torn_file_is_read_again_in_a_second_for_two() -> None:
    """After that its next change knocks: nobody looks every second for ever."""
    assert torn_file_is_read_again(case(token())) is None
    assert torn_file_is_read_again(case(reading=Reading.TORN)) == Wait(NOON + SECOND, "torn")
    assert torn_file_is_read_again(case(memory=SessionMemory(torn_since=NOON - MINUTE), reading=Reading.TORN)) is None


def test_a_person_can_renew_before_the_margin() -> None:
    """Whatever the margin and the back-off say, where there is something to renew."""
    asked = SessionMemory("t1", asked=Asked(Verb.REFRESH, "w1", NOON), refresh=Backoff(1, NOON, MINUTE))
    assert done(asked_renewal_is_done(case(token(), asked))) == (Do.REFRESH, "asked")
    assert asked_renewal_is_done(case(token(), replace(asked, refused="t1"))) is None
    assert asked_renewal_is_done(case(token(), replace(asked, asked=Asked(Verb.LOGOUT, "w1", NOON)))) is None
    assert asked_renewal_is_done(case(token())) is None


def test_a_token_is_renewed_at_its_margin() -> None:
    """Before it there is a time to wait for; what cannot be renewed has none."""
    assert due_token_is_renewed(case(token())) == Wait(NOON + 30 * MINUTE, "refresh")
    assert done(due_token_is_renewed(case(token(30 * MINUTE)))) == (Do.REFRESH, "due")
    assert done(due_token_is_renewed(case(token(-HOUR)))) == (Do.REFRESH, "due")
    assert due_token_is_renewed(case(token(), REFUSED)) is None


def test_a_rejected_token_is_renewed_at_once() -> None:
    """The portal's 401 counts more than its date."""
    assert done(due_token_is_renewed(case(token(), SessionMemory("t1", rejected="t1")))) == (Do.REFRESH, "rejected")


def test_a_failed_renewal_waits_for_its_back_off() -> None:
    """And goes on after it."""
    failed = SessionMemory("t1", refresh=Backoff(1, NOON, 10 * SECOND))
    assert due_token_is_renewed(case(token(MINUTE), failed)) == Wait(NOON + 10 * SECOND, "refresh")


@pytest.mark.parametrize(
    ("failed", "woke", "again"),
    [
        (0, None, 60),
        (0, 1, 60),  # a wake in the future was noted before the clock was set back
        (-10, -5, None),  # what failed before the wake does not count
        (0, 0, 5),
        (-4, -6, 1),
        (-5, -5, None),
        (-10, -30, 10),
        (-20, -600, 40),
    ],
)
def test_waits_for_the_network_begin_anew_at_a_wake(failed: int, woke: int | None, again: int | None) -> None:
    """A failure waits no longer than it came after the wake, and 5 s at least; `again` is in seconds from now."""
    tried = Backoff(9, NOON + failed * SECOND, MINUTE, str(Result.TRANSIENT))
    desk = Desk(NOON, woke_at=None if woke is None else NOON + woke * SECOND)
    step = due_token_is_renewed(case(token(MINUTE), SessionMemory("t1", refresh=tried), desk=desk))
    assert step == Wait(NOON + again * SECOND, "refresh") if again else done(step) == (Do.REFRESH, "due")


def test_a_wake_shortens_no_wait_that_aws_asked_for() -> None:
    """Nor one for a refusal: only what the network failed is tried again sooner."""
    throttled = SessionMemory("t1", refresh=Backoff(1, NOON, MINUTE, str(Result.THROTTLED)))
    woken = case(token(MINUTE), throttled, desk=Desk(NOON, woke_at=NOON))
    assert due_token_is_renewed(woken) == Wait(NOON + MINUTE, "refresh")


def test_work_is_bridged_at_a_refusal() -> None:
    """And once more 2 min before the token's own end, which is waited for."""
    first = case(token(), REFUSED, roles=(WORK,))
    assert done(work_is_bridged_over_the_end(first)) == (Do.BRIDGE, "before_the_end")
    bridged = replace(REFUSED, bridged="t1", bridged_at=NOON)
    assert work_is_bridged_over_the_end(case(token(), bridged, roles=(WORK,))) == Wait(NOON + LATE, "bridge")
    late = case(token(), bridged, roles=(WORK,), now=NOON + LATE)
    assert done(work_is_bridged_over_the_end(late)) == (Do.BRIDGE, "before_the_end")


def test_a_late_bridge_is_taken_once() -> None:
    """A note of it from the future does not count."""
    now = NOON + LATE + SECOND
    bridged = replace(REFUSED, bridged="t1", bridged_at=NOON + LATE)
    assert work_is_bridged_over_the_end(case(token(), bridged, roles=(WORK,), now=now)) is None
    ahead = replace(bridged, bridged_at=NOON + HOUR)
    assert done(work_is_bridged_over_the_end(case(token(), ahead, roles=(WORK,), now=now))) is not None
    unknown = replace(bridged, bridged_at=None)
    assert done(work_is_bridged_over_the_end(case(token(), unknown, roles=(WORK,), now=now))) is not None


def test_a_known_end_is_bridged_shortly_before_it() -> None:
    """A proven end is no refusal yet: the fresh credentials last longest when they are taken late."""
    capped = SessionMemory("t1", capped="t1")
    assert work_is_bridged_over_the_end(case(token(), capped, roles=(WORK,))) == Wait(NOON + LATE, "bridge")


def test_a_failed_bridge_waits_for_its_back_off() -> None:
    """Or else an outage at the end would be a storm of calls."""
    failed = replace(REFUSED, bridge=Backoff(1, NOON, 5 * SECOND))
    assert work_is_bridged_over_the_end(case(token(), failed, roles=(WORK,))) == Wait(NOON + 5 * SECOND, "bridge")


@pytest.mark.parametrize("roles", [(), (Role("bare", "", ""),)])
def test_there_is_nothing_to_bridge_without_a_role(roles: tuple[Role, ...]) -> None:
    """A profile with a session but no account or role has no role credentials."""
    assert work_is_bridged_over_the_end(case(token(), REFUSED, roles=roles)) is None


def test_a_dead_token_bridges_nothing() -> None:
    """Nor does a session without a token, or one whose end is not known."""
    assert work_is_bridged_over_the_end(case(token(timedelta(0)), REFUSED, roles=(WORK,))) is None
    assert work_is_bridged_over_the_end(case(roles=(WORK,))) is None
    assert work_is_bridged_over_the_end(case(token(), roles=(WORK,))) is None


def test_a_long_list_of_profiles_is_cut_short() -> None:
    """The sentence names three of them and counts the others."""
    roles = tuple(Role(name, "1", "r") for name in ("a", "b", "c", "d", "e"))
    step = work_is_bridged_over_the_end(case(token(), REFUSED, roles=roles))
    assert isinstance(step, Action)
    assert "a, b, c and 2 more" in step.sentence
