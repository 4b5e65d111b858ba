"""Autostart by launchd: two LaunchAgents of the person's own graphical session.

Law: what is loaded is what lies on the disk. launchd keeps an agent as it was read, so one that changed is taken out
before it is put in anew. On macOS 13 and later a person can switch them off in the settings, and no program back on.
"""

import os
import plistlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from keeplit.adapters import clock
from keeplit.adapters.autostart import standing
from keeplit.adapters.autostart.standing import Called, NotStartable, Standing
from keeplit.core.service_files import LABELS, Part, launch_agent

FIELD = re.compile(r"^\s*(state|pid|runs|last exit code|last terminating signal) = (.+?)\s*$", re.MULTILINE)
OFF = re.compile(r'"([^"]+)" => (?:disabled|true)')
ELAPSED = re.compile(r"(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+)")
SWITCH = "System Settings, General, Login Items & Extensions: allow keeplit in the background"
STILL_ENDS = frozenset({36, 37})  # EINPROGRESS and EALREADY of macOS: what was taken out is still ending
NO_SCREEN = 125  # of a person who is not logged in at the screen
TRIES, WAIT = 20, 0.25


class Launchd:
    """The agents of one person."""

    name = "launchd"
    parts: tuple[Part, ...] = tuple(Part)

    def __init__(self, home: Path, environ: Mapping[str, str]) -> None:
        """Ask nothing yet."""
        self._agents = home / "Library" / "LaunchAgents"
        self._logs = home / "Library" / "Logs" / "keeplit"
        self._environ = dict(environ)
        self._domain = f"gui/{os.getuid() if hasattr(os, 'getuid') else 0}"

    def entry(self, part: Part) -> Path:
        """Return where the agent of a part lies."""
        return self._agents / f"{LABELS[part]}.plist"

    def enable(self, program: str, *, start: bool = True) -> None:
        """Write the agents and load them, which starts them. Raises `FileTrouble`."""
        del start  # an agent that is loaded runs; a daemon that finds another one ends well
        try:
            wanted = {part: self._wanted(part, program) for part in self.parts}
        except ValueError as error:
            raise NotStartable(f"{error}: {program!r}; install keeplit elsewhere, then try again") from None
        standing.make_folder(self._logs)  # launchd makes none for what an agent prints
        changed = {part: standing.put(self.entry(part), data) for part, data in wanted.items()}
        for part in self.parts:
            self._load(part, program, changed=changed[part])

    def _load(self, part: Part, program: str, *, changed: bool) -> None:
        target = f"{self._domain}/{LABELS[part]}"
        told = self._call("print", target)
        loaded = told.well
        # An earlier change may have ended between the file and launchd: what it has loaded is what counts.
        changed = changed or f"program = {program}" not in (line.strip() for line in told.out.splitlines())
        if loaded and changed:
            self._take_out(part)
        if LABELS[part] in self._switched_off():
            self._call("enable", target)  # it would not load; launchd remembers an `enable` for ever, so only here
        if not loaded or changed:
            done = self._call("bootstrap", self._domain, str(self.entry(part)))
            for _ in range(TRIES):
                if done.code not in STILL_ENDS:
                    break
                clock.sleep(WAIT)
                done = self._call("bootstrap", self._domain, str(self.entry(part)))
            if done.code == NO_SCREEN:
                raise NotStartable("nobody is logged in at this Mac's screen; from the next login there it is started")
            if not done.well:
                raise NotStartable(f"launchd did not load {self.entry(part)}: {done.why}; look at: {SWITCH}")
        self._call("kickstart", target)

    def _take_out(self, part: Part) -> None:
        """Take an agent out, and wait until launchd has let go of it: it ends what runs first."""
        target = f"{self._domain}/{LABELS[part]}"
        done = self._call("bootout", target)
        if not done.well and done.code not in STILL_ENDS:
            raise NotStartable(f"launchd did not let go of {LABELS[part]}: {done.why}; try again")
        for _ in range(TRIES):
            if not self._call("print", target).well:
                return
            clock.sleep(WAIT)

    def _switched_off(self) -> set[str]:
        return set(OFF.findall(self._call("print-disabled", self._domain).out))

    def disable(self) -> None:
        """Take the agents out and remove them, with what they printed. Raises `FileTrouble`."""
        for part in self.parts:
            target = f"{self._domain}/{LABELS[part]}"
            if self._call("print", target).well:
                self._take_out(part)
            standing.take_away(self.entry(part), up_to=self._agents.parent.parent)
            standing.take_away(self._log(part), up_to=self._logs.parent)

    def standings(self, program: str | None) -> tuple[Standing, ...]:
        """Return how each part stands."""
        off = self._switched_off()
        return tuple(self._standing(part, program, off) for part in self.parts)

    def _standing(self, part: Part, program: str | None, off: set[str]) -> Standing:
        data = standing.read(self.entry(part))
        if data is None:
            return Standing(
                part,
                enabled=False,
                running=False,
                why_not=f"{self.entry(part)} is not there",
                fix="keeplit autostart enable",
            )
        told = self._call("print", f"{self._domain}/{LABELS[part]}")
        fields = dict(reversed(FIELD.findall(told.out))) if told.well else {}
        runs = fields.get("state") == "running"
        signal, code = fields.get("last terminating signal", ""), fields.get("last exit code", "")
        why = fix = ""
        if LABELS[part] in off:
            why, fix = "it is switched off", SWITCH
        elif not told.well:
            why, fix = "launchd has not loaded it", f"keeplit autostart enable; if it stays so: {SWITCH}"
        elif not runs:
            why, fix = "it is not running", "keeplit logs, then: keeplit autostart enable"
        return Standing(
            part,
            enabled=LABELS[part] not in off,
            running=runs,
            since=self._since(fields.get("pid", "")) if runs else None,
            last_exit=f"signal {signal}" if signal else f"exit {code.split(':')[0]}" if code[:1].isdigit() else "",
            restarts=max(int(fields["runs"]) - 1, 0) if fields.get("runs", "").isdigit() else None,
            why_not=why,
            fix=fix,
            current=program is None or data == self._written(part, program),
        )

    def _since(self, pid: str) -> datetime | None:
        found = ELAPSED.fullmatch(
            standing.call("ps", "-o", "etime=", "-p", pid, environ=self._environ, patience=5.0).out.strip()
        )
        if found is None:
            return None
        days, hours, minutes, seconds = (int(one or 0) for one in found.groups())
        return clock.now() - timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)

    def _log(self, part: Part) -> Path:
        return self._logs / f"{part}.log"

    def _wanted(self, part: Part, program: str) -> bytes:
        return plistlib.dumps(launch_agent(part, program, str(self._log(part))), sort_keys=False)

    def _written(self, part: Part, program: str) -> bytes:
        try:
            return self._wanted(part, program)
        except ValueError:
            return b""

    def _call(self, *arguments: str) -> Called:
        return standing.call("launchctl", *arguments, environ=self._environ)
