"""A new release on the disk: the daemon that still runs as the old one starts itself anew, once, at a calm moment.

Law: the new program is asked for its release before anything ends, so one that is half installed is left alone. The
process stays the same one, so whatever started it at login sees neither an end nor a crash.
"""

import logging
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import keeplit
from keeplit.adapters import files, own_command
from keeplit.core.deeds import Plan

log = logging.getLogger(__name__)

TOLD = re.compile(rb"keeplit, version (\S+)")
PATIENCE = 10.0
CALM = timedelta(seconds=5)
ONCE = "KEEPLIT_RESTARTED_FOR"  # in the environment of the new one: the release that it was started for
Signature = tuple[int, int, int]


class NotRestarted(files.FileTrouble):
    """The new release could not be started; ending so, whatever started the old one starts it."""


class Upgrade:
    """Looks whether the package of this process is still the one that it was started from."""

    def __init__(self, environ: Mapping[str, str], version: str = keeplit.__version__) -> None:
        """Take what lies there now for what runs."""
        self._environ = environ
        self._version = version
        self._file = Path(sys.executable if getattr(sys, "frozen", False) else keeplit.__file__)
        self._seen = _signature(self._file)
        self._program = self._release = ""

    @property
    def found(self) -> bool:
        """Whether a new release was found ready."""
        return bool(self._program)

    def ready(self, planned: Plan, now: datetime, *, busy: bool) -> bool:
        """Whether a new release is there, and nothing is under way or due: now is the moment."""
        if sys.platform == "win32":  # a program that runs cannot be replaced there, and exec makes another process
            return False
        found = _signature(self._file)
        if found == self._seen or busy or planned.wake_at - now < CALM:
            return False
        program = own_command.program(self._environ)
        release = _release(program, self._environ) if program is not None else ""
        if not release:
            return False  # half of it is there: the next turn looks again
        self._seen = found
        if release in {self._version, self._environ.get(ONCE)}:
            return False
        self._program, self._release = program or "", release
        log.info("keeplit %s is installed in place of %s: starting anew", release, self._version)
        return True

    def restart(self) -> None:
        """Become the new daemon. Raises `NotRestarted`."""
        environ = {**os.environ, ONCE: self._release}
        try:
            os.execve(self._program, [self._program, "daemon"], environ)  # noqa: S606  # our own path, no shell
        except OSError as error:
            raise NotRestarted(f"{self._program} cannot be started: {error.strerror}; install keeplit again") from None


def _signature(file: Path) -> Signature | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _release(program: str, environ: Mapping[str, str]) -> str:
    """Return the release that a program says it is; empty where it does not say so."""
    try:
        told = subprocess.run(
            [program, "--version"],
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = TOLD.match(told.stdout)
    return found[1].decode(errors="replace") if found is not None and told.returncode == 0 else ""
