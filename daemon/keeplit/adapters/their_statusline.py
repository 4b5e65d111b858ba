"""A person's own status line command, run beside ours as Claude Code would run it: by the same shell and stdin.

Source of the shell: Claude Code's documentation of `statusLine`; on Windows it is the bash of Git, else PowerShell.

Law: theirs never spoils ours. What fails, prints nothing or prints without end gives no rows, and what takes too long
says so instead of its rows, since Claude Code alone would have shown them some time. Whatever it started is ended with
it. It gets the very stdin that Claude Code gave, unread, and what it prints is read only so far.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress

from keeplit.core.statusline import INSIDE

PATIENCE = 2.0
"""Seconds; Claude Code starts the next one meanwhile, and has been seen to pile up slow ones."""
TOO_SLOW = "(your own status line takes over {patience:g} s)"
MOST_BYTES = 1 << 16
GLANCE = 0.05
"""Seconds between looks at a command that is over, while something it left in the background holds its output."""


def rows(command: str, stdin: int, environ: Mapping[str, str], patience: float = PATIENCE) -> str:
    """Return what the command prints when it is given an open file or `subprocess.DEVNULL`; empty where it fails."""
    try:
        process = subprocess.Popen(
            _shell(command, environ, windows=os.name == "nt"),
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
        return "" if len(said) >= MOST_BYTES else TOO_SLOW.format(patience=patience)
    return said.decode(errors="replace") if process.returncode == 0 else ""


def _read(process: "subprocess.Popen[bytes]", said: bytearray) -> None:
    """Read what is printed until it ends, or is too much."""
    if process.stdout is None:
        return
    with process.stdout as printed, suppress(OSError):
        while len(said) < MOST_BYTES and (more := printed.read(MOST_BYTES - len(said))):
            said += more


def _shell(command: str, environ: Mapping[str, str], *, windows: bool) -> list[str]:
    if not windows:
        return ["/bin/sh", "-c", command]
    bash = next((path for path in _bashes(environ) if os.path.isfile(path)), None)  # noqa: PTH113  # pathlib is slow
    return [bash, "-c", command] if bash else ["powershell.exe", "-NoProfile", "-NonInteractive", "-Command", command]


def _bashes(environ: Mapping[str, str]) -> Iterator[str]:
    """Give where the bash of Git may lie on Windows: as Claude Code is told, beside git, where Git installs itself."""
    yield environ.get("CLAUDE_CODE_GIT_BASH_PATH", "")
    for folder in environ.get("PATH", "").split(os.pathsep):
        if folder.rstrip("/\\").lower().endswith(("git\\cmd", "git/cmd")):
            yield os.path.join(folder, "..", "bin", "bash.exe")  # noqa: PTH118
    for name, below in (("ProgramFiles", "Git"), ("LOCALAPPDATA", "Programs/Git")):
        if environ.get(name):
            yield os.path.join(environ[name], *below.split("/"), "bin", "bash.exe")  # noqa: PTH118


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End what was started, and all that it started: it leads a group of its own."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
