"""The request log."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Timer

from keeplit.sandbox.request_log import Entry, RequestLog

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_entries_are_numbered_and_found_by_operation() -> None:
    """One reads on from the last number one saw, or asks for one operation."""
    log = RequestLog()
    for operation in ("Logout", "CreateToken", "Logout"):
        log.add(NOON, operation, "200", client="test")
    assert log.since(2) == (Entry(3, NOON, "Logout", "200", "", "test"),)
    assert [one.number for one in log.of("Logout")] == [1, 3]


def test_waits_for_news() -> None:
    """Whoever waits wakes with the entry that came; whoever does not is told that there is none."""
    log = RequestLog()
    nothing = log.since(wait=0.01)
    later = Timer(0.05, log.add, (NOON, "Logout", "200"))
    later.start()
    assert (nothing, [one.operation for one in log.since(wait=10)]) == ((), ["Logout"])
    later.join()
