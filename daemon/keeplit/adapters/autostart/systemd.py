"""Autostart by systemd's user manager: one unit for the daemon, started with the person's first login.

Law: nothing is believed of the manager that it did not answer; one that cannot be reached is said, and nothing is
written. The limit of starts is counted anew at each `enable`: whoever asks again has seen to what was wrong. A unit
that came with the package is used as it lies there, so that it is never older than the program.
"""

import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from keeplit.adapters.autostart import standing
from keeplit.adapters.autostart.standing import Called, NotStartable, Standing
from keeplit.core.service_files import CRASHES, PACKAGED_FOR, WITHIN_SECONDS, Part, unit

UNIT = "keeplit.service"
PACKAGED = Path("/usr/lib/systemd/user") / UNIT
WANTED = Path("default.target.wants") / UNIT
FOR_ALL = Path("/etc/systemd/user") / WANTED  # where `systemctl --global enable` links
UNMASK = "systemctl --user unmask keeplit, then: keeplit autostart enable"
SHOWN = (
    *("LoadState", "ActiveState", "SubState", "UnitFileState", "ActiveEnterTimestamp", "Result", "FragmentPath"),
    *("ExecMainCode", "ExecMainStatus", "ExecMainExitTimestamp", "NRestarts", "NeedDaemonReload"),
)
RUNS = frozenset({"active", "reloading"})
TIMESTAMP = "%a %Y-%m-%d %H:%M:%S UTC"
SIGNALS = {6: "ABRT", 9: "KILL", 11: "SEGV", 15: "TERM"}
EXITED, KILLED, DUMPED = 1, 2, 3  # CLD_… of waitid(2)
NO_PROGRAM = 203


