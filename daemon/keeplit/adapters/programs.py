"""The person's own programs: what opens a file, and a terminal that runs a command of ours.

Law: programs are started by a list, never through a shell; on a Mac and on Windows, where a terminal takes a line of
text, it is made of words that hold letters, digits and a few harmless signs only.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

WORD = re.compile(r"[\w@%+=:,./\\-]+", re.ASCII)
# What desktops have, each with how it takes a command; the first is Debian's choice of the person.
TERMINALS: tuple[tuple[str, ...], ...] = (
    ("x-terminal-emulator", "-e"),
    ("gnome-terminal", "--"),
    ("kgx", "--"),
    ("konsole", "-e"),
    ("xfce4-terminal", "-x"),
    ("mate-terminal", "-x"),
    ("alacritty", "-e"),
    ("kitty",),
    ("foot",),
    ("xterm", "-e"),
)
# The command's last words stay on the screen until somebody has read them.
STAY = 'import subprocess, sys; subprocess.call(sys.argv[1:]); input("\\nEnter closes this window. ")'


def open_file(path: Path, environ: Mapping[str, str]) -> str:
    """Open a file in the person's editor; return what went wrong, empty where nothing did."""
    if not path.exists():
        return f"{path} does not exist yet."
    if sys.platform == "win32":
        os.startfile(path)  # noqa: S606  # Windows knows the program of a file
        return ""
    opener = "open" if sys.platform == "darwin" else "xdg-open"
    command = [opener, "-t", str(path)] if sys.platform == "darwin" else [opener, str(path)]
    if shutil.which(opener, path=environ.get("PATH")) is None:
        return f"No program opens files here ({opener} is missing); the file is {path}"
    return _started(command, environ)


def in_terminal(command: Sequence[str], environ: Mapping[str, str]) -> str:
    """Run a command in a terminal window that stays; return what went wrong, empty where nothing did."""
    typed = " ".join(command)
    if not all(WORD.fullmatch(word) for word in command):
        return f"Type it in a terminal: {typed}"
    if sys.platform == "darwin":
        script = f'tell application "Terminal"\nactivate\ndo script "{typed}"\nend tell'
        return _started(["osascript", "-e", script], environ)
    if sys.platform == "win32":
        return _started(["cmd", "/c", "start", "keeplit", "cmd", "/k", *command], environ)
    found = next((one for one in TERMINALS if shutil.which(one[0], path=environ.get("PATH"))), None)
    if found is None:
        return f"There is no terminal to open here. Type it in one: {typed}"
    return _started([*found, sys.executable, "-P", "-c", STAY, *command], environ)


def _started(command: Sequence[str], environ: Mapping[str, str]) -> str:
    try:
        subprocess.Popen(
            command,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        return f"{command[0]} could not be started: {error.strerror}."
    return ""
