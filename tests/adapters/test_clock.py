from datetime import UTC, datetime, timedelta

from keeplit.adapters import clock

START = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


class Clocks:
    """Both clocks of a machine, moved by hand."""

    def __init__(self) -> None:
        self.wall = START
        self.ran = 100.0

    def awake(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.ran += seconds

    def asleep(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)


def watch(clocks: Clocks) -> clock.WakeWatch:
    """Return the watch of a machine whose slices are a minute."""
    return clock.WakeWatch(60.0, lambda: clocks.wall, lambda: clocks.ran)


def test_the_start_counts_as_a_wake() -> None:
    """What a person did before the start is not known, so the start is the last wake."""
    assert watch(Clocks()).look() == START


def test_an_ordinary_wait_is_no_wake() -> None:
    """Both clocks move together while the machine is awake, however long."""
    clocks = Clocks()
    seen = watch(clocks)
    for seconds in (1, 60, 600, 86_400):
        clocks.awake(seconds)
        assert seen.look() == START


def test_a_jump_of_more_than_a_slice_and_a_half_is_a_wake() -> None:
    """The wall clock ran while the monotonic one stood: the machine slept until now."""
    clocks = Clocks()
    seen = watch(clocks)
    clocks.asleep(89)
    assert seen.look() == START
    clocks.asleep(91)
    assert seen.look() == clocks.wall
    woke = clocks.wall
    clocks.awake(30)
    assert seen.look() == woke


def test_a_clock_set_back_behind_the_last_wake_moves_the_wake() -> None:
    """A wake in the future would make every input look older than it: nobody would ever be there."""
    clocks = Clocks()
    seen = watch(clocks)
    clocks.asleep(-3600)
    assert seen.look() == clocks.wall


def test_the_wall_clock_is_aware_and_the_monotonic_one_grows() -> None:
    """The real clocks give what the core takes."""
    before, awake = clock.monotonic(), clock.awake()
    clock.sleep(0.001)
    assert clock.monotonic() > before
    assert clock.awake() > awake
    assert clock.now().utcoffset() == timedelta(0)
    assert abs(clock.utc_offset(clock.now())) < timedelta(hours=15)
