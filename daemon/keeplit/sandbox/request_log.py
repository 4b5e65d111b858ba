"""The log of what clients asked and what they were told; it never holds a token."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from threading import Condition


@dataclass(frozen=True, slots=True)
class Entry:
    """One request. ``outcome`` is the HTTP status of a success, the error's name, or the fault's kind."""

    number: int
    at: datetime
    operation: str
    outcome: str
    session: str
    client: str


@dataclass(slots=True)
class RequestLog:
    """Entries in order, from number 1; any thread may add and any may wait."""

    _entries: list[Entry] = field(default_factory=list)
    _news: Condition = field(default_factory=Condition, repr=False)

    def add(self, at: datetime, operation: str, outcome: str, *, session: str = "", client: str = "") -> None:
        """Write one entry and wake whoever waits."""
        with self._news:
            self._entries.append(Entry(len(self._entries) + 1, at, operation, outcome, session, client))
            self._news.notify_all()

    def since(self, number: int = 0, *, wait: float = 0.0) -> tuple[Entry, ...]:
        """Return the entries after ``number``; when there are none, first wait up to ``wait`` seconds for one."""
        with self._news:
            if wait > 0:
                self._news.wait_for(lambda: len(self._entries) > number, timeout=wait)
            return tuple(self._entries[number:])

    def of(self, operation: str) -> tuple[Entry, ...]:
        """Return the entries of one operation."""
        return tuple(one for one in self.since() if one.operation == operation)
