"""The clocks and the only wait: wall time, monotonic time, the local offset, and what a resume from suspend looks like.

Law: nobody else reads a clock. On Linux the monotonic clock stands still in suspend, so a wall clock that ran ahead of
it by more than 1.5 slices means that the machine slept.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

SLICE_SECONDS = 60.0
JUMP = 1.5


def now() -> datetime:
    """Return the wall clock's time, aware UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Return seconds that only grow."""
    return time.monotonic()


def sleep(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


def utc_offset(at: datetime) -> timedelta:
    """Return what the local clock is ahead of UTC at the moment `at` (aware)."""
    return at.astimezone().utcoffset() or timedelta(0)


class WakeWatch:
    """Notices that the machine slept: between two looks the wall clock ran ahead of the monotonic one."""

    def __init__(
        self,
        slice_seconds: float = SLICE_SECONDS,
        now: Callable[[], datetime] = now,
        monotonic: Callable[[], float] = monotonic,
    ) -> None:
        """Take the start as a wake: what happened before it is not known."""
        self._most = timedelta(seconds=JUMP * slice_seconds)
        self._now = now
        self._monotonic = monotonic
        self._wall = now()
        self._ran = monotonic()
        self._woke_at = self._wall

    def look(self) -> datetime:
        """Return when the machine woke last, as far as these looks tell."""
        wall, ran = self._now(), self._monotonic()
        jumped = (wall - self._wall) - timedelta(seconds=ran - self._ran)
        if jumped > self._most or wall < self._woke_at:
            self._woke_at = wall
        self._wall, self._ran = wall, ran
        return self._woke_at