class Systemd:
    """The user manager of one person."""

    name = "systemd"
    parts: tuple[Part, ...] = (Part.DAEMON,)

    def __init__(self, home: Path, environ: Mapping[str, str]) -> None:
        """Ask nothing yet."""
        moved = environ.get("XDG_CONFIG_HOME", "")
        self._config = Path(moved) if os.path.isabs(moved) else home / ".config"  # noqa: PTH117  # it may be empty
        self.unit = self._config / "systemd" / "user" / UNIT
        # Times are told in UTC and in English; from `su` and cron the manager is found all the same.
        self._environ = {**environ, "TZ": "UTC", "LC_ALL": "C"}
        runtime = f"/run/user/{os.getuid()}" if hasattr(os, "getuid") else ""
        if not environ.get("XDG_RUNTIME_DIR") and os.path.isdir(runtime):  # noqa: PTH112
            self._environ["XDG_RUNTIME_DIR"] = runtime

    def enable(self, program: str, *, start: bool = True) -> None:
        """Write the unit, have it started at login, and start it now, anew where it changed. Raises `FileTrouble`."""
        if self._masked:
            raise NotStartable(f"{UNIT} is masked; do: {UNMASK}")
        release = self._release()
        try:
            wanted = unit(program, release).encode()
        except ValueError as error:
            raise NotStartable(f"{error}: {program!r}; install keeplit elsewhere, then try again") from None
        if not self.unit.is_symlink() and standing.read(PACKAGED) == unit(program, PACKAGED_FOR).encode():
            changed = standing.take_away(self.unit, up_to=self._config)
        else:
            changed = standing.put(self.unit, wanted)
        self._must("daemon-reload")
        self._call("reset-failed", UNIT)
        # A link that leads elsewhere, or is there no more, is made anew.
        self._must("reenable", UNIT)
        shown = self._show()
        if shown.get("LoadState") != "loaded":
            self.disable()
            raise NotStartable(
                f"systemd's user manager does not read {self.unit.parent}: it was started with another "
                "XDG_CONFIG_HOME; unset that, then try again"
            )
        runs = shown.get("ActiveState") in RUNS
        if runs and changed:
            self._must("restart", UNIT)
        elif start and not runs:
            self._must("start", UNIT)

    def disable(self) -> None:
        """End the daemon and remove the unit. Raises `FileTrouble`."""
        if self._masked:  # by the person: that is no file of ours, and nothing starts
            self._call("stop", UNIT)
            standing.take_away(self.link, up_to=self._config)
            return
        answers = self._call("is-system-running")
        if os.path.lexists(self.unit) or self.linked() or self._show().get("ActiveState") in RUNS:
            done = self._call("disable", "--now", UNIT)
            if not done.well and "no such file" not in done.why.lower() and "does not exist" not in done.why.lower():
                raise NotStartable(f"systemd did not disable {UNIT}: {done.why}; log in as this user, then try again")
            standing.take_away(self.link, up_to=self._config)
            standing.take_away(self.unit, up_to=self._config)
        if answers.code != standing.MISSING:
            self._call("daemon-reload")
            self._call("reset-failed", UNIT)

    @property
    def link(self) -> Path:
        """Return where this person's own link lies while it is enabled."""
        return self.unit.parent / WANTED

    @property
    def _masked(self) -> bool:
        return self.unit.is_symlink() and os.path.realpath(self.unit) == os.devnull

    def linked(self) -> bool:
        """Whether the next login starts it, by this person's own link or by everybody's: read out of files alone."""
        return not self._masked and any(map(os.path.lexists, (self.link, FOR_ALL)))

    def standings(self, program: str | None) -> tuple[Standing, ...]:
        """Return how the daemon stands."""
        shown = self._show()
        if not shown:
            why = self._call("show", UNIT).why
            said = f"systemd's user manager does not answer: {why}"
            return (
                Standing(Part.DAEMON, enabled=self.linked(), why_not=said, fix="log in as this user, then look again"),
            )
        state, result = shown.get("ActiveState", ""), shown.get("Result", "")
        enabled, runs = shown.get("UnitFileState") == "enabled", state in RUNS
        data = standing.read(Path(shown.get("FragmentPath") or self.unit))
        restarts = _number(shown.get("NRestarts", ""))
        why, fix = "", ""
        if self._masked:
            why, fix = "the unit is masked", UNMASK
        elif not enabled:
            why, fix = f"the unit is {shown.get('UnitFileState') or 'not there'}", "keeplit autostart enable"
        elif state == "failed":
            why, fix = _failed(shown), "keeplit logs, then: keeplit autostart enable"
        elif not runs:
            why = "it was ended" if result == "success" and shown.get("ExecMainExitTimestamp") else f"it is {state}"
            fix = "systemctl --user start keeplit"
        return (
            Standing(
                Part.DAEMON,
                enabled,
                runs,
                _time(shown.get("ActiveEnterTimestamp", "")) if runs else None,
                _last_exit(shown),
                restarts,
                why,
                fix,
                current=program is None or not enabled or data in self._wanted(program),
            ),
        )

    def _wanted(self, program: str) -> tuple[bytes, ...]:
        try:
            return unit(program, self._release()).encode(), unit(program, PACKAGED_FOR).encode()
        except (ValueError, NotStartable):
            return ()

    def _release(self) -> int:
        told = standing.call("systemctl", "--version", environ=self._environ)
        found = re.match(r"systemd (\d+)", told.out)
        if found is None:
            raise NotStartable(f"systemctl does not tell its release: {told.why}; see: systemctl --version")
        return int(found[1])

    def _show(self) -> dict[str, str]:
        told = self._call("show", UNIT, f"--property={','.join(SHOWN)}")
        lines = (line.partition("=") for line in told.out.splitlines()) if told.well else ()
        return {name: value for name, _, value in lines}

    def _must(self, *arguments: str) -> None:
        done = self._call(*arguments)
        if not done.well:
            raise NotStartable(
                f"systemd did not {arguments[0]} keeplit: {done.why}; see: systemctl --user status keeplit"
            )

    def _call(self, *arguments: str) -> Called:
        # Longer than a start and an end may take.
        return standing.call("systemctl", "--user", *arguments, environ=self._environ, patience=90.0)


def _failed(shown: Mapping[str, str]) -> str:
    """Return why systemd gave the unit up."""
    if _number(shown.get("ExecMainStatus", "")) == NO_PROGRAM:
        return "its keeplit is not there any more, or may not be run"
    if (_number(shown.get("NRestarts", "")) or 0) >= CRASHES - 1 or shown.get("Result") == "start-limit-hit":
        return f"it ended by itself {CRASHES} times within {WITHIN_SECONDS // 60} min, so systemd starts it no more"
    return f"it failed ({shown.get('Result', '')})"


def _last_exit(shown: Mapping[str, str]) -> str:
    code, status = _number(shown.get("ExecMainCode", "")), _number(shown.get("ExecMainStatus", ""))
    stuck = "it was stuck, and ended by the watchdog: " if shown.get("Result") == "watchdog" else ""
    if code == EXITED:
        return f"{stuck}exit {status}"
    if code in {KILLED, DUMPED}:
        return f"{stuck}signal {SIGNALS.get(status or 0, str(status))}"
    return ""


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def _time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, TIMESTAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
