"""The clocks and the only wait: wall time, monotonic time, the local offset, and what a resume from suspend looks like.

Law: nobody else reads a clock. There is one on every system that stands still in suspend, so a wall clock that ran
ahead of it by more than 1.5 slices means that the machine slept.
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

SLICE_SECONDS = 60.0
JUMP = 1.5
TICKS_A_SECOND = 10_000_000


def now() -> datetime:
    """Return the wall clock's time, aware UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Return seconds that only grow."""
    return time.monotonic()


if sys.platform == "win32":

    def awake() -> float:
        """Return seconds that pass only while the machine is awake; the monotonic clock of Windows goes on in suspend.

        https://learn.microsoft.com/windows/win32/api/realtimeapiset/nf-realtimeapiset-queryunbiasedinterrupttime
        """
        import ctypes

        ticks = ctypes.c_ulonglong()
        ctypes.windll.kernel32.QueryUnbiasedInterruptTime(ctypes.byref(ticks))
        return ticks.value / TICKS_A_SECOND

else:

    def awake() -> float:
        """Return seconds that pass only while the machine is awake, as the monotonic clock does here."""
        return time.monotonic()


def sleep(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


def utc_offset(at: datetime) -> timedelta:
    """Return what the local clock is ahead of UTC at the moment `at` (aware)."""
    return at.astimezone().utcoffset() or timedelta(0)


class WakeWatch:
    """Notices that the machine slept: between two looks the wall clock ran ahead of the one that stands still then."""

    def __init__(
        self,
        slice_seconds: float = SLICE_SECONDS,
        now: Callable[[], datetime] = now,
        awake: Callable[[], float] = awake,
    ) -> None:
        """Take the start as a wake: what happened before it is not known."""
        self._most = timedelta(seconds=JUMP * slice_seconds)
        self._now = now
        self._awake = awake
        self._wall = now()
        self._ran = awake()
        self._woke_at = self._wall

    def look(self) -> datetime:
        """Return when the machine woke last, as far as these looks tell."""
        wall, ran = self._now(), self._awake()
        jumped = (wall - self._wall) - timedelta(seconds=ran - self._ran)
        if jumped > self._most or wall < self._woke_at:
            self._woke_at = wall
        self._wall, self._ran = wall, ran
        return self._woke_at
