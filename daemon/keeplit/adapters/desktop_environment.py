"""What a service lacks of the desktop: display, bus and session, as systemd's user manager has learned them since.

Law: it is asked only where no display is in the environment, at most every 30 s, and within 2 s. A service that runs
never gets what a session imports later; the manager has it.
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
KEPT_SECONDS = 30.0  # less than the longest wait between two turns: each looks anew
PATIENCE = 2.0
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

    def lacking(self, environ: Mapping[str, str]) -> dict[str, str]:
        """Return the desktop's variables that `environ` has not; nothing where it has a display, or nobody answers."""
        if any(environ.get(name) for name in DISPLAYS):
            return {}
        now = self._monotonic()
        if self._asked is None or now - self._asked >= KEPT_SECONDS:
            self._asked, self._known = now, _ask(environ)
        return {name: value for name, value in self._known.items() if not environ.get(name)}


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
