"""What a service lacks of the desktop: display, bus and session, as systemd's user manager has learned them since.

Law: it is asked only where no display is in the environment, and within 2 s. A service that runs never gets what a
session imports later; the manager has it. A display that comes or goes makes or removes a socket: two looks at folders
say so each turn, while to ask takes a process of its own. So it is asked at most every 30 s after such a change, and
otherwise every 10 min.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress

from keeplit.adapters import clock

WANTED = frozenset(
    {"DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"}
    | {"XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP"}
)
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")
X_SOCKETS = "/tmp/.X11-unix"  # noqa: S108  # where every X server keeps its socket; it is looked at, never written
KEPT_SECONDS = 30.0  # less than the longest wait between two turns: each asks anew, while a session begins
KEPT_AT_REST = 600.0
BEGINS_IN = 120.0  # a session imports its environment after its display has come, most within seconds
PATIENCE = 2.0
NANOSECONDS = 1_000_000_000
# systemd's shell_maybe_quote: $'…' with the escapes of C since 248, "…" with a backslash before.
QUOTED = re.compile(r"\$'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)
C_ESCAPE = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|(.))", re.DOTALL)
C_LETTERS = dict(zip(b"abfnrtv", b"\a\b\f\n\r\t\v", strict=True))


class Manager:
    """The environment of systemd's user manager, as far as a desktop is in it."""

    def __init__(self, monotonic: Callable[[], float] = clock.monotonic) -> None:
        """Ask nothing yet."""
        self._monotonic = monotonic
        self._asked: float | None = None
        self._known: dict[str, str] = {}
        self._signs: tuple[int, ...] = ()

    def lacking(self, environ: Mapping[str, str]) -> dict[str, str]:
        """Return the desktop's variables that `environ` has not; nothing where it has a display, or nobody answers."""
        if any(environ.get(name) for name in DISPLAYS):
            return {}
        now, signs = self._monotonic(), _signs(environ)
        if self._asked is None or now - self._asked >= self._keeps(signs):
            self._asked, self._signs, self._known = now, signs, _ask(environ)
        return {name: value for name, value in self._known.items() if not environ.get(name)}

    def _keeps(self, signs: tuple[int, ...]) -> float:
        """Return for how many seconds an answer holds; a time to come, after a clock set back, counts as new."""
        young = clock.now().timestamp() - max(signs) / NANOSECONDS < BEGINS_IN
        return KEPT_SECONDS if young or signs != self._signs else KEPT_AT_REST


def _signs(environ: Mapping[str, str]) -> tuple[int, ...]:
    """Return when a socket last came or went where displays have theirs, in nanoseconds since 1970; 0 for no folder."""
    return tuple(_changed(folder) for folder in (environ.get("XDG_RUNTIME_DIR", ""), X_SOCKETS))


def _changed(folder: str) -> int:
    try:
        return os.stat(folder).st_mtime_ns  # noqa: PTH116  # asked each turn, and a Path would be made for it alone
    except OSError:
        return 0


def _ask(environ: Mapping[str, str]) -> dict[str, str]:
    program = shutil.which("systemctl", path=environ.get("PATH", os.defpath)) if os.name == "posix" else None
    if program is None:
        return {}
    with suppress(OSError, subprocess.TimeoutExpired):
        told = subprocess.run(
            [program, "--user", "show-environment"],
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        if told.returncode == 0:
            return {name: value for name, value in parsed(told.stdout).items() if name in WANTED}
    return {}


def parsed(told: bytes) -> dict[str, str]:
    """Return the variables of `systemctl show-environment`, one a line, quoted where a shell would need it."""
    pairs = (line.partition("=") for line in os.fsdecode(told).splitlines())
    return {name: _unquoted(value) for name, equals, value in pairs if equals}


def _unquoted(value: str) -> str:
    found = QUOTED.fullmatch(value)
    if found is None:
        return value
    if found[1] is None:
        return re.sub(r"\\(.)", r"\1", found[2])
    return os.fsdecode(C_ESCAPE.sub(_meant, os.fsencode(found[1])))


def _meant(escape: re.Match[bytes]) -> bytes:
    if escape[1] or escape[2]:
        return bytes([int(escape[1], 16) if escape[1] else int(escape[2], 8) & 0xFF])
    return bytes([C_LETTERS.get(escape[3][0], escape[3][0])])
