"""An hour of the sandbox at speed: the real daemon, the AWS CLI and Claude Code, and a clock that skips what is quiet.

Law: time is skipped for everybody at once, in steps too short for a wake, and never over a moment at which something is
to happen: a renewal, the end of a notice, Claude Code's next question. While somebody signs in or asks, time is real.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import sleep

from keeplit.adapters import sign_in_files
from keeplit.sandbox.claude import Claude, Second
from keeplit.sandbox.clients import person_file
from keeplit.sandbox.faults import Fault
from keeplit.sandbox.happenings import SESSIONS, START_URLS, Happening, Watcher, What
from keeplit.sandbox.nouns import Lifetimes, World
from keeplit.sandbox.scene import PROFILES, until
from keeplit.sandbox.stage import Stage
from keeplit.sandbox.verdict import UNASKED, Verdict, judge
from tests.end_to_end.machine import seconds

ROLE_CREDENTIALS = "GetRoleCredentials"
LIVES = Lifetimes(
    access_token=timedelta(minutes=20),
    role_credentials=timedelta(minutes=15),
    legacy_token=timedelta(minutes=25),
)
SIGN_IN_LIVES = timedelta(minutes=35)
LEAD = timedelta(minutes=2)
CLAUDE_ASKS = timedelta(minutes=1)  # before its credentials end: real Claude Code asks 5 min before
STEP = seconds(60)  # under the 90 s that mean a wake
LOOK = 0.1
BEFORE_A_SIGN_IN = timedelta(minutes=1)  # the faults are for keeplit's renewals, not for the AWS CLI


class Working(Claude):
    """Claude Code, which says when it will ask keeplit again."""

    @property
    def asks_at(self) -> datetime | None:
        """Return when it asks for new credentials; None: it asks or waits now."""
        return self._keys.expires_at - CLAUDE_ASKS if self._keys is not None and self._asking is None else None


@dataclass
class Hour:
    """A stage in a clock of our own, and what was seen on it."""

    stage: Stage
    shift: Path
    ahead: int = 0
    claudes: dict[str, Working] = field(default_factory=dict)
    counted: dict[str, list[Second]] = field(default_factory=dict)
    seen: list[Happening] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def play(self, faults: tuple[tuple[str, Fault], ...], lasting: timedelta) -> Verdict:
        """Let so much time pass and every fault be met, and judge."""
        sandbox = self.stage.sandbox
        watcher = Watcher(sandbox.log, sandbox.sessions, person_file(self.stage.home), self.stage.memory, sandbox.clock)
        latest = sandbox.clock() + 4 * lasting
        for awaited in self.script(faults, lasting):
            self.look(watcher)
            self.skip()
            if sandbox.clock() >= latest:
                self.broken.append(f"This was not seen: {awaited}.")
            if self.stage.daemon is not None and self.stage.daemon.poll() is not None:
                self.broken.append(f"The daemon ended ({self.stage.daemon_said()}).")
            if self.broken:
                break
        for claude in self.claudes.values():
            claude.close()
        opened = {session: self.count(What.SIGNED_IN, session) for session in SESSIONS}
        return judge(self.seen, {name: tuple(all_) for name, all_ in self.counted.items()}, self.broken, opened)

    def script(self, faults: tuple[tuple[str, Fault], ...], lasting: timedelta) -> Iterator[str]:
        """Lead through the hour; each sentence given is what is waited for."""
        clock, switches = self.stage.sandbox.clock, self.stage.sandbox.faults
        self.stage.start_daemon()
        yield from until("the daemon publishes", lambda: len(self.stage.published()) == len(SESSIONS))
        log_ins = {session: self.stage.log_in(session) for session in SESSIONS}
        self.asked = set(SESSIONS)
        yield from until("all sign in", lambda: all(one.process.poll() == 0 for one in log_ins.values()))
        self.asked = set()
        for profile in PROFILES.values():
            command = (profile, self.stage.keeplit, self.stage.environ, self.stage.sandbox.url, clock)
            self.claudes[profile], self.counted[profile] = Working(*command), []
        over = clock() + lasting
        for operation, fault in faults:
            while True:
                yield from until(f"a quiet moment for {fault.kind}", lambda: not self.sign_in_is_near())
                switches.inject(operation, fault)
                met = f"{operation} meets {fault.kind}"
                yield from until(met, lambda: not switches.armed() or self.sign_in_is_near())
                if not switches.armed():
                    break
                switches.clear()
        yield from until("the hour is over", lambda: clock() >= over and not self.sign_in_is_near())

    def look(self, watcher: Watcher) -> None:
        """Take in what is new, and let Claude Code work."""
        for one in watcher.news(wait=LOOK):
            if one.what is What.SIGNED_IN and one.session != "old":  # a legacy one is signed in while it lives
                self.stage.sandbox.sessions.shorten(START_URLS[one.session], one.at + SIGN_IN_LIVES)
            tab = one.what is What.TAB and one.session not in self.asked
            self.seen.append(Happening(one.at, one.what, one.session, UNASKED) if tab else one)
        for profile, claude in self.claudes.items():
            second = claude.work()
            if second is not None:
                self.counted[profile].append(second)

    def skip(self) -> None:
        """Move every clock ahead, up to the next moment at which something is to happen."""
        now, coming = self.stage.sandbox.clock(), self.coming()
        questions = [claude.asks_at for claude in self.claudes.values()]
        if not coming or not questions or None in questions or sign_in_files.running(self.stage.own):
            return
        moments = [*(at for _, _, at in coming), *(at for at in questions if at is not None)]
        step = min(STEP, min(moments) - now - seconds(1)) // seconds(1)
        if step <= 0 or self.stage.daemon is None:
            return
        self.ahead += step
        fresh = self.shift.with_suffix(".new")
        fresh.write_text(str(self.ahead))
        self.stage.sandbox.clock.advance(seconds(step))
        fresh.replace(self.shift)
        os.kill(self.stage.daemon.pid, signal.SIGHUP)
        sleep(LOOK)

    def coming(self) -> list[tuple[str, str, datetime]]:
        """Return each session's next action and its time as published; empty where a session has none."""
        told = json.loads(self.stage.status.read_bytes()) if self.stage.status.exists() else {"sessions": []}
        found = [(one["name"], one["next_action"], one["next_action_at"]) for one in told["sessions"]]
        if any(at is None for _, _, at in found):
            return []
        return [(name, action, datetime.fromisoformat(at)) for name, action, at in found]

    def sign_in_is_near(self) -> bool:
        """Whether somebody signs in, or will soon."""
        soon = self.stage.sandbox.clock() + BEFORE_A_SIGN_IN
        coming = self.coming()
        near = any(action != "refresh" and at <= soon for _, action, at in coming)
        return near or not coming or bool(sign_in_files.running(self.stage.own))

    def count(self, what: What, session: str) -> int:
        """Count the happenings of a kind."""
        return sum(one.what is what and one.session == session for one in self.seen)


def stage_of(*, outlives: bool) -> Stage:
    """Return the stage of an hour."""
    return Stage(LIVES, World(outlives=outlives), LEAD)
