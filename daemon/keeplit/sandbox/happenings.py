"""What happens in the sandbox, read where it shows: the request log, the tabs, keeplit's memory, the sessions' truth.

Law: nothing is guessed and nothing is taken from keeplit's own words about itself, where AWS's side can tell: a renewal
is a token that was given out, a tab is a page that was loaded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha1
from pathlib import Path

from keeplit.adapters import notebook
from keeplit.core.causes import NEEDED
from keeplit.core.memory import SessionMemory
from keeplit.sandbox.clients import ACME, BETA, LEGACY
from keeplit.sandbox.clockwork import Now
from keeplit.sandbox.person import Tab, tabs_of
from keeplit.sandbox.request_log import Entry, RequestLog
from keeplit.sandbox.sessions import Sessions

START_URLS = {"acme": ACME, "beta": BETA, "old": LEGACY}
SESSIONS = tuple(START_URLS)


class What(StrEnum):
    """The kinds of happenings."""

    STARTED = "started"
    ASKED = "asked"
    TAB = "tab"
    SIGNED_IN = "signed in"
    RENEWED = "renewed"
    FAULT = "fault"
    MENDED = "mended"
    FAILED = "failed"
    RECOVERED = "recovered"
    END_PROVEN = "end proven"
    REFUSED = "refused"
    ANNOUNCED = "announced"
    NEEDED = "needed"
    BRIDGED = "bridged"
    OVER = "over"
    DARK = "dark"
    LIT = "lit"
    FORGOT = "forgot"
    REPAIRED = "repaired"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to a session (empty: to all, or to none), with what else there is to say."""

    at: datetime
    what: What
    session: str = ""
    detail: str = ""


def key_of(session: str) -> str:
    """Return the stem of a session's token file."""
    name = LEGACY if session == "old" else session
    return sha1(name.encode(), usedforsecurity=False).hexdigest()


def session_of(start_url: str) -> str:
    """Return the session of a start URL; empty for a foreign one."""
    return next((name for name, url in START_URLS.items() if url == start_url), "")


def session_of_label(label: str) -> str:
    """Return the session of a label of the request log."""
    host = label.partition("/")[0]
    return next((name for name, url in START_URLS.items() if host and f"://{host}/" in url), "")


@dataclass(slots=True)
class Watcher:
    """Tells what is new each time it looks."""

    log: RequestLog
    sessions: Sessions
    person: Path
    memory: Path
    now: Now
    waiting: set[str] = field(default_factory=set)
    """The sessions with a tab that waits for the person."""
    failing: set[str] = field(default_factory=set)
    """The sessions whose last renewal failed."""
    _entries: int = 0
    _tabs: int = 0
    _known: dict[str, SessionMemory] = field(default_factory=dict)
    _ended: set[int] = field(default_factory=set)

    def news(self, wait: float = 0.0) -> tuple[Happening, ...]:
        """Return what happened since the last look; wait up to ``wait`` seconds for a request where nothing did."""
        # Memory before log: a failure is written down before its next try is made. Log before tabs: see _asked.
        entries = self.log.since(self._entries, wait=wait)
        self._entries += len(entries)
        found = [*self._remembered(), *self._opened()]
        for entry in entries:
            found += self._answered(entry)
        return (*found, *self._over())

    def _opened(self) -> list[Happening]:
        tabs = tabs_of(self.person)
        fresh, self._tabs = tabs[self._tabs :], len(tabs)
        return [self._tab(tab) for tab in fresh]

    def _tab(self, tab: Tab) -> Happening:
        session = session_of(tab.start_url)
        self.waiting.add(session)
        return Happening(tab.at, What.TAB, session, tab.kind)

    def _answered(self, entry: Entry) -> list[Happening]:
        """Tell a token that was given out: for a tab that waited it is a sign-in, else a renewal."""
        session = session_of_label(entry.session)
        if entry.operation != "CreateToken" or entry.outcome != "200" or not session:
            return []
        if session in self.waiting:
            self.waiting.discard(session)
            self.failing.discard(session)
            return [Happening(entry.at, What.SIGNED_IN, session)]
        if session in self.failing:
            self.failing.discard(session)
            return [Happening(entry.at, What.RECOVERED, session)]
        return [Happening(entry.at, What.RENEWED, session)]

    def _remembered(self) -> list[Happening]:
        memory, _ = notebook.read_memory(self.memory)
        found: list[Happening] = []
        for session in SESSIONS:
            old = self._known.get(session, SessionMemory())
            new = memory.sessions.get(key_of(session), old)
            self._known[session] = new
            found += self._concluded(session, old, new)
        return found

    def _concluded(self, session: str, old: SessionMemory, new: SessionMemory) -> list[Happening]:
        now = self.now()
        found: list[Happening] = []
        if new.refresh.failures > 0 and new.refresh.at != old.refresh.at:
            self.failing.add(session)
            again = f"{new.refresh.delay / timedelta(seconds=1):.0f}"
            found.append(Happening(now, What.FAILED, session, again))
        if new.refused and new.refused != old.refused:
            left = new.token_end - now if new.token_end is not None else timedelta(0)
            found.append(Happening(now, What.REFUSED, session, _seconds(left)))
        if new.capped and new.capped != old.capped and new.token_end is not None:
            found.append(Happening(now, What.END_PROVEN, session, _seconds(new.token_end - now)))
        if new.announced and new.announced != old.announced:
            found.append(Happening(new.announced_at or now, What.ANNOUNCED, session))
        # Before the first sign-in a person needs no notice to know that.
        if new.token and any(cause.startswith(NEEDED) for cause in set(new.told) - set(old.told)):
            found.append(Happening(now, What.NEEDED, session))
        if new.bridged and new.bridged_at != old.bridged_at:
            found.append(Happening(new.bridged_at or now, What.BRIDGED, session))
        return found

    def _over(self) -> list[Happening]:
        now = self.now()
        gone = [one for one in self.sessions.all() if one.number not in self._ended and not one.lives(now)]
        self._ended |= {one.number for one in gone}
        return [Happening(now, What.OVER, session_of(one.start_url)) for one in gone]


def _seconds(length: timedelta) -> str:
    return f"{max(0.0, length / timedelta(seconds=1)):.0f}"
