"""The sandbox's own time: a clock that follows the wall clock and can be moved ahead of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Now = Callable[[], datetime]


def wall() -> datetime:
    """Return the real time, aware and in UTC."""
    return datetime.now(UTC)


class Clockwork:
    """A callable clock: ``base()`` plus what `advance` has added so far."""

    __slots__ = ("_ahead", "_base")

    def __init__(self, base: Now = wall) -> None:
        """Follow ``base``, a function that returns an aware datetime."""
        self._base = base
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        """Return the sandbox's present time in UTC."""
        return self._base().astimezone(UTC) + self._ahead

    def advance(self, by: timedelta) -> None:
        """Move the clock ahead (or, with a negative duration, back)."""
        self._ahead += by
