import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from keeplit.adapters import alarm, clock
from keeplit.core.model import FOREVER

SOON = timedelta(milliseconds=50)
FAR = timedelta(hours=1)
PATIENCE = 10.0


class Knocks:
    """Counts knocks, and lets a test wait for one."""

    def __init__(self) -> None:
        self.count = 0
        self.came = threading.Event()

    def __call__(self) -> None:
        self.count += 1
        self.came.set()


@pytest.fixture
def knocks() -> Knocks:
    """Give a counter of knocks."""
    return Knocks()


@pytest.fixture
def bell(knocks: Knocks) -> Iterator[alarm.Alarm]:
    """Give an alarm that is stopped afterwards."""
    made = alarm.Alarm(knocks)
    yield made
    made.stop()


def test_it_knocks_at_its_time(bell: alarm.Alarm, knocks: Knocks) -> None:
    """Once, and not before."""
    at = clock.now() + SOON
    bell.set(at)
    assert knocks.came.wait(PATIENCE)
    assert clock.now() >= at
    assert knocks.count == 1


def test_a_time_that_is_past_knocks_at_once(bell: alarm.Alarm, knocks: Knocks) -> None:
    """After a resume the job is hours late, and must not be skipped for that."""
    bell.set(clock.now() - FAR)
    assert knocks.came.wait(PATIENCE)


def test_a_new_time_replaces_the_old_one(bell: alarm.Alarm, knocks: Knocks) -> None:
    """There is one alarm, however often it is set."""
    bell.set(clock.now() + FAR)
    bell.set(clock.now() + 2 * FAR)
    bell.set(clock.now() + SOON)
    assert knocks.came.wait(PATIENCE)
    assert knocks.count == 1
    assert len(bell._scheduler.get_jobs()) == 1


def test_a_clock_that_jumps_over_the_time_rings_at_the_next_setting(bell: alarm.Alarm, knocks: Knocks) -> None:
    """A resume from suspend is not seen by the scheduler: whoever looks again sets a time that is past by then."""
    bell.set(clock.now() + FAR)
    assert not knocks.came.wait(0.1)
    bell.set(clock.now() - FAR)
    assert knocks.came.wait(PATIENCE)
    assert knocks.count == 1


def test_a_time_beyond_every_calendar_is_just_far_away(bell: alarm.Alarm, knocks: Knocks) -> None:
    """Where nothing is due at all, the alarm waits, and can still be set nearer."""
    bell.set(FOREVER)
    bell.set(clock.now() + SOON)
    assert knocks.came.wait(PATIENCE)


def test_it_can_be_set_again_after_it_rang(bell: alarm.Alarm, knocks: Knocks) -> None:
    """The same time twice counts twice when it has rung between."""
    at = clock.now() - SOON
    for _ in range(2):
        bell.set(at)
        assert knocks.came.wait(PATIENCE)
        knocks.came.clear()
    assert knocks.count == 2
