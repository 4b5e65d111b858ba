"""What stands against a browser that nobody asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from keeplit.core.clocks import Case
from keeplit.core.memory import SessionMemory
from keeplit.core.model import Desk, Mode, Network, Policy
from keeplit.core.permission import (
    Objection,
    got_up,
    held_until,
    in_quiet_hours,
    next_local,
    nobody_there,
    objection,
    presence,
    quiet_until,
)
from tests.core.drawn import NOON, SAME_URL, TWIN, URL, quiet_hours
from tests.core.made import HOUR, MINUTE, SECOND, case, record, there, token

OVER = SessionMemory("t1", refused="t1")


def test_nothing_stands_against_it_where_all_is_well() -> None:
    """An ended sign-in, somebody there, the network up: the browser may open."""
    assert objection(case(token(), OVER)) is None


@pytest.mark.parametrize(
    ("against", "expected"),
    [
        (case(), Objection.NO_TOKEN),
        (case(token(), replace(OVER, spent="t1")), Objection.SPENT),
        (case(token(), OVER, policy=Policy(Mode.ASK)), Objection.MODE),
        (case(token(), OVER, policy=Policy(Mode.NEVER)), Objection.MODE),
        (case(token(), OVER, desk=Desk()), Objection.PRESENCE_UNKNOWN),
        (case(token(), OVER, paused=True), Objection.PAUSED),
        (case(token(), replace(OVER, not_before=NOON + HOUR)), Objection.NOT_TODAY),
        (case(token(), replace(OVER, later_until=NOON + HOUR)), Objection.LATER),
        (case(token(), OVER, policy=Policy(quiet=quiet_hours(11, 13))), Objection.QUIET_HOURS),
        (case(token(), OVER, desk=replace(there(), network=Network.DOWN)), Objection.NETWORK_DOWN),
        (case(token(), OVER, desk=Desk(NOON - HOUR)), Objection.NOBODY_THERE),
        (case(token(), OVER, sign_in=record()), Objection.UNDER_WAY),
        (case(token(), OVER, others=(record(),)), Objection.UNDER_WAY),
        (case(token(), OVER, others=(replace(record(), start_url=SAME_URL),)), Objection.UNDER_WAY),
        (case(token(), OVER, promised=frozenset({URL})), Objection.UNDER_WAY),
        (case(token(), OVER, session=TWIN, promised=frozenset({URL})), Objection.UNDER_WAY),
    ],
)
def test_each_reason_stands_alone(against: Case, expected: Objection) -> None:
    """Any one of them keeps the browser shut."""
    assert objection(against) is expected


@pytest.mark.parametrize(
    ("desk", "expected"),
    [
        (Desk(), None),
        (Desk(NOON), True),
        (Desk(NOON - 4 * MINUTE), True),
        (Desk(NOON - 5 * MINUTE), False),
        (Desk(NOON + SECOND), True),
        (Desk(NOON + HOUR), False),
        (Desk(NOON, locked=True), False),
        (Desk(NOON - MINUTE, woke_at=NOON - SECOND), False),
        (Desk(NOON - SECOND, woke_at=NOON - MINUTE), True),
        (Desk(NOON, woke_at=NOON + HOUR), True),
    ],
)
def test_a_person_is_there_who_touched_the_machine_lately(desk: Desk, expected: bool | None) -> None:  # noqa: FBT001
    """Within five minutes, unlocked, after the last wake; a wake in the future is none: the clock was set back."""
    assert presence(case(desk=desk)) is expected
    assert nobody_there(case(desk=desk)) is (expected is False)


def test_who_has_not_moved_for_a_minute_may_have_got_up() -> None:
    """Still present by the five minutes; where nobody can know, or the config knows, nobody got up."""
    assert got_up(case(desk=Desk(NOON - MINUTE)))
    assert not got_up(case(desk=Desk(NOON - MINUTE + SECOND)))
    assert not got_up(case(desk=Desk()))
    assert not got_up(case(desk=Desk(NOON - MINUTE), policy=Policy(always_present=True)))


def test_the_config_can_say_that_somebody_is_always_there() -> None:
    """``presence = "always"`` is for a kiosk and for tests."""
    assert presence(case(desk=Desk(), policy=Policy(always_present=True))) is True


@pytest.mark.parametrize(
    ("start", "end", "offset", "expected"),
    [(11, 13, 0, True), (12, 13, 0, True), (11, 12, 0, False), (22, 7, 0, False), (22, 7, 11, True), (22, 7, -6, True)],
)
def test_quiet_hours_go_by_the_local_clock(start: int, end: int, offset: int, expected: bool) -> None:  # noqa: FBT001
    """They may pass midnight; their end is not quiet any more."""
    desk = replace(there(), utc_offset=timedelta(hours=offset))
    assert in_quiet_hours(case(desk=desk, policy=Policy(quiet=quiet_hours(start, end)))) is expected


def test_without_quiet_hours_it_is_never_quiet() -> None:
    """And they end at once."""
    assert not in_quiet_hours(case())
    assert quiet_until(case()) == NOON


def test_quiet_hours_end_at_their_next_end() -> None:
    """By the local clock, told in UTC."""
    quiet = case(desk=replace(there(), utc_offset=HOUR), policy=Policy(quiet=quiet_hours(12, 15)))
    assert quiet_until(quiet) == NOON + 2 * HOUR


def test_the_next_local_hour_is_never_now() -> None:
    """At seven sharp the next seven o'clock is tomorrow's."""
    assert next_local(NOON, timedelta(0), NOON.time()) == NOON + timedelta(days=1)
    assert next_local(NOON, HOUR, NOON.time()) == NOON + 23 * HOUR


def test_a_later_of_more_than_a_day_cannot_be_true() -> None:
    """It was written before the clock was set back, and holds nothing up."""
    assert held_until(NOON + HOUR, NOON) == NOON + HOUR
    assert held_until(NOON, NOON) is None
    assert held_until(NOON + timedelta(days=2), NOON) is None
    assert held_until(None, NOON) is None
