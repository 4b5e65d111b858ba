"""The sandbox's own time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from keeplit.sandbox.clockwork import Clockwork, wall


def test_advances_and_goes_back() -> None:
    """A clock that stands moves only as it is told, and answers in UTC whatever its base says."""
    paris = datetime(2026, 3, 2, 13, 0, tzinfo=timezone(timedelta(hours=1)))
    clock = Clockwork(lambda: paris)
    clock.advance(timedelta(minutes=5))
    clock.advance(timedelta(minutes=-2))
    assert clock().isoformat() == "2026-03-02T12:03:00+00:00"


def test_follows_the_wall_clock() -> None:
    """Without a base it is the real time."""
    before = wall()
    assert before <= Clockwork()() <= datetime.now(UTC)
