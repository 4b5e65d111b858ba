"""Autostart by the Task Scheduler: one task for each part, at the logon of this person.

Law: what schtasks prints for people is in the language of the system, so only numbers and XML are read. Tasks are one
list for the whole machine: each name says whose it is. The program is the one that shows no console.
"""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path, PureWindowsPath
from xml.etree.ElementTree import Element, ParseError

from keeplit.adapters.autostart import standing
from keeplit.adapters.autostart.standing import Called, NotStartable, Standing
from keeplit.core.service_files import NAMESPACE, Part, task, task_after_crash

TAG = f"{{{NAMESPACE}}}"
LAST_RESULT = 6  # the column of `schtasks /query /v /fo csv`; its heading is translated
RUNS, NEVER_RAN, ENDED_BY_A_PERSON = 267009, 267011, 267014  # SCHED_S_TASK_…
UNSIGNED = 0xFFFFFFFF


class Windows:
    """The tasks of one person."""

    name = "windows"
    parts: tuple[Part, ...] = tuple(Part)

    def __init__(self, home: Path, environ: Mapping[str, str]) -> None:
        """Ask nothing yet."""
        self._home = home
        self._environ = dict(environ)
        name = environ.get("USERNAME", "") or home.name
        domain = environ.get("USERDOMAIN", "")
        self._user = f"{domain}\\{name}" if domain else name
        self._suffix = re.sub(r'[\\/:*?"<>|]', "_", name)

    def task_name(self, part: Part) -> str:
        """Return what the task of a part is called."""
        return f"keeplit {part} ({self._suffix})"

    def task_names(self, part: Part) -> tuple[str, ...]:
        """Return what the tasks of a part are called: the daemon has one more, for after a crash."""
        after = (f"keeplit {part} after a crash ({self._suffix})",) if part is Part.DAEMON else ()
        return (self.task_name(part), *after)

    def enable(self, program: str, *, start: bool = True) -> None:
        """Make the tasks, over those that are there, and start them. Raises `FileTrouble`."""
        try:
            wanted = {part: self._wanted(part, program) for part in self.parts}
        except ValueError as error:
            raise NotStartable(f"{error}: {program!r}; install keeplit elsewhere, then try again") from None
        for part, texts in wanted.items():
            for name, text in texts.items():
                self._create(name, text)
            if start and not self._runs(part):
                self._must("/run", "/tn", self.task_name(part))

    def _create(self, task: str, text: str) -> None:
        """Hand the task over in a file, which schtasks wants in UTF-16 with its mark."""
        handle, name = tempfile.mkstemp(prefix="keeplit-", suffix=".xml")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode("utf-16"))
            self._must("/create", "/tn", task, "/xml", name, "/f")
        finally:
            Path(name).unlink(missing_ok=True)

    def disable(self) -> None:
        """End and remove the tasks. Raises `FileTrouble`."""
        # What starts the daemon again goes first.
        names = [name for part in self.parts for name in reversed(self.task_names(part))]
        there = [name for name in names if self._call("/query", "/tn", name).well]
        # All are switched off before one is ended: the flame's may end with it whoever was asked for this by a click.
        for name in there:
            self._call("/change", "/tn", name, "/disable")
        for name in there:
            self._call("/end", "/tn", name)
            self._must("/delete", "/tn", name, "/f")

    def standings(self, program: str | None) -> tuple[Standing, ...]:
        """Return how each part stands."""
        return tuple(self._standing(part, program) for part in self.parts)

    def _standing(self, part: Part, program: str | None) -> Standing:
        name = self.task_name(part)
        told = self._call("/query", "/tn", name, "/xml", "ONE")
        if not told.well:
            return Standing(
                part,
                enabled=False,
                running=False,
                why_not=f"there is no task {name!r}",
                fix="keeplit autostart enable",
            )
        found = _parsed(told.out)
        enabled = _text(found, "Settings/Enabled") != "false"
        result = self._result(name)
        runs = None if result is None else self._runs(part)
        return Standing(
            part,
            enabled=enabled,
            running=runs,
            last_exit="" if result is None else _last_exit(result),
            why_not="" if enabled else f"the task {name!r} is switched off",
            fix="" if enabled else "keeplit autostart enable",
            current=program is None or all(self._starts(program, one) for one in self.task_names(part)),
        )

    def _starts(self, program: str, task: str) -> bool:
        command = _text(_parsed(self._call("/query", "/tn", task, "/xml", "ONE").out), "Actions/Exec/Command")
        return _told(command) == _told(_windowless(program))

    def _result(self, task: str) -> int | None:
        """Return how the task's last run ended, as the scheduler's number."""
        line = self._call("/query", "/tn", task, "/v", "/fo", "csv", "/nh").out.strip().splitlines()
        fields = re.findall(r'"((?:[^"]|"")*)"', line[0]) if line else []
        number = fields[LAST_RESULT] if len(fields) > LAST_RESULT else ""
        return int(number) & UNSIGNED if re.fullmatch(r"-?\d+", number) else None

    def _runs(self, part: Part) -> bool:
        return any(self._result(name) == RUNS for name in self.task_names(part))

    def _wanted(self, part: Part, program: str) -> dict[str, str]:
        whose = (_windowless(program), self._user, str(self._home))
        after = [task_after_crash(*whose)] if part is Part.DAEMON else []
        return dict(zip(self.task_names(part), [task(part, *whose), *after], strict=True))

    def _must(self, *arguments: str) -> None:
        done = self._call(*arguments)
        if not done.well:
            raise NotStartable(f"the Task Scheduler refused {arguments[0]} {arguments[2]!r}: {done.why}")

    def _call(self, *arguments: str) -> Called:
        return standing.call("schtasks", *arguments, environ=self._environ)


def _windowless(program: str) -> str:
    """Return the keeplit beside `program` that opens no console; itself where there is none."""
    path = PureWindowsPath(program)
    beside = str(path.with_name("keeplitw.exe"))
    return beside if path.name.lower() in {"keeplit.exe", "keeplit"} and Path(beside).is_file() else program


def _parsed(text: str) -> Element | None:
    from xml.etree.ElementTree import fromstring

    try:
        # Its first line says UTF-16, which is what is written to a file, not what came through the pipe.
        return fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))  # noqa: S314  # the system's own tool wrote it
    except ParseError:
        return None


def _text(found: Element | None, path: str) -> str:
    inside = "/".join(TAG + name for name in path.split("/"))
    return ((found.findtext(inside) if found is not None else "") or "").strip()


def _told(path: str) -> str:
    """Return a path as far as a pipe tells it: schtasks writes other letters in the console's own code page."""
    return re.sub(r"[^\x20-\x3e\x40-\x7e]+", "?", path)


def _last_exit(result: int) -> str:
    if result in {RUNS, NEVER_RAN}:
        return ""
    return "it was ended" if result == ENDED_BY_A_PERSON else f"exit {result}"
