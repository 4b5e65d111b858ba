"""A person's own status line command, run beside ours as Claude Code would run it: by a shell, with the same stdin.

Law: theirs never spoils ours. What fails, prints nothing, hangs or prints without end gives no rows, and whatever it
started is ended with it. It gets the very stdin that Claude Code gave, unread, and what it prints is read only so far.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress

from keeplit.core.statusline import INSIDE

PATIENCE = 2.0
"""Seconds; Claude Code starts the next one meanwhile, and has been seen to pile up slow ones."""
MOST_BYTES = 1 << 16
GLANCE = 0.05
"""Seconds between looks at a command that is over, while something it left in the background holds its output."""


def rows(command: str, stdin: int, environ: Mapping[str, str], patience: float = PATIENCE) -> str:
    """Return what the command prints when it is given an open file or `subprocess.DEVNULL`; empty where it fails."""
    try:
        process = subprocess.Popen(
            _shell(command, environ),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={**environ, INSIDE: "1"},
            start_new_session=os.name == "posix",
        )
    except (OSError, ValueError):
        return ""
    said = bytearray()
    reader = threading.Thread(target=_read, args=(process, said), daemon=True)
    reader.start()
    waited = 0.0
    while reader.is_alive() and waited < patience:
        over = process.poll() is not None
        reader.join(GLANCE)
        waited += GLANCE
        if over:
            break
    with suppress(subprocess.TimeoutExpired):
        process.wait(0 if waited >= patience or len(said) >= MOST_BYTES else patience - waited)
    if process.returncode is None:
        _end(process)
    return said.decode(errors="replace") if process.returncode == 0 else ""


def _read(process: "subprocess.Popen[bytes]", said: bytearray) -> None:
    """Read what is printed until it ends, or is too much."""
    if process.stdout is None:
        return
    with process.stdout as printed, suppress(OSError):
        while len(said) < MOST_BYTES and (more := printed.read(MOST_BYTES - len(said))):
            said += more


def _shell(command: str, environ: Mapping[str, str]) -> list[str] | str:
    if sys.platform == "win32":
        return f'"{environ.get("COMSPEC", "cmd.exe")}" /d /s /c "{command}"'
    return ["/bin/sh", "-c", command]


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End what was started, and all that it started: it leads a group of its own."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
